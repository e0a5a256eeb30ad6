"""Tables of a file row by row, each cell with its type: what row sets are made of.

Text is read by `delimited_rows`, workbooks by calamine with the formulas beside, databases by SQLite. What is
laid out densely is laid out by the library, never again here: rows pass one by one.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Protocol

import python_calamine

from kedang.extraction.delimited_rows import DelimitedRows, cells_of
from kedang.extraction.errors import Damaged, RowsUnreadable
from kedang.extraction.formula_cells import Address, Written, formulas_of, sheet_parts
from kedang.extraction.limits import Limits
from kedang.extraction.packages import Package
from kedang.extraction.sqlite import MAX_TABLES, opened_database, shown_value
from kedang.extraction.tables import LOOKED_AT, header_row
from kedang.extraction.workbooks import is_panic, laid_out, opened, shown
from kedang.records.content import Content, Format
from kedang.records.sheets import Book, Cell, Cells, Formula, Shape, Sheet

DELIMITED = frozenset({"csv", "tsv"})
WORKBOOKS = frozenset({"xlsx", "xlsm", "xltx", "xlsb", "xls", "et", "biff", "ods"})
DATABASES = frozenset({"sqlite"})
SPLIT = DELIMITED | WORKBOOKS | DATABASES
"""Formats whose rows can be told apart."""
_BESIDE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("comments", r"xl/(?:comments\d*|threadedcomments/.*|comments/.*)\.xml"),
        ("drawings", r"xl/(?:drawings|charts|media|embeddings|activex|diagrams)/.*"),
        ("macros", r"xl/(?:vbaproject|macrosheets/.*)\.?.*"),
        ("pivots", r"xl/(?:pivottables|pivotcache)/.*"),
        ("connections", r"xl/(?:connections|externallinks/.*|querytables/.*)\.xml"),
        ("history", r"xl/revisions/.*"),
    )
)
Row = tuple[int, Cells | bytes]
"""Its number from 1, and its cells; of a delimited text its bytes."""


class Rows(Protocol):
    """The tables of one file."""

    @property
    def book(self) -> Book: ...

    def tables(self) -> Iterator[tuple[Sheet, Iterator[Row]]]:
        """Each table with its rows in order; empty rows of workbooks are left out. Rows are read before the next table."""
        ...


def rows_of(content: Content, format: Format, *, limits: Limits) -> Rows:
    """The tables of the content.

    Raises:
        RowsUnreadable: rows of this format cannot be told apart.
        ExtractionError: it cannot be read.
    """
    if format.name in DELIMITED:
        return _Lines(DelimitedRows(content, format))
    if format.name in WORKBOOKS:
        return _Workbook(content, format, limits)
    if format.name in DATABASES:
        return _Database(content, format, limits)
    raise RowsUnreadable(because="format")


def said_cells(book: Book, row: Cells | bytes) -> list[str]:
    """The cells of a row as text, as extraction has them."""
    if isinstance(row, bytes):
        return cells_of(row, book)
    values = [cell.value if isinstance(cell, Formula) else cell for cell in row]
    if book.shape is Shape.DATABASE:
        return [shown_value(value) for value in values]
    return ["" if isinstance(value, bytes | Formula) else shown(value) for value in values]


class _Lines:
    def __init__(self, lines: DelimitedRows) -> None:
        self._lines = lines
        self.book = lines.book

    def tables(self) -> Iterator[tuple[Sheet, Iterator[Row]]]:
        yield self._lines.sheet(), enumerate(self._lines.rows(), start=1)


class _Workbook:
    def __init__(self, content: Content, format: Format, limits: Limits) -> None:
        raw = laid_out(content, format, limits)
        self._limits = limits
        self._package = Package(content, limits) if raw.startswith(b"PK") and format.name != "ods" else None
        self._parts: Mapping[str, str] = {}
        dropped = ["styles"]
        if self._package is None:
            dropped += ["formulas", "objects"]
        elif format.name == "xlsb":
            dropped += ["formulas", *self._beside(self._package)]
        else:
            self._parts = sheet_parts(self._package, limits)
            dropped += self._beside(self._package)
        self._workbook = opened(raw)
        self.book = Book(Shape.WORKBOOK, format.name, dropped=tuple(dropped))

    def _beside(self, package: Package) -> list[str]:
        names = package.names()
        return [kind for kind, pattern in _BESIDE if any(pattern.fullmatch(name) for name in names)]

    def tables(self) -> Iterator[tuple[Sheet, Iterator[Row]]]:
        for about in self._workbook.sheets_metadata:
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet, rows = self._sheet(about.name)
            yield replace(sheet, visibility=_visibility(about)), rows

    def _sheet(self, name: str) -> tuple[Sheet, Iterator[Row]]:
        try:
            read = self._workbook.get_sheet_by_name(name)
            merged = tuple(
                (first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1)
                for first, last in read.merged_cell_ranges or ()
            )
            formulas: Mapping[Address, Written] = {}
            if self._package is not None and name in self._parts:
                formulas = formulas_of(self._package.part(self._parts[name]), self._limits)
            number, headers = _header(_shown_rows(read))
        except python_calamine.CalamineError as error:
            raise Damaged(reason="sheet") from error
        except BaseException as error:
            if not is_panic(error):
                raise
            raise Damaged(reason="sheet-panic") from error
        return Sheet(name, "visible", number, headers, merged), _cells(read, formulas)


def _visibility(about: python_calamine.SheetMetadata) -> str:
    if about.visible == python_calamine.SheetVisibleEnum.Visible:
        return "visible"
    return "hidden" if about.visible == python_calamine.SheetVisibleEnum.Hidden else "very-hidden"


def _shown_rows(read: python_calamine.CalamineSheet) -> list[list[str]]:
    """The first rows as a person reads them, from the first column of the sheet on."""
    before = [""] * (read.start[1] if read.start else 0)
    top = zip(range(LOOKED_AT + 10), read.iter_rows(), strict=False)
    return [before + [shown(cell).strip() for cell in row] for _, row in top]


def _header(top: Sequence[Sequence[str]]) -> tuple[int, tuple[str, ...]]:
    """The number of the row of headers and what it says; 0 without one."""
    there = list(top)
    while there and not any(there[-1]):
        there.pop()
    found = header_row(there)
    if found is None:
        return 0, ()
    said = list(there[found])
    while said and not said[-1]:
        said.pop()
    return found + 1, tuple(said)


def _cells(read: python_calamine.CalamineSheet, formulas: Mapping[Address, Written]) -> Iterator[Row]:
    before: tuple[Cell, ...] = (None,) * (read.start[1] if read.start else 0)
    last = 0
    with_formulas: dict[int, list[int]] = {}
    for row, column in formulas:
        with_formulas.setdefault(row, []).append(column)
    for number, values in enumerate(read.iter_rows() if read.start else (), start=1):
        last = number
        cells: list[Cell] = [*before, *(None if value == "" else value for value in values)]
        _write_in(cells, number, with_formulas.get(number, ()), formulas)
        if trimmed := _trimmed(cells):
            yield number, trimmed
    for number in sorted(row for row in with_formulas if row > last):  # that gave nothing at all
        cells = []
        _write_in(cells, number, with_formulas[number], formulas)
        yield number, _trimmed(cells)


def _write_in(
    cells: list[Cell], number: int, columns: Sequence[int], formulas: Mapping[Address, Written]
) -> None:
    """Put the formulas of a row around the values that they gave."""
    for column in columns:
        cells += [None] * (column - len(cells))
        one = formulas[number, column]
        cells[column - 1] = Formula(one.text, cells[column - 1], one.kind, one.reach, one.group)


def _trimmed(cells: list[Cell]) -> Cells:
    end = len(cells)
    while end and cells[end - 1] is None:
        end -= 1
    return tuple(cells[:end])


class _Database:
    def __init__(self, content: Content, format: Format, limits: Limits) -> None:
        self._content = content
        self._limits = limits
        self.book = Book(Shape.DATABASE, format.name, dropped=("indexes", "views"))

    def tables(self) -> Iterator[tuple[Sheet, Iterator[Row]]]:
        with (
            self._content.open() as stream,
            closing(opened_database(self._content, stream, self._limits)) as database,
        ):
            database.text_factory = _exact_text
            try:
                listed = database.execute(
                    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
                    "ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
                ).fetchmany(MAX_TABLES)
                for name, schema in listed:
                    yield self._table(database, str(name), str(schema))
            except sqlite3.Error as error:
                raise Damaged(reason="sqlite") from error

    def _table(self, database: sqlite3.Connection, name: str, schema: str) -> tuple[Sheet, Iterator[Row]]:
        quoted = name.replace('"', '""')
        cursor = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - quoted
        headers = tuple(str(column[0]) for column in cursor.description)
        rows = ((number, tuple(values)) for number, values in enumerate(cursor, start=1))
        return Sheet(name, "visible", 0, headers, (), schema), rows


def _exact_text(raw: bytes) -> str | bytes:
    """Text, or the bytes where it is none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw
