"""A delimited text sealed again without some of its rows.

Everything that can fail is done before the order: the rows' bytes are found and what is left is read again by
a parsing process, compared with what was read before, and sealed under a new key into a pack of its own. The
order then only notes it; at the switch the row of the record takes it over and its old key ends. Every byte
that stays keeps its place: where a row was is a hole of its size.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from kedang.holdings.actions.epochs import Doomed
from kedang.holdings.actions.intake import PARSER_MEMORY_BYTES, PATIENCE_SECONDS
from kedang.holdings.adapters.archive import Archive, said_bytes
from kedang.holdings.adapters.column_meanings import words_of_record
from kedang.holdings.adapters.contents import (
    derived_payload,
    item_of_rest,
    key_of,
    range_sizes,
    range_stream,
    remaining_bytes,
)
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.names import own_names, own_numbers
from kedang.holdings.adapters.record_columns import RECORD_SEALED
from kedang.holdings.adapters.taking_rows import take_rows
from kedang.holdings.errors import RowsUnclear
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.intake.rows import OCCURRENCE_SEALED, title_and_salt
from kedang.holdings.models import Occurrence, Order, Pack, Record, Resealed, Segment
from kedang.holdings.queries.destruction import PlannedDestruction
from kedang.holdings.queries.rows import table_of
from kedang.ledger.commitments import content_commitment
from kedang.pipeline.derived import Derived, decode
from kedang.pipeline.messages import Examined, RowsRequest, RowsTaken, WorkerSetup
from kedang.records.content import Table
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.pack import PackWriter, pack_name, writing_pack
from kedang.vault.suites import SALT_BYTES

COLUMN = "resealed.sealed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the record's bytes: how long it is, and where it is sealed; nowhere when it is a hole."""

    size: int
    offset: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a record, sealed and ready to take its place."""

    record: str
    heir: str
    key: bytes = field(repr=False)
    pack: PackId
    size_bytes: int
    """Of the pack."""
    blobs: int
    said: dict[str, Any] = field(repr=False)
    """What its sealed column will hold."""


def reseal(
    archive: Archive, plan: PlannedDestruction, *, now: datetime, name_model: bool = True
) -> tuple[Rest, ...]:
    """What is left of every record that loses rows, durable; nothing refers to it yet.

    Raises:
        RowsUnclear: which bytes the rows are cannot be told for certain.
    """
    going = {one.record_id: one.rows for one in plan.going() if one.rows}
    if not going:
        return ()
    setup = WorkerSetup(
        process_key=archive.random_bytes(32),
        work_folder=str(archive.home.work),
        own_names=own_names(archive),
        own_numbers=own_numbers(archive),
        name_model=name_model,
        understand=True,
        max_memory_bytes=PARSER_MEMORY_BYTES,
    )
    made = []
    with take_rows(archive.home.work, setup, patience_seconds=PATIENCE_SECONDS) as ask:
        for record in (row for rows in with_ids(Record, sorted(going)) for row in rows.order_by("id")):
            payload = derived_payload(archive, record)
            base = decode(payload)
            item = item_of_rest(archive, record, base, setup.process_key)
            wanted = tuple(row - 1 for row in going[record.id])
            try:
                taken = ask(RowsRequest(item, payload, wanted, words_of_record(archive, record.id)))
            finally:
                if item.spool is not None:
                    Path(item.spool).unlink(missing_ok=True)
            made.append(_sealed(archive, record, base, wanted, taken, now=now))
    return tuple(made)


def _sealed(
    archive: Archive, record: Record, base: Derived, wanted: Sequence[int], taken: RowsTaken, *, now: datetime
) -> Rest:
    rest = taken.rest
    if rest is None or not _is_the_rest(base, decode(rest.derived), wanted):
        raise RowsUnclear(record=record.id)
    octets = b"".join(remaining_bytes(archive, record))
    pieces = list(_cut(octets, taken.ranges))
    if sha256(b"".join(piece for piece, there in pieces if there)).digest() != rest.sha256:
        raise RowsUnclear(record=record.id)
    return seal_rest(archive, record, rest, _with_older_holes(archive, record, pieces), now=now)


def _is_the_rest(base: Derived, rest: Derived, wanted: Sequence[int]) -> bool:
    """Whether exactly these rows are missing; headers left alone may be read as a row."""
    before, after = table_of(base), table_of(rest)
    if before is None or after is None:
        return False
    gone = set(wanted)
    expected = Counter(row for place, row in enumerate(before.rows) if place not in gone)
    expected.update(_headers(before))
    found = Counter(after.rows)
    found.update(_headers(after))
    return expected == found


def _headers(table: Table) -> tuple[tuple[str, ...], ...]:
    return (table.headers,) if table.headers else ()


def _cut(octets: bytes, ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[bytes, bool]]:
    """The bytes in order, each stretch with whether it stays."""
    at = 0
    for offset, length in (*ranges, (len(octets), 0)):
        if offset > at:
            yield octets[at:offset], True
        if length:
            yield octets[offset : offset + length], False
        at = offset + length


def _with_older_holes(
    archive: Archive, record: Record, pieces: Sequence[tuple[bytes, bool]]
) -> Iterator[tuple[bytes | None, int]]:
    """The stretches again with the holes that are there already between them: bytes or None, and size."""
    holes = _holes_between(archive, record)
    at = 0
    for octets, there in pieces:
        begin, end = at, at + len(octets)
        while holes and holes[0][0] < end:
            cut, size = holes.pop(0)
            if cut > begin:
                yield (octets[begin - at : cut - at] if there else None), cut - begin
            yield None, size
            begin = cut
        yield (octets[begin - at :] if there else None), end - begin
        at = end
    for _, size in holes:
        yield None, size


def _holes_between(archive: Archive, record: Record) -> list[tuple[int, int]]:
    """Where in the bytes that are left each hole lies, and how long it is."""
    sizes = range_sizes(archive, record, key_of(archive, record))
    found: list[tuple[int, int]] = []
    at = 0
    for row in Segment.objects.filter(case_id=archive.case_id, record=record).order_by("ordinal"):
        if not row.key_id:
            found.append((at, sizes[row.ordinal]))
        else:
            at += size_of(archive, row)
    return found


def seal_rest(
    archive: Archive,
    record: Record,
    rest: Examined,
    stretches: Iterator[tuple[bytes | None, int]],
    *,
    now: datetime,
    row_sets: bytes = b"",
) -> Rest:
    """Seal what stays into a pack of its own, with everything that the row needs to take it over.

    `row_sets` is the list of a retired table's.
    """
    key = archive.new_key()
    pack_id = reserve_pack(archive, now=now)
    blobs = size_bytes = 0
    with writing_pack(archive.store, pack_id, archive.case_id) as pack:
        desk = _Desk(archive, pack, record.id, key)
        pieces = [
            Piece(size) if octets is None else Piece(size, *desk.seal(Role.SEGMENT, octets, part))
            for part, (octets, size) in enumerate(stretches)
        ]
        derived = desk.seal(Role.TEXT, rest.derived, compress=True)
        named = desk.seal(Role.MENTIONS, rest.mentions, compress=True) if rest.mentions else (0, 0)
        sets = desk.seal(Role.ROW_SET, row_sets, compress=True) if row_sets else (0, 0)
        said = {
            **_titled(archive, record, rest, [piece.size for piece in pieces]),
            "pieces": msgspec.to_builtins(pieces),
            "derived": list(derived),
            "mentions": list(named),
            "summary": msgspec.to_builtins(rest.summary),
            "places": _places(archive, record),
            "retired": bool(row_sets),
            "row_sets": list(sets),
        }
        desk.seal(Role.DESCRIPTION, said_bytes(said), compress=True)  # for a restore from before the switch
        size_bytes, blobs = pack.size_bytes, pack.count  # before its index is added
    return Rest(record.id, archive.new_id(), key, pack_id, size_bytes, blobs, said)


def _titled(archive: Archive, record: Record, rest: Examined, sizes: Sequence[int]) -> dict[str, Any]:
    """Title, salt and commitment of what is left."""
    salt = archive.random_bytes(SALT_BYTES)
    old = archive.open(key_of(archive, record), record.id, RECORD_SEALED, record.sealed)
    title = (rest.summary.title if rest.summary else "") or decode(rest.derived).name or old["title"]
    content = content_commitment(rest.sha256, salt=salt).hex()
    return {**title_and_salt(title, salt.hex(), sizes), "content": content}


def _places(archive: Archive, record: Record) -> dict[str, Any]:
    """Where the record was found: the key of these names ends, for an older catalogue too."""
    key = key_of(archive, record)
    return {
        place.id: {
            "names": archive.open(key, place.id, OCCURRENCE_SEALED, place.sealed),
            "place": bytes(place.place_fingerprint).hex(),
            "stat": bytes(place.stat_fingerprint).hex(),
            "desk": bytes(place.desk_fingerprint).hex(),
        }
        for place in Occurrence.objects.filter(case_id=archive.case_id, record=record).order_by("id")
    }


@dataclass(frozen=True, slots=True)
class _Desk:
    """Seals what is left of one record into a pack."""

    archive: Archive
    pack: PackWriter
    record: str
    key: bytes = field(repr=False)

    def seal(self, role: Role, octets: bytes, part: int = 0, *, compress: bool = False) -> tuple[int, int]:
        """Where the blob stands in the pack."""
        blob = seal_bytes(
            self.key,
            octets,
            binding=Binding(self.archive.case_id, self.record, role, part),
            salt=self.archive.random_bytes(SALT_BYTES),
            suite=self.archive.suite,
            compress=compress,
        )
        pointer = self.pack.append(blob, record=self.record, role=role, part=part)
        return pointer.offset, pointer.length


def note(archive: Archive, order: Order, rests: Sequence[Rest], pages: NewPages) -> None:
    """Refer to what is ready, in the transaction of the order; `pages` has the page of each heir."""
    for rest in rests:
        sizes = {"size_bytes": rest.size_bytes, "blobs": rest.blobs}
        rewrite(archive, Pack.objects.filter(id=rest.pack), state="kept", **sizes)
        row = Resealed(
            case_id=archive.case_id,
            order=order,
            record_id=rest.record,
            heir=rest.heir,
            heir_page=pages[rest.heir].id,
            pack=rest.pack,
            sealed=archive.seal(rest.key, rest.record, COLUMN, rest.said),
        )
        guarded(archive, row).save(force_insert=True)


def packs_of(order: Order) -> list[str]:
    """The objects that hold what is left of the order's records; no copy has them from a backup yet."""
    packs = Resealed.objects.filter(order=order).order_by("pack").values_list("pack", flat=True)
    return [pack_name(PackId(one)) for one in packs]


def doomed(rests: Sequence[Rest], pages: NewPages) -> Iterator[Doomed]:
    """The old key of each record, with the new one that takes its name."""
    ids = [rest.record for rest in rests]
    old = {one: page for rows in with_ids(Record, ids) for one, page in rows.values_list("id", "key_page")}
    for rest in rests:
        yield Doomed(rest.record, old[rest.record], rest.heir, pages[rest.heir].id)


def size_of(archive: Archive, row: Segment) -> int:
    """How many bytes a living range has."""
    with range_stream(archive, row) as opened:
        return opened.seek(0, os.SEEK_END)
