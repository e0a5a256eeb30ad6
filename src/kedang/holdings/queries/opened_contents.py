"""Every byte of records opened, packs mapped into memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

from blake3 import blake3

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_of, digest_of_range, original_bytes
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.adapters.record_columns import RECORD_SEALED
from kedang.holdings.intake.plain import StoredRecord
from kedang.holdings.models import Segment
from kedang.holdings.queries.faults import CONTENT_DIFFERS, KEY_MISSING, Verification
from kedang.ledger.commitments import content_commitment, salt_bound_to
from kedang.records.errors import KedangError
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.folder_store import MappedStore
from kedang.vault.pack import pack_name
from kedang.vault.stream import open_through

LARGE_BYTES = 1 << 20  # of a sealed content that is digested piece by piece


class Opening:
    """Opens one record after another."""

    def __init__(self, archive: Archive, mapped: MappedStore, found: Verification) -> None:
        self._archive = replace(archive, store=mapped)
        self._mapped = mapped
        self._found = found

    def open(self, record: StoredRecord, key: bytes) -> None:
        """Every byte opens with the record's key, and the digest is the one that was committed to."""
        archive, name = self._archive, f"record/{record.id}"
        try:
            said = archive.open(key, record.id, RECORD_SEALED, record.sealed)
            digest = self._digest_of_ranges(record) if record.segments else self._digest(record, key, said)
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
            expected = content_commitment(digest, salt=bytes.fromhex(said["salt"]))
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

    def _digest(self, record: StoredRecord, key: bytes, said: Mapping[str, Any]) -> bytes:
        """SHA-256 of a content that is one blob; of one that has a faster digest, what was said when that is right."""
        place = pack_name(PackId(record.content_pack)), record.content_offset, record.content_length
        binding = Binding(self._archive.case_id, record.id, Role.CONTENT)
        if record.content_length < LARGE_BYTES:
            return sha256(open_bytes(key, self._mapped.read(*place), binding=binding)).digest()
        fixity = said.get("fixity")
        digest, sealed = sha256() if fixity is None else blake3(), self._mapped.view(*place)
        open_through(key, sealed, digest.update, binding=binding)
        return digest.digest() if fixity is None else _bound(said["salt"], fixity, digest.digest())

    def _digest_of_ranges(self, record: StoredRecord) -> bytes:
        digest = sha256()
        for piece in original_bytes(self._archive, record, zeros_for_destroyed=True):
            digest.update(piece)
        return digest.digest()


def _bound(salt: str, fixity: Mapping[str, str], faster: bytes) -> bytes:
    """The SHA-256 that was said of a content with this faster digest; nothing when the salt is not bound to it."""
    if salt_bound_to(faster, seed=bytes.fromhex(fixity["seed"])).hex() != salt:
        return b""
    return bytes.fromhex(fixity["sha256"])


@contextmanager
def opening(archive: Archive, found: Verification) -> Iterator[Opening]:
    """What opens records."""
    with MappedStore(archive.store) as mapped:
        yield Opening(archive, mapped, found)


def _has_holes(archive: Archive, record: StoredRecord) -> bool:
    holes = Segment.objects.filter(case_id=archive.case_id, record_id=record.id, key_id="")
    return bool(record.segments) and holes.exists()
