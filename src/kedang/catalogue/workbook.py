"""The finding aid as a workbook (XLSX) for people: named columns, frozen header, ready to print.

Written straight into the sink, row by row: no temporary file ever holds a name, and memory stays the
same for a million rows. Every text is a text cell, never a formula. Dates are dates. A sheet takes
SHEET_ROWS_MAX rows; more make further sheets.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import IO, BinaryIO

from kedang.catalogue.classes import SPOKEN, ClassScheme, class_scheme
from kedang.catalogue.rows import CatalogueRow, Cell, Column, columns, label
from kedang.catalogue.workbook_parts import (
    CONTENT_TYPES,
    HEADER_ROWS,
    PACKAGE_RELATIONS,
    STYLES,
    Style,
    column_letters,
    content_types,
    sheet_end,
    sheet_start,
    text_cell,
    workbook_part,
    workbook_relations,
)

SHEET_ROWS_MAX = 500_000  # a sheet may hold 1,048,576; half keeps its part below 2 GiB and quick to open
CELL_CHARACTERS_MAX = 32_767  # the format's limit, in UTF-16 units
_CUT = "…(全文见 JSON 目录)"
_FIRST_DAY = date(1900, 3, 1)  # earlier serial numbers are off by one: 1900 was no leap year
_DAY_ZERO = date(1899, 12, 30)
_SHEET = "目录"


@dataclass(frozen=True, slots=True)
class WrittenWorkbook:
    """What a workbook holds: rows, sheets, and cells that the format's limit has cut."""

    rows: int
    sheets: int
    shortened_cells: int


def write_xlsx(
    rows: Iterable[CatalogueRow],
    sink: BinaryIO,
    *,
    title: str = "",
    scheme: ClassScheme | None = None,
    sheet_rows: int = SHEET_ROWS_MAX,
) -> WrittenWorkbook:
    """Write the rows to the sink as they come.

    `title` stands above each printed page; `scheme` names the classes (kedang's own by default).
    """
    sheet_writer = _SheetWriter(scheme or class_scheme(SPOKEN))
    waiting = iter(rows)
    lengths: list[int] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        package.writestr(_entry("_rels/.rels"), PACKAGE_RELATIONS)
        package.writestr(_entry("xl/styles.xml"), STYLES)
        ahead: list[CatalogueRow] = []  # the first row of the next sheet, once it is known to exist
        while not lengths or ahead:
            batch = islice(chain(ahead, waiting), sheet_rows)
            with package.open(_entry(f"xl/worksheets/sheet{len(lengths) + 1}.xml"), "w") as part:
                lengths.append(sheet_writer.write(batch, part, title))
            ahead = list(islice(waiting, 1))
        names = [_SHEET if at == 0 else f"{_SHEET} {at + 1}" for at in range(len(lengths))]
        letters = (column_letters(sheet_writer.printed - 1), column_letters(len(columns()) - 1))
        package.writestr(_entry("xl/workbook.xml"), workbook_part(names, lengths, *letters))
        package.writestr(_entry("xl/_rels/workbook.xml.rels"), workbook_relations(len(names)))
        package.writestr(_entry(CONTENT_TYPES), content_types(len(names)))
    return WrittenWorkbook(sum(lengths), len(lengths), sheet_writer.shortened)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # dated 1980: the same rows give the same bytes
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


class _SheetWriter:
    """Writes sheets of rows, columns in the workbook's order."""

    def __init__(self, scheme: ClassScheme) -> None:
        self._scheme = scheme
        self._columns = _workbook_columns()
        self._letters = [column_letters(at) for at in range(len(self._columns))]
        self.printed = sum(column.print is not None for column in self._columns)
        self.shortened = 0

    def write(self, rows: Iterable[CatalogueRow], part: IO[bytes], title: str) -> int:
        """One sheet; the answer is how many rows it has."""
        part.write(sheet_start([column.width for column in self._columns]))
        part.write(self._header(1, Style.HEADER, [column.zh for column in self._columns]))
        part.write(self._header(2, Style.NAMES, [column.name for column in self._columns]))
        count = 0
        for count, row in enumerate(rows, start=1):
            part.write(self._row(HEADER_ROWS + count, row))
        part.write(sheet_end(HEADER_ROWS + count, self._letters[-1], title))
        return count

    def _header(self, number: int, style: Style, texts: list[str]) -> bytes:
        cells = zip(self._letters, texts, strict=True)
        written = "".join(text_cell(f"{at}{number}", style, text) for at, text in cells)
        height = ' ht="24" customHeight="1"' if style is Style.HEADER else ""
        return f'<row r="{number}"{height}>{written}</row>'.encode()

    def _row(self, number: int, row: CatalogueRow) -> bytes:
        cells = row.cells()
        written = "".join(
            self._cell(f"{at}{number}", column, cells[column.name])
            for at, column in zip(self._letters, self._columns, strict=True)
        )
        return f'<row r="{number}">{written}</row>'.encode()

    def _cell(self, at: str, column: Column, cell: Cell) -> str:
        if cell is None or cell == "":
            return f'<c r="{at}" s="{Style.TEXT}"/>'
        match column.kind:
            case "count":
                return f'<c r="{at}" s="{Style.COUNT}"><v>{cell}</v></c>'
            case "score":
                return f'<c r="{at}" s="{Style.SCORE}"><v>{cell}</v></c>'
            case "day" | "until":
                return self._day(at, str(cell))
            case "flag":
                return text_cell(at, Style.CENTRED, label("flag", "true" if cell else "false"))
            case "label":
                return text_cell(at, Style.CENTRED, self._label(column.name, str(cell)))
            case _:
                # Only printed columns wrap: a record found in many places must not make a tall row.
                style = Style.UNWRAPPED if column.print is None else Style.TEXT
                return text_cell(at, style, self._fitting(str(cell)))

    def _day(self, at: str, said: str) -> str:
        try:
            day = date.fromisoformat(said)
        except ValueError:
            return text_cell(at, Style.CENTRED, label("until", said))
        if day < _FIRST_DAY:
            return text_cell(at, Style.CENTRED, said)
        return f'<c r="{at}" s="{Style.DAY}"><v>{(day - _DAY_ZERO).days}</v></c>'

    def _label(self, column: str, value: str) -> str:
        if column != "class":
            return label(column, value)
        return next(title.zh for title in self._scheme.titles if title.record_class == value)

    def _fitting(self, text: str) -> str:
        if len(text) * 2 <= CELL_CHARACTERS_MAX:
            return text
        units = text.encode("utf-16-le")
        if len(units) <= CELL_CHARACTERS_MAX * 2:
            return text
        self.shortened += 1
        kept = units[: (CELL_CHARACTERS_MAX - len(_CUT)) * 2]
        return kept.decode("utf-16-le", "ignore") + _CUT


def _workbook_columns() -> tuple[Column, ...]:
    """Printed columns first in their order, then the technical ones."""
    printed = [column for column in columns() if column.print is not None]
    printed.sort(key=lambda column: column.print or 0)
    return (*printed, *(column for column in columns() if column.print is None))
