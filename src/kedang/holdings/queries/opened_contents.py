"""Every byte of records opened, packs mapped into memory, large contents by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_of, digest_of_range, key_of, original_bytes
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.intake.plain import StoredRecord
from kedang.holdings.models import Segment
from kedang.holdings.queries.faults import CONTENT_DIFFERS, KEY_MISSING, Verification
from kedang.holdings.queries.shared_checks import usual_processes
from kedang.records.errors import KedangError
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.folder_store import MappedStore
from kedang.vault.pack import Pointer, pack_name, read_blob
from kedang.vault.stream import open_through

LARGE_BYTES = 1 << 20  # of a content that is worth a thread
AHEAD = 64  # large contents on their way or waiting for their turn; what waits holds a row alone


class Opening:
    """Opens one record after another; what is large is digested meanwhile by threads, which touch no row or key."""

    def __init__(
        self, archive: Archive, mapped: MappedStore, threads: ThreadPoolExecutor, found: Verification
    ) -> None:
        self._archive = replace(archive, store=mapped)
        self._mapped = mapped
        self._threads = threads
        self._found = found
        self._waiting: deque[tuple[StoredRecord, Future[bytes]]] = deque()

    def open(self, record: StoredRecord) -> None:
        """Every byte opens, and the digest is the one that was committed to."""
        if record.segments or record.content_length < LARGE_BYTES:
            self._settle(record, None)
            return
        try:
            key = key_of(self._archive, record)
        except (KedangError, KeyError):
            self._settle(record, None)
            return
        future = self._threads.submit(_digest, self._mapped, key, *_content_of(self._archive, record))
        self._waiting.append((record, future))
        if len(self._waiting) > AHEAD:
            self._settle(*self._waiting.popleft())

    def finish(self) -> None:
        """Wait for what is on its way."""
        while self._waiting:
            self._settle(*self._waiting.popleft())

    def _settle(self, record: StoredRecord, future: Future[bytes] | None) -> None:
        archive, name = self._archive, f"record/{record.id}"
        try:
            key = key_of(archive, record)
            digest = future.result() if future is not None else self._whole_digest(record, key)
            said = archive.open(key, record.id, "record.sealed", record.sealed)
            derived_of(archive, record, key)
            mentions_of_record(archive, record, key)
        except (KedangError, KeyError) as error:
            code = error.code if isinstance(error, KedangError) else KEY_MISSING
            self._found.add(code, record.id, name=name, records=(record.id,))
            return
        if record.derived_length:
            self._found.note_opened(record.derived_pack, record.derived_offset)
        if record.mentions_length:
            self._found.note_opened(record.derived_pack, record.mentions_offset)
        if not record.segments:
            self._found.note_opened(record.content_pack, record.content_offset)
        if not self._is_as_committed(record, said, digest):
            self._found.add(CONTENT_DIFFERS, record.id, name=name, records=(record.id,))

    def _is_as_committed(self, record: StoredRecord, said: Mapping[str, Any], digest: bytes) -> bool:
        """Whether the content is what was committed to; of one with holes, whether each range is what it was."""
        if "salt" in said:
            expected = sha256(bytes.fromhex(said["salt"]) + digest).digest()
            return expected == bytes(record.commitment) or _has_holes(self._archive, record)
        try:
            ranges = Segment.objects.filter(case_id=self._archive.case_id, record_id=record.id)
            found = [
                digest_of_range(self._archive, one) if one.key_id else ""
                for one in ranges.order_by("ordinal")
            ]
        except (KedangError, KeyError):
            return False
        return len(found) == len(said["digests"]) and all(
            one in ("", there) for one, there in zip(found, said["digests"], strict=True)
        )

    def _whole_digest(self, record: StoredRecord, key: bytes) -> bytes:
        if not record.segments:
            pointer, binding = _content_of(self._archive, record)
            return sha256(open_bytes(key, read_blob(self._mapped, pointer), binding=binding)).digest()
        digest = sha256()
        for piece in original_bytes(self._archive, record, zeros_for_destroyed=True):
            digest.update(piece)
        return digest.digest()


@contextmanager
def opening(archive: Archive, found: Verification) -> Iterator[Opening]:
    """What opens records; `finish` waits for those that are on their way when the last has been given."""
    with MappedStore(archive.store) as mapped:
        threads = ThreadPoolExecutor(usual_processes())
        try:
            yield Opening(archive, mapped, threads, found)
        finally:
            threads.shutdown(cancel_futures=True)


def _content_of(archive: Archive, record: StoredRecord) -> tuple[Pointer, Binding]:
    """Where a content that is one blob lies, and whose it is."""
    pointer = Pointer(PackId(record.content_pack), record.content_offset, record.content_length)
    return pointer, Binding(archive.case_id, record.id, Role.CONTENT)


def _digest(store: MappedStore, key: bytes, pointer: Pointer, binding: Binding) -> bytes:
    digest = sha256()
    sealed = store.view(pack_name(pointer.pack), pointer.offset, pointer.length)
    open_through(key, sealed, digest.update, binding=binding)
    return digest.digest()


def _has_holes(archive: Archive, record: StoredRecord) -> bool:
    holes = Segment.objects.filter(case_id=archive.case_id, record_id=record.id, key_id="")
    return bool(record.segments) and holes.exists()
