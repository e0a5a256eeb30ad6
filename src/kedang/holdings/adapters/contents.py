"""Sealed content opened again: originals, derived payloads, and both as items for workers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from django.core.exceptions import ObjectDoesNotExist

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import RecordDestroyed, SegmentDestroyed
from kedang.holdings.intake.plain import OpenableRecord, SealedRecord
from kedang.holdings.models import Record, Segment
from kedang.pipeline.contents import PIECE_BYTES, PieceStream
from kedang.pipeline.derived import Derived, decode
from kedang.pipeline.items import INLINE_BYTES, Item
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.pack import Pointer, blob_range, read_blob
from kedang.vault.spool import write_spool
from kedang.vault.stream import open_stream

DESTROYED = "destroyed"
"""State of a record whose keys have ended."""


def key_of(archive: Archive, record: SealedRecord) -> bytes:
    """The record's key.

    Raises:
        RecordDestroyed: there is none any more, though there was when its row was read.
    """
    if not record.key_page:
        raise RecordDestroyed(record=record.id)
    try:
        return archive.key(record.key_page, record.id)
    except (KeyError, ObjectDoesNotExist) as error:
        if Record.objects.filter(id=record.id, state=DESTROYED).exists():
            raise RecordDestroyed(record=record.id) from error
        raise


def original_bytes(
    archive: Archive, record: OpenableRecord, *, zeros_for_destroyed: bool = False
) -> Iterator[bytes]:
    """The original, piece by piece; no byte is given that has not been checked.

    Raises:
        SegmentDestroyed: a member that lay in it has been destroyed, and zeros were not asked for.
    """
    for stream in _streams(archive, record, zeros_for_destroyed=zeros_for_destroyed):
        with stream as opened:
            while piece := opened.read(PIECE_BYTES):
                yield piece


def require_no_hole(archive: Archive, record: Record) -> None:
    """Nothing when all bytes of the record are there.

    Raises:
        SegmentDestroyed: something that lay in it has been destroyed.
    """
    rows = Segment.objects.filter(case_id=archive.case_id, record_id=record.id, key_id="")
    hole = rows.order_by("ordinal").first()
    if hole is not None:
        raise SegmentDestroyed(record=record.id, ordinal=hole.ordinal)


def _streams(
    archive: Archive, record: OpenableRecord, *, zeros_for_destroyed: bool
) -> Iterator[AbstractContextManager[BinaryIO]]:
    key = key_of(archive, record)
    if not record.segments:
        binding = Binding(archive.case_id, record.id, Role.CONTENT)
        pointer = Pointer(PackId(record.content_pack), record.content_offset, record.content_length)
        yield open_stream(key, blob_range(archive.store, pointer), binding=binding)
        return
    rows = Segment.objects.filter(case_id=archive.case_id, record_id=record.id).order_by("ordinal")
    sizes = range_sizes(archive, record, key) if zeros_for_destroyed else ()
    for row in rows.iterator(chunk_size=500):
        if row.key_id:
            yield range_stream(archive, row)
        elif zeros_for_destroyed:
            yield _zeros(sizes[row.ordinal])
        else:
            raise SegmentDestroyed(record=record.id, ordinal=row.ordinal)


def range_stream(archive: Archive, row: Segment) -> BinaryIO:
    """The bytes of one range of a container."""
    binding = Binding(archive.case_id, row.key_id, Role.SEGMENT, row.ordinal)
    pointer = Pointer(PackId(row.pack), row.offset, row.length)
    key = archive.key(row.key_page, row.key_id)
    return open_stream(key, blob_range(archive.store, pointer), binding=binding)


def digest_of_range(archive: Archive, row: Segment) -> str:
    """SHA-256 of the bytes of a range, hexadecimal."""
    digest = sha256()
    with range_stream(archive, row) as opened:
        while piece := opened.read(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def range_sizes(archive: Archive, record: OpenableRecord, key: bytes) -> tuple[int, ...]:
    """How many bytes each range of a container has, or had before it was destroyed; `key` is the container's."""
    said = archive.open(key, record.id, "record.sealed", record.sealed)
    return tuple(said["ranges"]) if record.segments else ()


def _zeros(size_bytes: int) -> BinaryIO:
    piece = bytes(min(size_bytes, PIECE_BYTES))
    pieces = (piece[: size_bytes - at] for at in range(0, size_bytes, PIECE_BYTES))
    return cast(BinaryIO, io.BufferedReader(PieceStream(pieces), PIECE_BYTES))


def remaining_bytes(archive: Archive, record: Record) -> Iterator[bytes]:
    """The original without what has been destroyed of it, piece by piece."""
    rows = Segment.objects.filter(case_id=archive.case_id, record_id=record.id).order_by("ordinal")
    if not record.segments:
        yield from original_bytes(archive, record)
    for row in rows.exclude(key_id="").iterator(chunk_size=500):
        with range_stream(archive, row) as opened:
            while piece := opened.read(PIECE_BYTES):
                yield piece


def derived_payload(archive: Archive, record: SealedRecord, key: bytes | None = None) -> bytes:
    """The derived payload as it was encoded; empty when the record could not be examined.

    `key` opens a payload that was sealed for the record and is not the record's yet.
    """
    if not record.derived_length:
        return b""
    pointer = Pointer(PackId(record.derived_pack), record.derived_offset, record.derived_length)
    binding = Binding(archive.case_id, record.id, Role.TEXT)
    return open_bytes(key or key_of(archive, record), read_blob(archive.store, pointer), binding=binding)


def derived_of(archive: Archive, record: SealedRecord, key: bytes | None = None) -> Derived | None:
    """Everything read and concluded of a record; None when it could not be examined."""
    payload = derived_payload(archive, record, key)
    return decode(payload) if payload else None


def item_of(
    archive: Archive,
    record: Record,
    *,
    ticket: int,
    name: str,
    folders: tuple[str, ...],
    process_key: bytes,
    spools: Path,
) -> Item:
    """The record's bytes for a worker: in memory while few, else sealed under the process key."""
    about = Item(ticket, name, folders, 0)
    return _with_bytes(archive, about, original_bytes(archive, record), process_key, spools)


def item_of_rest(archive: Archive, record: Record, derived: Derived, process_key: bytes) -> Item:
    """What is left of a record's bytes, for a worker."""
    about = Item(1, derived.name, derived.folders, 0)
    return _with_bytes(archive, about, remaining_bytes(archive, record), process_key, archive.home.work)


def _with_bytes(
    archive: Archive, about: Item, pieces: Iterator[bytes], process_key: bytes, spools: Path
) -> Item:
    head: list[bytes] = []
    size = 0
    for piece in pieces:
        head.append(piece)
        size += len(piece)
        if size > INLINE_BYTES:
            break
    else:
        return replace(about, size_bytes=size, data=b"".join(head))
    spools.mkdir(mode=0o700, parents=True, exist_ok=True)  # a running intake has made it, and sweeps it
    path = spools / f"{archive.new_id()}.spool"
    stream = PieceStream(_chained(head, pieces))
    write_spool(
        path,
        process_key,
        cast(BinaryIO, io.BufferedReader(stream, PIECE_BYTES)),
        random_bytes=archive.random_bytes,
    )
    return replace(about, size_bytes=stream.count, spool=str(path))


def _chained(head: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from head
    yield from rest
