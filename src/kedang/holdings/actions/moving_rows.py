"""Rows that are another customer's than before move into other sets: after a judgement, a merge undone, new material.

Only sets that lose or get a row are sealed anew, turn by turn, from the old ones: the original is not read again.
What they held before waits under its old keys until these end with the next order of destruction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction

from kedang.holdings.actions.row_sets import Sets
from kedang.holdings.actions.rows_behind import Behind, Deciding, note_behind
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.row_packs import RowPacks
from kedang.holdings.models import Record, RowChunk, RowSet, SplitTable
from kedang.holdings.queries.row_owners import ERASED, Owners, heads_of, row_owners
from kedang.holdings.queries.row_sets import (
    CHUNK_COLUMNS,
    MADE,
    RETIRED,
    open_chunk,
    outline_of,
    require_split,
)
from kedang.holdings.queries.rows_behind import OwnersBehind
from kedang.holdings.row_set_errors import OriginalRetired
from kedang.ledger.leaves import Event
from kedang.records.sheets import Sheet
from kedang.resolution.named_rows import NamedInRow, NamedRow
from kedang.resolution.row_sets import Chunk, NamingRow, decode_chunk, encode_chunk, named_in_chunk

Place = tuple[int, str]
"""Table and owner."""


def refresh(archive: Archive, record: Record, *, clock: Callable[[], datetime]) -> int:
    """How many rows have moved; nothing is written when none has.

    Raises:
        NoRowSets: none have been made.
        OriginalRetired: who stands in the rows is not known any more but by the sets themselves.
    """
    split = require_split(archive, record)
    if split.state == RETIRED:
        raise OriginalRetired(record=record.id)
    owners = row_owners(archive, record, heads_of(archive, record).tables)
    moving = _Moving(archive, split, owners, outline_of(archive, split).sheets)
    moving.look()
    if not moving.moved:
        if moving.has_behind:
            with transaction.atomic():
                note_behind(archive, record.id, moving.behind, (), now=clock())
        return 0
    with RowPacks(archive, clock()) as packs:
        sets = Sets(archive, split.id, packs)
        moving.seal(sets)
    _write(archive, split, moving, sets, now=clock())
    return moving.moved


class _Moving:
    """Which rows move, and the sets that this touches."""

    def __init__(
        self, archive: Archive, split: SplitTable, owners: Owners, sheets: tuple[Sheet, ...]
    ) -> None:
        self._archive = archive
        self._split = split
        self._deciding = Deciding(owners, OwnersBehind(archive, split.record))
        self._sheets = sheets
        self.moved = 0
        self.owned = 0
        self.touched: set[Place] = set()
        self.behind = Behind()
        self.has_behind = False

    def look(self) -> None:
        """Compare every row's set with whose it is now."""
        for _, lines in self._chunks():
            for *line, table, customer in lines:
                for _, _, now, _ in self._rows(line, table, self.behind):
                    self.owned += bool(now)
                    if now != (customer or ""):
                        self.moved += 1
                        self.touched |= {(table, customer or ""), (table, now)}

    def _rows(
        self, line: Sequence[Any], table: int, behind: Behind
    ) -> Iterator[tuple[int, bytes, str, tuple[NamedInRow, ...]]]:
        """The rows of a chunk: number, the row, whose it is now, and whom it names when nothing else remembers."""
        payload = open_chunk(self._archive, line)
        named = named_in_chunk(payload)
        self.has_behind |= bool(named)
        self._deciding.look_at([NamedRow(table, number, some) for number, some in named.items()])
        for number, row in decode_chunk(payload):
            found = self._deciding.decided.get((table, number))
            owner = (
                self._deciding.owners.of(self._sheets, table, number) if found is None else behind.note(found)
            )
            yield number, row, "" if owner == ERASED else owner, named.get(number, ())

    def _chunks(self) -> Iterator[tuple[int, list[Any]]]:
        chunks = RowChunk.objects.filter(split=self._split, row_set__replaced=False)
        columns = (*CHUNK_COLUMNS, "row_set__table", "row_set__customer_id")
        lines = chunks.exclude(row_set__key_page="").order_by("turn", "pack", "offset").values_list(*columns)
        for turn, some in groupby(lines.iterator(chunk_size=2000), key=itemgetter(0)):
            yield turn, list(some)

    def seal(self, sets: Sets) -> None:
        """The rows of the sets that are touched, into new ones, turn by turn."""
        for turn, lines in self._chunks():
            gathered: dict[Place, list[tuple[int, bytes]]] = {}
            naming: dict[Place, list[NamingRow]] = {}
            for *line, table, customer in lines:
                if (table, customer or "") in self.touched:
                    for number, row, now, named in self._rows(line, table, Behind()):
                        gathered.setdefault((table, now), []).append((number, row))
                        if named:
                            naming.setdefault((table, now), []).append((number, named))
            sets.seal(
                Chunk(
                    table, owner, turn, len(rows), encode_chunk(sorted(rows), naming.get((table, owner), ()))
                )
                for (table, owner), rows in gathered.items()
            )


def _write(archive: Archive, split: SplitTable, moving: _Moving, sets: Sets, *, now: datetime) -> None:
    keys = dict(sets.keys.values())
    pages = archive.write_pages(keys)
    with transaction.atomic():
        archive.keep_pages(pages)
        sets.packs.keep()
        mine = RowSet.objects.filter(split=split, replaced=False).exclude(key_page="")
        old = [
            one
            for one, table, customer in mine.values_list("id", "table", "customer_id")
            if (table, customer or "") in moving.touched
        ]
        for rows in with_ids(RowSet, old):
            rewrite(archive, list(rows), replaced=True)
        sets.insert(split.record_id, pages)
        rewrite(
            archive, [split], owned=moving.owned, state=MADE, checked=None
        )  # confirmed were the sets of before
        facts: dict[str, str | int] = {"rows": moving.moved, "sets": len(sets.keys)}
        event = Event(archive.agent, "row-sets-moved", (f"record:{split.record_id}",), facts)
        note_behind(archive, split.record_id, moving.behind, [event], now=now)
