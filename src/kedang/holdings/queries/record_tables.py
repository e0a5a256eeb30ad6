"""Tables of a record by the page, each cell covered like the text that it is part of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from kedang.holdings.queries.opened_record import OpenedRecord, Piece
from kedang.records.content import Table

ROWS_OF_A_PAGE = 50
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class TablePage:
    """Some rows of one table."""

    number: int
    """Of the table, from 0."""
    name: str
    headers: list[list[Piece]]
    rows: list[tuple[int, list[list[Piece]]]]
    """Number of the row as its program shows it, and its cells."""
    first: int
    total: int
    columns: int
    """How many there are in all."""


def table_page(opened: OpenedRecord, number: int, first: int) -> TablePage | None:
    """Rows from the `first` (0-based) on; None when there is no such table."""
    tables = opened.tables
    if not 0 <= number < len(tables):
        return None
    table = tables[number]
    first = max(0, min(first, max(0, len(table.rows) - 1))) // ROWS_OF_A_PAGE * ROWS_OF_A_PAGE
    last = min(first + ROWS_OF_A_PAGE, len(table.rows))
    rows = [
        (table.first_row + at, _cells(opened, table.row_starts[at], table.rows[at]))
        for at in range(first, last)
    ]
    columns = max((len(table.headers), *(len(row) for row in table.rows[first:last])), default=0)
    return TablePage(number, table.name, _headers(opened, table), rows, first, len(table.rows), columns)


def _headers(opened: OpenedRecord, table: Table) -> list[list[Piece]]:
    """The headers; covered wholly when they are not where they should be in the text."""
    joined = "\t".join(table.headers)
    start = (table.row_starts[0] if table.row_starts else len(opened.text)) - len(joined) - 1
    if not joined or (start >= 0 and opened.text[start : start + len(joined)] == joined):
        return _cells(opened, start, table.headers)
    return [[Piece("", 0, 0, "other")] for _ in table.headers[:MOST_COLUMNS]]


def _cells(opened: OpenedRecord, start: int, cells: tuple[str, ...]) -> list[list[Piece]]:
    starts = [start]
    for cell in cells[:MOST_COLUMNS]:
        starts.append(starts[-1] + len(cell) + 1)
    return [opened.pieces(begins, after - 1) for begins, after in pairwise(starts)]
