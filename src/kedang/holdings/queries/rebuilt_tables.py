"""Files written from row sets: a whole table rebuilt, or the rows of one customer from every table he is in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO

from kedang.catalogue.delimited_list import guarded
from kedang.catalogue.rebuilt_workbook import write_tables
from kedang.extraction.delimited_rows import cells_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import SplitTable
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.row_sets import Outline, outline_of, rows_of_table, tables_of_customers
from kedang.records.sheets import Book, Cell, Cells, Formula, Shape, Sheet
from kedang.resolution.row_sets import decode_cells

NAME = {Shape.DELIMITED: "csv", Shape.WORKBOOK: "xlsx", Shape.DATABASE: "xlsx"}
"""In which form a table comes back."""
EXACT = 1e15  # a spreadsheet program keeps 15 digits


def form_of(outline: Outline) -> str:
    """The form in which a table comes back: its own when it is a delimited text, else a workbook."""
    book = outline.book
    return book.format_name if book.shape is Shape.DELIMITED else NAME[book.shape]


def write_rebuilt(archive: Archive, split: SplitTable, sink: BinaryIO) -> int:
    """All rows that live, as a file again; how many. A delimited text comes back byte for byte."""
    outline = outline_of(archive, split)
    if outline.book.shape is Shape.DELIMITED:
        count = 0
        for _, row in rows_of_table(archive, split, 0):
            sink.write(row)
            count += 1
        return count
    tables = (
        (sheet, _typed(rows_of_table(archive, split, table))) for table, sheet in enumerate(outline.sheets)
    )
    return write_tables(tables, sink).rows


def _typed(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Cells]]:
    return ((number, decode_cells(row)) for number, row in rows)


def cells_of_row(book: Book, row: bytes) -> Cells:
    """The cells of a row of any file."""
    return tuple(cells_of(row, book)) if book.shape is Shape.DELIMITED else decode_cells(row)


def rows_of_customers(
    archive: Archive, split: SplitTable, table: int, customers: Sequence[str], outline: Outline
) -> Iterator[tuple[int, Cells]]:
    """The rows of some customers in one table, with the numbers that they have there; formulas as what they gave."""
    for number, row in rows_of_table(archive, split, table, customers):
        yield number, tuple(_given(cell) for cell in cells_of_row(outline.book, row))


def _given(cell: Cell) -> Cell:
    return cell.value if isinstance(cell, Formula) else cell


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of a customer in one table."""

    record_id: str
    reference_code: str
    table: int
    sheet: Sheet
    count: int
    rows: Callable[[], Iterator[tuple[int, Cells]]]
    """The rows with their numbers, read when they are asked for."""

    @property
    def name(self) -> str:
        """What a sheet with these rows is called."""
        return f"{self.reference_code} {self.sheet.name}".strip()


def parts_of_customer(archive: Archive, customer: str) -> Iterator[Part]:
    """Every table in which a customer, or one merged into him, has rows."""
    everyone = Forwarding.of(archive.case_id).with_members([customer])
    for split, table, count in tables_of_customers(archive, everyone):
        outline = outline_of(archive, split)
        yield Part(
            split.record_id,
            split.record.reference_code or split.record_id[:12],
            table,
            outline.sheets[table],
            count,
            partial(rows_of_customers, archive, split, table, everyone, outline),
        )


def as_read(cell: Cell) -> str:
    """The cell as a person reads it, and as no spreadsheet program takes it for a formula."""
    match _given(cell):
        case None:
            return ""
        case bool() as switch:
            return "TRUE" if switch else "FALSE"
        case float() as number if number.is_integer() and abs(number) < EXACT:
            return str(int(number))
        case bytes() as octets:
            return octets.hex()
        case datetime() as moment:
            return moment.isoformat(" ")
        case str() as text:
            return guarded(text)
        case other:
            return str(other)


def write_rows_xlsx(parts: Iterable[tuple[str, Sheet, Iterator[tuple[int, Cells]]]], sink: BinaryIO) -> int:
    """Rows of several tables as sheets of one workbook: headers, then row after row; how many rows."""
    tables = list(parts)
    done = write_tables(((Sheet(name), _below_headers(sheet, rows)) for name, sheet, rows in tables), sink)
    return done.rows - sum(bool(sheet.headers) for _, sheet, _ in tables)


def _below_headers(sheet: Sheet, rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    at = 1
    if sheet.headers:
        yield at, tuple(sheet.headers)
        at += 1
    for _, cells in rows:
        yield at, cells
        at += 1


def write_rows_csv(parts: Iterable[tuple[str, Sheet, Iterator[tuple[int, Cells]]]], sink: BinaryIO) -> int:
    """The same as one CSV in UTF-8: name of the table and number of the row before the cells; how many rows."""
    sink.write(b"\xef\xbb\xbf")
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
    lines = csv.writer(text, lineterminator="\r\n")
    count = 0
    for name, sheet, rows in parts:
        lines.writerow([guarded(name), "", *map(guarded, sheet.headers)])
        for number, cells in rows:
            lines.writerow([guarded(name), number, *map(as_read, cells)])
            count += 1
    text.detach()
    return count
