"""Row sets opened: the tables of a record put together again, or the rows of one customer alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from django.db.models import Q

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record, RowChunk, RowSet, SplitTable
from kedang.holdings.row_set_errors import NoRowSets
from kedang.records.ids import PackId
from kedang.records.sheets import Book, Sheet
from kedang.resolution.errors import RowSetDamaged
from kedang.resolution.row_sets import NumberedRow, joined
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.pack import Pointer, read_blob

MADE, CONFIRMED, RETIRED, REPLACED = "made", "confirmed", "retired", "replaced"
"""States of a split table."""
OUTLINE_VERSION = 1
CHUNK_COLUMNS = ("turn", "row_set_id", "row_set__key_page", "pack", "offset", "length")


@dataclass(frozen=True, slots=True)
class Outline:
    """What the tables of a record are beside their rows."""

    version: int
    book: Book
    sheets: tuple[Sheet, ...]


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Outline)


def encode_outline(book: Book, sheets: Sequence[Sheet]) -> bytes:
    """The outline as it is sealed."""
    return _ENCODER.encode(Outline(OUTLINE_VERSION, book, tuple(sheets)))


def split_of(archive: Archive, record: Record) -> SplitTable | None:
    """The row sets of a record as they are now."""
    rows = SplitTable.objects.filter(case_id=archive.case_id, record=record)
    return rows.exclude(state=REPLACED).first()


def require_split(archive: Archive, record: Record) -> SplitTable:
    """The row sets of a record.

    Raises:
        NoRowSets: none have been made.
    """
    split = split_of(archive, record)
    if split is None:
        raise NoRowSets(record=record.id)
    return split


def is_retired(archive: Archive, record: Record) -> bool:
    """Whether the record's rows live in row sets only."""
    return SplitTable.objects.filter(case_id=archive.case_id, record=record, state=RETIRED).exists()


def outline_of(archive: Archive, split: SplitTable) -> Outline:
    """Sheets and headers of a record's tables.

    Raises:
        RowSetDamaged: what was sealed is no outline.
    """
    key = archive.key(split.key_page, split.id)
    pointer = Pointer(PackId(split.pack), split.offset, split.length)
    binding = Binding(archive.case_id, split.id, Role.ROW_SET, 0)
    try:
        return _DECODER.decode(open_bytes(key, read_blob(archive.store, pointer), binding=binding))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RowSetDamaged(because="outline") from error


def rows_of_table(
    archive: Archive, split: SplitTable, table: int, customers: Iterable[str] | None = None
) -> Iterator[NumberedRow]:
    """The rows of one table in order: all that live, or those of some customers only.

    Raises:
        RowSetDamaged: a row set is not as it was written.
    """
    among = Q() if customers is None else Q(row_set__customer_id__in=list(customers))
    chunks = RowChunk.objects.filter(
        among, case_id=archive.case_id, split=split, row_set__table=table, row_set__replaced=False
    ).exclude(row_set__key_page="")
    lines = chunks.order_by("turn", "pack", "offset").values_list(*CHUNK_COLUMNS).iterator(chunk_size=2000)
    return joined(
        (open_chunk(archive, line) for line in some) for _, some in groupby(lines, key=itemgetter(0))
    )


def open_chunk(archive: Archive, line: Sequence[Any]) -> bytes:
    """The payload of a chunk, given as its CHUNK_COLUMNS."""
    turn, row_set, page, pack, offset, length = line
    blob = read_blob(archive.store, Pointer(PackId(pack), offset, length))
    binding = Binding(archive.case_id, row_set, Role.ROW_SET, turn)
    return open_bytes(archive.key(page, row_set), blob, binding=binding)


def all_rows(archive: Archive, split: SplitTable) -> Iterator[tuple[int, int, bytes]]:
    """Every living row of a record: table, number, row; in order."""
    for table in range(split.tables):
        for number, row in rows_of_table(archive, split, table):
            yield table, number, row


def missing_rows(archive: Archive, split: SplitTable) -> dict[int, int]:
    """By table: how many rows are in no set any more, because they have been destroyed or named by an order."""
    found: dict[int, int] = {}
    rows = RowSet.objects.filter(case_id=archive.case_id, split=split, key_page="", replaced=False)
    for table, count in rows.values_list("table", "rows"):
        found[table] = found.get(table, 0) + count
    return found


def tables_of_customers(archive: Archive, customers: Iterable[str]) -> list[tuple[SplitTable, int, int]]:
    """Where these customers have rows: the split record, the table and how many."""
    rows = RowSet.objects.filter(
        case_id=archive.case_id, customer_id__in=list(customers), replaced=False
    ).exclude(key_page="")
    found: dict[tuple[str, int], int] = {}
    splits: dict[str, SplitTable] = {}
    for one in rows.select_related("split__record").order_by("split__record__first_order", "table"):
        splits[one.split_id] = one.split
        found[one.split_id, one.table] = found.get((one.split_id, one.table), 0) + one.rows
    return [(splits[split], table, count) for (split, table), count in found.items()]


def splits(archive: Archive) -> Iterator[SplitTable]:
    """Every record that has row sets, in the order of the records."""
    rows = SplitTable.objects.filter(case_id=archive.case_id).exclude(state=REPLACED)
    yield from rows.select_related("record").order_by("record__first_order")


def split_data(split: SplitTable) -> dict[str, Any]:
    """A split table for people and programs; it names nobody."""
    return {
        "record_id": split.record_id,
        "reference_code": split.record.reference_code or split.record_id[:12],
        "state": split.state,
        "tables": split.tables,
        "rows": split.rows,
        "owned": split.owned,
        "made": split.made.isoformat(),
        "checked": split.checked.isoformat() if split.checked else None,
        "confirmed": split.confirmed.isoformat() if split.confirmed else None,
    }
