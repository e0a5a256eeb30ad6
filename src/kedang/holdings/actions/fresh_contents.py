"""Records sealed again under fresh keys: a batch into one pack, then one transaction that points to it.

1. contents, ranges and derived parts are opened under the old keys and sealed under new ones into a pack, whose
   every byte is read back when it is durable;
2. the new keys lie in pages of their own, under the same names;
3. one transaction: if every record still lies where it was read from, its row, its ranges and the names of its
   places change over; else nothing does, and the batch is begun anew.

Nothing of the old pages and packs is touched. What a crash leaves is an unreferenced pack and page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO, cast

from django.db import transaction
from django.db.models import QuerySet

from kedang.holdings.actions.fresh_pairs import ties_of_records
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_payload, key_of, original_bytes, range_stream
from kedang.holdings.adapters.guarding import (
    guarded,
    occurrence_mac,
    require_as_written,
    rewrite,
    segment_mac,
)
from kedang.holdings.adapters.kept_mentions import mentions_payload
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.adapters.record_columns import RECORD_SEALED, mac_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.intake.plain import RecordRow, read_records
from kedang.holdings.intake.rows import OCCURRENCE_SEALED
from kedang.holdings.models import Occurrence, Pack, Record, Segment
from kedang.ledger.commitments import content_commitment
from kedang.pipeline.contents import PIECE_BYTES, PieceStream
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.errors import BlobDamaged, PackDamaged, RowAltered
from kedang.vault.pack import PackWriter, Pointer, verify_pack, writing_pack
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES

ROWS_AT_ONCE = 500
POINTERS = (
    "key_page",
    "content_pack",
    "content_offset",
    "content_length",
    "derived_pack",
    "derived_offset",
    "derived_length",
    "mentions_offset",
    "mentions_length",
)
"""Columns of a record that say where its key and its blobs are."""


class MovedMeanwhile(Exception):
    """A record of the batch lies elsewhere than it was read from; caught where batches are made."""


@dataclass(slots=True)
class FreshRecord:
    """One record sealed under fresh keys in a durable pack."""

    row: RecordRow
    """As it was read."""
    key: bytes = field(repr=False)
    content: Pointer | None = None
    derived: Pointer | None = None
    mentions: Pointer | None = None
    range_keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    """By holder: those of ranges that have keys of their own."""
    ranges: dict[int, tuple[Segment, Pointer]] = field(default_factory=dict)
    """By row of a range, as it was read."""


def seal_records(archive: Archive, records: Iterable[RecordRow], *, now: datetime) -> tuple[int, int]:
    """Seal records again until a pack is full, and point their rows to it; how many, and their padded bytes.

    Raises:
        BlobDamaged, PackDamaged: a content is not what was committed to, or not what was written.
        RowAltered: somebody has edited a row outside kedang.
        MovedMeanwhile: another process has given one of them other parts; nothing was changed.
    """
    pack_id = reserve_pack(archive, now=now)
    fresh: list[FreshRecord] = []
    with writing_pack(archive.store, pack_id, archive.case_id) as pack:
        desk = _Desk(archive, pack)
        for row in records:
            fresh.append(desk.seal_record(row))
            if pack.is_full:
                break
        sizes = {"size_bytes": pack.size_bytes, "blobs": pack.count}
    if verify_pack(archive.store, pack_id, archive.case_id):
        raise PackDamaged(pack=pack_id)
    keys = {one.row.id: one.key for one in fresh}
    for one in fresh:
        keys |= one.range_keys
    pages = archive.write_pages(keys)
    with transaction.atomic():
        archive.keep_pages(pages)
        rewrite(archive, Pack.objects.filter(id=pack_id), state="kept", **sizes)
        _point(archive, fresh, pages)
    return len(fresh), sum(one.row.padded_bytes for one in fresh)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Opens under the old keys and seals under the new ones."""

    archive: Archive
    pack: PackWriter

    def seal_record(self, row: RecordRow) -> FreshRecord:
        """Everything of one record."""
        archive = self.archive
        fresh = FreshRecord(row, archive.new_key())
        said = archive.open(key_of(archive, row), row.id, RECORD_SEALED, row.sealed)
        if row.segments:
            digest = self._seal_ranges(fresh)
        else:
            pieces = _Digested(original_bytes(archive, row))
            fresh.content = self._seal(fresh.key, row.id, Role.CONTENT, 0, pieces)
            digest = pieces.digest
        if digest and "salt" in said:
            committed = content_commitment(digest, salt=bytes.fromhex(said["salt"]))
            if committed != bytes(row.commitment):
                raise BlobDamaged(record=row.id, role=Role.CONTENT, part=0, chunk=0)
        if row.derived_length:
            fresh.derived = self._seal_text(fresh, Role.TEXT, derived_payload(archive, row))
        if row.mentions_length:
            fresh.mentions = self._seal_text(fresh, Role.MENTIONS, mentions_payload(archive, row))
        return fresh

    def _seal_text(self, fresh: FreshRecord, role: Role, octets: bytes) -> Pointer:
        blob = self._sealed(fresh.key, fresh.row.id, role, 0, octets, compress=True)
        return self.pack.append(blob, record=fresh.row.id, role=role)

    def _seal_ranges(self, fresh: FreshRecord) -> bytes:
        """Every range that lives; the digest of the whole, nothing when it has holes."""
        archive, whole, holes = self.archive, sha256(), False
        rows = Segment.objects.filter(case_id=archive.case_id, record_id=fresh.row.id).order_by("ordinal")
        for segment in rows.iterator(chunk_size=ROWS_AT_ONCE):
            if not segment.key_id:
                holes = True
                continue
            key = fresh.key
            if segment.key_id != fresh.row.id:
                key = fresh.range_keys.setdefault(segment.key_id, archive.new_key())
            with range_stream(archive, segment) as opened:
                pieces = _Digested(iter(lambda opened=opened: opened.read(PIECE_BYTES), b""), whole)  # type: ignore[misc]
                pointer = self._seal(key, segment.key_id, Role.SEGMENT, segment.ordinal, pieces)
            fresh.ranges[segment.id] = (segment, pointer)
        return b"" if holes else whole.digest()

    def _seal(self, key: bytes, holder: str, role: Role, part: int, pieces: Iterator[bytes]) -> Pointer:
        """What is short in one call, anything else as a stream."""
        first = next(pieces, b"")
        second = next(pieces, b"") if first else b""
        if not second:
            blob = self._sealed(key, holder, role, part, first)
            return self.pack.append(blob, record=holder, role=role, part=part)
        with self.pack.appending(record=holder, role=role, part=part) as sink:
            seal_stream(
                key,
                cast(BinaryIO, io.BufferedReader(PieceStream(_chain(first, second, pieces)), PIECE_BYTES)),
                sink.write,
                binding=Binding(self.archive.case_id, holder, role, part),
                salt=self.archive.random_bytes(SALT_BYTES),
                suite=self.archive.suite,
            )
        return sink.pointer

    def _sealed(
        self, key: bytes, holder: str, role: Role, part: int, octets: bytes, *, compress: bool = False
    ) -> bytes:
        return seal_bytes(
            key,
            octets,
            binding=Binding(self.archive.case_id, holder, role, part),
            salt=self.archive.random_bytes(SALT_BYTES),
            suite=self.archive.suite,
            compress=compress,
        )


class _Digested:
    """Pieces on their way, digested."""

    def __init__(self, pieces: Iterator[bytes], into: object = None) -> None:
        self._pieces = pieces
        self._digest = into if into is not None else sha256()

    def __iter__(self) -> _Digested:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._digest.update(piece)  # type: ignore[attr-defined]
        return piece

    @property
    def digest(self) -> bytes:
        """Of what has passed so far."""
        return self._digest.digest()  # type: ignore[attr-defined,no-any-return]


def _chain(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _point(archive: Archive, fresh: list[FreshRecord], pages: NewPages) -> None:
    """The rows of a batch change over, all or none."""
    ids = [one.row.id for one in fresh]
    rows = {row.id: row for row in read_records(Record.objects.filter(id__in=ids))}
    old_keys = {one.row.id: key_of(archive, one.row) for one in fresh}
    ties = ties_of_records(archive, ids)
    for one in fresh:
        row = rows[one.row.id]
        if any(getattr(row, name) != getattr(one.row, name) for name in POINTERS):
            raise MovedMeanwhile
        if mac_of(archive, row) != bytes(row.mac):
            raise RowAltered(table="record")
        said = archive.open(old_keys[row.id], row.id, RECORD_SEALED, row.sealed)
        row.sealed = archive.seal(one.key, row.id, RECORD_SEALED, said)
        row.key_page = pages[row.id].id
        if one.content is not None:
            row.content_pack = one.content.pack
            row.content_offset, row.content_length = one.content.offset, one.content.length
        if one.derived is not None:
            row.derived_pack = one.derived.pack
            row.derived_offset, row.derived_length = one.derived.offset, one.derived.length
        if one.mentions is not None:
            row.mentions_offset, row.mentions_length = one.mentions.offset, one.mentions.length
        row.mac = mac_of(archive, row)
        _point_ranges(archive, one, pages)
    update_rows(Record, list(rows.values()), (*POINTERS, "sealed", "mac"))
    keys = {one.row.id: (old_keys[one.row.id], one.key) for one in fresh}
    places = Occurrence.objects.filter(record_id__in=ids).order_by("id")
    seal_places(archive, places, keys, "record_id")
    ties.seal_again()


def _point_ranges(archive: Archive, one: FreshRecord, pages: NewPages) -> None:
    """The ranges of one container; those that have become holes are left alone."""
    ids = list(one.ranges)
    for start in range(0, len(ids), ROWS_AT_ONCE):
        rows = list(Segment.objects.filter(id__in=ids[start : start + ROWS_AT_ONCE]))
        for row in rows:
            was, pointer = one.ranges[row.id]
            require_as_written(segment_mac, archive, row)
            if (row.key_id, row.key_page, row.pack, row.offset) != (
                was.key_id,
                was.key_page,
                was.pack,
                was.offset,
            ):
                raise MovedMeanwhile
            row.key_page = pages[row.key_id].id
            row.pack, row.offset, row.length = PackId(pointer.pack), pointer.offset, pointer.length
            guarded(archive, row)
        update_rows(Segment, rows, ("key_page", "pack", "offset", "length", "mac"))


def seal_places(
    archive: Archive,
    places: QuerySet[Occurrence],
    keys: dict[str, tuple[bytes, bytes]],
    holder: str,
) -> None:
    """The names of places under the new keys of their holders, in the caller's transaction.

    `holder` is the column that names whose key they are sealed under; `keys` has its old key and its new one.
    """
    rows: list[Occurrence] = []
    for place in places.iterator(chunk_size=ROWS_AT_ONCE):
        old, new = keys[getattr(place, holder)]
        require_as_written(occurrence_mac, archive, place)
        said = archive.open(old, place.id, OCCURRENCE_SEALED, place.sealed)
        place.sealed = archive.seal(new, place.id, OCCURRENCE_SEALED, said)
        rows.append(guarded(archive, place))
        if len(rows) == ROWS_AT_ONCE:
            update_rows(Occurrence, rows, ("sealed", "mac"))
            rows = []
    update_rows(Occurrence, rows, ("sealed", "mac"))
