"""Sealed content opened again: originals, derived payloads, and both as items for workers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, cast

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record, Segment
from kedang.pipeline.contents import PIECE_BYTES, PieceStream
from kedang.pipeline.derived import Derived, decode
from kedang.pipeline.messages import INLINE_BYTES, Item
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.pack import Pointer, blob_range, read_blob
from kedang.vault.spool import write_spool
from kedang.vault.stream import open_stream


def key_of(archive: Archive, record: Record) -> bytes:
    """The record's key."""
    return archive.key(record.key_page, record.id)


def original_bytes(archive: Archive, record: Record) -> Iterator[bytes]:
    """The original, piece by piece; no byte is given that has not been checked."""
    for stream in _streams(archive, record):
        with stream as opened:
            while piece := opened.read(PIECE_BYTES):
                yield piece


def _streams(archive: Archive, record: Record) -> Iterator[AbstractContextManager[BinaryIO]]:
    if not record.segments:
        binding = Binding(archive.case_id, record.id, Role.CONTENT)
        pointer = Pointer(PackId(record.content_pack), record.content_offset, record.content_length)
        yield open_stream(key_of(archive, record), blob_range(archive.store, pointer), binding=binding)
        return
    rows = Segment.objects.filter(case_id=archive.case_id, record_id=record.id).order_by("ordinal")
    for row in rows.iterator(chunk_size=500):
        page = row.key_page or record.key_page
        binding = Binding(archive.case_id, row.key_id, Role.SEGMENT, row.ordinal)
        pointer = Pointer(PackId(row.pack), row.offset, row.length)
        yield open_stream(archive.key(page, row.key_id), blob_range(archive.store, pointer), binding=binding)


def derived_payload(archive: Archive, record: Record) -> bytes:
    """The derived payload as it was encoded; empty when the record could not be examined."""
    pointer = Pointer(PackId(record.derived_pack), record.derived_offset, record.derived_length)
    binding = Binding(archive.case_id, record.id, Role.TEXT)
    return open_bytes(key_of(archive, record), read_blob(archive.store, pointer), binding=binding)


def derived_of(archive: Archive, record: Record) -> Derived | None:
    """Everything read and concluded of a record; None when it could not be examined."""
    payload = derived_payload(archive, record)
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
    pieces = original_bytes(archive, record)
    head: list[bytes] = []
    size = 0
    for piece in pieces:
        head.append(piece)
        size += len(piece)
        if size > INLINE_BYTES:
            break
    else:
        return Item(ticket, name, folders, size, data=b"".join(head))
    path = spools / f"{archive.new_id()}.spool"
    stream = PieceStream(_chained(head, pieces))
    write_spool(
        path,
        process_key,
        cast(BinaryIO, io.BufferedReader(stream, PIECE_BYTES)),
        random_bytes=archive.random_bytes,
    )
    return Item(ticket, name, folders, stream.count, spool=str(path))


def _chained(head: list[bytes], rest: Iterator[bytes]) -> Iterator[bytes]:
    yield from head
    yield from rest
