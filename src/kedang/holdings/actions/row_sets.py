"""Row sets made, checked and confirmed: whose each row of a table is, sealed so that it can be told apart.

Making is one pass over the table, read by a process that holds no key; rows are sealed turn by turn as they come.
Packs are durable first, then the pages of the keys, then one transaction writes all rows: a crash before it
leaves packs and pages that nobody refers to and no key sheet opens after the next change of the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.rows_behind import Behind, Deciding, found_behind, note_behind
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import require_no_hole
from kedang.holdings.adapters.guarding import MARKS, guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.reading_tables import TableReading, reading_table
from kedang.holdings.adapters.row_packs import RowPacks
from kedang.holdings.errors import SegmentDestroyed
from kedang.holdings.models import Record, RowChunk, RowSet, SplitTable
from kedang.holdings.queries.row_owners import ERASED, heads_of, row_owners
from kedang.holdings.queries.row_sets import (
    CONFIRMED,
    MADE,
    REPLACED,
    RETIRED,
    all_rows,
    encode_outline,
    missing_rows,
    outline_of,
    require_split,
    split_of,
)
from kedang.holdings.queries.rows_behind import OwnersBehind
from kedang.holdings.row_set_errors import NotConfirmed, NotSplit, OriginalRetired, RowSetsDiffer
from kedang.ledger.leaves import Event
from kedang.records.sheets import Book, Sheet
from kedang.resolution.row_sets import TURN_BYTES, Chunk, Splitting
from kedang.vault.pack import Pointer

ROWS_AT_ONCE = 5000  # written with one statement
FORMATS = frozenset({"csv", "tsv", "xlsx", "xlsm", "xltx", "xlsb", "xls", "et", "biff", "ods", "sqlite"})
"""Formats whose rows a parsing process can tell apart."""


@dataclass(slots=True)
class _ChunkRow:
    """A row of `RowChunk`, new."""

    case_id: str
    split_id: str
    row_set_id: str
    turn: int
    rows: int
    pack: str
    offset: int
    length: int
    mac: bytes = b""


@dataclass(slots=True)
class Sets:
    """Row sets of one record while they are being made."""

    archive: Archive
    split: str
    packs: RowPacks
    keys: dict[tuple[int, str], tuple[str, bytes]] = field(default_factory=dict, repr=False)
    """Id and key by table and owner."""
    counts: dict[tuple[int, str], int] = field(default_factory=dict)
    chunks: list[_ChunkRow] = field(default_factory=list)
    turns: int = 0

    def seal(self, chunks: Iterable[Chunk]) -> None:
        """Seal a turn."""
        for chunk in chunks:
            place = chunk.table, chunk.owner
            if place not in self.keys:
                self.keys[place] = self.archive.new_id(), self.archive.new_key()
            holder, key = self.keys[place]
            self._note(chunk, holder, self.packs.seal(key, holder, chunk.payload, chunk.turn))
            self.counts[place] = self.counts.get(place, 0) + chunk.rows
            self.turns = max(self.turns, chunk.turn + 1)

    def _note(self, chunk: Chunk, holder: str, pointer: Pointer) -> None:
        self.chunks.append(
            _ChunkRow(
                self.archive.case_id, self.split, holder, chunk.turn, chunk.rows,
                pointer.pack, pointer.offset, pointer.length,
            )
        )  # fmt: skip

    def insert(self, record: str, pages: Any) -> None:
        """Write the rows of sets and chunks, once the keys are in pages; in the caller's transaction, some at a time."""
        sets = self._rows(record, pages)
        while some := list(islice(sets, ROWS_AT_ONCE)):
            insert_rows(RowSet, some)
        mark = MARKS[RowChunk]
        for start in range(0, len(self.chunks), ROWS_AT_ONCE):
            chunks = self.chunks[start : start + ROWS_AT_ONCE]
            for chunk in chunks:
                chunk.mac = mark(self.archive, chunk)
            insert_rows(RowChunk, chunks)

    def _rows(self, record: str, pages: Any) -> Iterator[RowSet]:
        for (table, owner), (holder, _) in self.keys.items():
            yield guarded(
                self.archive,
                RowSet(
                    id=holder,
                    case_id=self.archive.case_id,
                    split_id=self.split,
                    record_id=record,
                    table=table,
                    customer_id=owner or None,
                    rows=self.counts[table, owner],
                    key_page=pages[holder].id,
                ),
            )


@dataclass(slots=True)
class _Passing:
    """What was seen while the rows passed."""

    book: Book
    sheets: list[Sheet]
    rows: int = 0
    owned: int = 0
    withheld: dict[int, int] = field(default_factory=dict)
    """By table: rows that an order has named, which go into no set."""
    behind: Behind = field(default_factory=Behind)


def make(
    archive: Archive,
    record: Record,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    turn_bytes: int = TURN_BYTES,
) -> SplitTable:
    """The row sets of a record, in place of those that there are; the original stays as it is.

    Raises:
        NotSplit: its rows cannot be told apart.
        OriginalRetired: there is no original any more.
        ParsingFailed: the parsing process died over it.
    """
    require_splittable(archive, record)
    heads = heads_of(archive, record)
    if heads.read is not None and heads.read.is_personal:
        found_behind(archive, record, heads, clock, progress)
    owners, behind = row_owners(archive, record, heads.tables), OwnersBehind(archive, record)
    split, now = archive.new_id(), clock()
    with (
        RowPacks(archive, now) as packs,
        reading_table(archive, record, heads.derived, heads.read) as reading,
    ):
        progress.stage("row-sets", None)
        sets = Sets(archive, split, packs)
        passing = _pass(reading, Deciding(owners, behind), sets, progress, turn_bytes)
        key = archive.new_key()
        outline = packs.seal(key, split, encode_outline(passing.book, passing.sheets), 0)
    row = _new_split(archive, record, split, passing, sets, outline, now=now)
    return _keep(archive, row, key, sets, passing)


def require_splittable(archive: Archive, record: Record) -> None:
    """Nothing when row sets can be made of a record.

    Raises:
        NotSplit: its rows cannot be told apart.
        OriginalRetired: there is no original any more.
    """
    split = split_of(archive, record)
    if split is not None and split.state == RETIRED:
        raise OriginalRetired(record=record.id)
    if not record.key_page or record.format_name not in FORMATS:
        raise NotSplit(record=record.id, because="format")
    try:
        require_no_hole(archive, record)
    except SegmentDestroyed as error:
        raise NotSplit(record=record.id, because="destroyed-in-part") from error


def _pass(
    reading: TableReading, deciding: Deciding, sets: Sets, progress: Progress, turn_bytes: int
) -> _Passing:
    """Every row into the set of its owner."""
    splitting = Splitting(turn_bytes)
    passing = _Passing(reading.book, reading.sheets)
    for chunk, named in reading.chunks:
        deciding.look_at(named)
        for table, number, row in chunk.rows:
            owner = deciding.owners.of(reading.sheets, table, number)
            passing.rows += 1
            if owner == ERASED:
                passing.withheld[table] = passing.withheld.get(table, 0) + 1
                continue
            if (found := deciding.decided.get((table, number))) is not None:
                owner = passing.behind.note(found)
            passing.owned += bool(owner)
            if splitting.add(table, owner, (number, row), deciding.named.get((table, number))):
                sets.seal(splitting.turn())
        progress.advance(len(chunk.rows), 0)
    sets.seal(splitting.turn())
    return passing


def _new_split(
    archive: Archive,
    record: Record,
    split: str,
    passing: _Passing,
    sets: Sets,
    outline: Pointer,
    *,
    now: datetime,
) -> SplitTable:
    return SplitTable(
        id=split,
        case_id=archive.case_id,
        record=record,
        state=MADE,
        tables=len(passing.sheets),
        rows=passing.rows,
        owned=passing.owned,
        turns=sets.turns,
        made=now,
        pack=outline.pack,
        offset=outline.offset,
        length=outline.length,
    )


def _keep(archive: Archive, row: SplitTable, key: bytes, sets: Sets, passing: _Passing) -> SplitTable:
    """Write it all, in one transaction; earlier sets wait for the end of their keys."""
    keys = dict(sets.keys.values())
    pages = archive.write_pages({row.id: key, **keys})
    row.key_page = pages[row.id].id
    with transaction.atomic():
        archive.keep_pages(pages)
        earlier = split_of(archive, row.record)
        if earlier is not None:
            replace_sets(archive, earlier)
        sets.packs.keep()
        guarded(archive, row).save(force_insert=True)
        sets.insert(row.record_id, pages)
        insert_rows(RowSet, list(_withheld(archive, row, passing.withheld)))
        facts: dict[str, str | int] = {
            "tables": row.tables,
            "rows": row.rows,
            "owned": row.owned,
            "sets": len(sets.keys),
        }
        event = Event(archive.agent, "row-sets-made", (f"record:{row.record_id}",), facts)
        note_behind(archive, row.record_id, passing.behind, [event], now=row.made)
    return row


def _withheld(archive: Archive, split: SplitTable, counts: dict[int, int]) -> Iterator[RowSet]:
    """Sets without a key: so many rows of the original are in none."""
    for table, count in counts.items():
        yield guarded(
            archive,
            RowSet(
                id=archive.new_id(),
                case_id=archive.case_id,
                split=split,
                record_id=split.record_id,
                table=table,
                rows=count,
            ),
        )


def replace_sets(archive: Archive, split: SplitTable) -> None:
    """These sets are not looked at any more; their keys end with the next order of destruction."""
    rewrite(archive, [split], state=REPLACED)
    rows = RowSet.objects.filter(case_id=archive.case_id, split=split)
    rewrite(archive, rows, replaced=True)


def check(archive: Archive, record: Record, *, clock: Callable[[], datetime]) -> SplitTable:
    """The row sets compared with the original, which is read anew: every sheet, row and cell.

    Raises:
        NoRowSets: none have been made.
        RowSetsDiffer: they do not give it back.
        OriginalRetired: there is no original any more.
    """
    split = require_split(archive, record)
    if split.state == RETIRED:
        raise OriginalRetired(record=record.id)
    heads = heads_of(archive, record)
    missing = missing_rows(archive, split)
    with reading_table(archive, record, heads.derived) as reading:
        rows = _compare(record, reading, all_rows(archive, split), missing)
        outline = outline_of(archive, split)
        if (outline.book, outline.sheets) != (reading.book, tuple(reading.sheets)):
            raise RowSetsDiffer(record=record.id, table=0, row=0)
    now = clock()
    with transaction.atomic():
        rewrite(archive, [split], checked=now)
        event = Event(archive.agent, "row-sets-checked", (f"record:{record.id}",), {"rows": rows})
        book.write(archive.case_id, [event], now=now)
    return split


def _compare(
    record: Record,
    reading: TableReading,
    ours: Iterator[tuple[int, int, bytes]],
    missing: dict[int, int],
) -> int:
    """How many rows there are; those that live in no set any more are counted off."""
    left = dict(missing)
    mine = next(ours, None)
    count = 0
    for theirs in reading.rows:
        count += 1
        if theirs == mine:
            mine = next(ours, None)
            continue
        table, number, _ = theirs
        if left.get(table, 0) <= 0 or (mine is not None and mine[:2] <= (table, number)):
            raise RowSetsDiffer(record=record.id, table=table, row=number)
        left[table] -= 1
    if mine is not None or any(left.values()):
        raise RowSetsDiffer(record=record.id, table=mine[0] if mine else 0, row=mine[1] if mine else 0)
    return count


def confirm(archive: Archive, record: Record, *, clock: Callable[[], datetime]) -> SplitTable:
    """A person's word that the row sets give the original back; it holds for these sets only.

    Raises:
        NoRowSets: none have been made.
        NotConfirmed: they have not been checked since they were made.
        OriginalRetired: there is no original any more.
    """
    split = require_split(archive, record)
    if split.state == RETIRED:
        raise OriginalRetired(record=record.id)
    if split.checked is None:
        raise NotConfirmed(record=record.id)
    now = clock()
    with transaction.atomic():
        rewrite(archive, [split], state=CONFIRMED, confirmed=now, confirmed_by=archive.agent)
        facts: dict[str, str | int] = {"rows": split.rows, "tables": split.tables}
        event = Event(archive.agent, "row-sets-confirmed", (f"record:{record.id}",), facts)
        book.write(archive.case_id, [event], now=now)
    return split


def splittable(archive: Archive) -> Iterator[Record]:
    """Records of which row sets can be made and have not been yet, in order."""
    rows = Record.objects.filter(case_id=archive.case_id, format_name__in=FORMATS).exclude(key_page="")
    there = SplitTable.objects.filter(case_id=archive.case_id).exclude(state=REPLACED).values("record_id")
    for one in list(rows.exclude(id__in=there).order_by("first_order").values_list("id", flat=True)):
        yield Record.objects.get(id=one)


def dropped(archive: Archive, split: SplitTable) -> tuple[str, ...]:
    """Kinds of content beside the cells that go when the original is retired."""
    return outline_of(archive, split).book.dropped
