"""Tables as a workbook (XLSX) again: sheets, rows and typed cells as they were, written row by row.

Numbers, days and times are cells of their kind, text is text whatever it begins with, formulas stand with what
they gave. Looks (fonts, colours, widths, number formats) are not kept. Memory stays the same for any length.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import IO, BinaryIO
from xml.sax.saxutils import escape

from kedang.catalogue.workbook_parts import (
    CONTENT_TYPES,
    PACKAGE_RELATIONS,
    Style,
    column_letters,
    content_types,
    text_cell,
    workbook_relations,
)
from kedang.records.sheets import Cell, Cells, Formula, Sheet

ROWS_MAX = 1_048_576  # of a sheet in the format
CELL_CHARACTERS_MAX = 32_767  # the format's limit, in UTF-16 units
NAME_CHARACTERS_MAX = 31
EXACT_INTEGER = 2**53
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - cells have no time zone
_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - earlier serial numbers are off by one: 1900 was no leap year
_DATE, _MOMENT, _TIME, _SPAN = 1, 2, 3, 4  # places in the table of cell formats below
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_STATES = {"hidden": ' state="hidden"', "very-hidden": ' state="veryHidden"'}
_FORMATS = ("yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd\\ hh:mm:ss.000", "hh:mm:ss", "[h]:mm:ss")
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_FORMATS)}">'
    + "".join(f'<numFmt numFmtId="{at}" formatCode="{code}"/>' for at, code in enumerate(_FORMATS, start=164))
    + '</numFmts><fonts count="1"><font><sz val="11"/><name val="宋体"/><charset val="134"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="{len(_FORMATS) + 1}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    + "".join(
        f'<xf numFmtId="{at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for at in range(164, 164 + len(_FORMATS))
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(slots=True)
class RebuiltWorkbook:
    """What was written."""

    rows: int = 0
    shortened_cells: int = 0
    """Cells that the format's limit has cut; only a database can hold such."""
    names: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)


def write_tables(
    tables: Iterable[tuple[Sheet, Iterator[tuple[int, Cells]]]], sink: BinaryIO
) -> RebuiltWorkbook:
    """Write each table as a sheet, rows at the numbers that they have; a table of a database gets its headers first."""
    done = RebuiltWorkbook()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        package.writestr(_entry("_rels/.rels"), PACKAGE_RELATIONS)
        package.writestr(_entry("xl/styles.xml"), _STYLES)
        for sheet, rows in tables:
            _write_table(package, sheet, rows, done)
        if not done.names:
            _write_table(package, Sheet("Sheet1"), iter(()), done)
        if all(done.states):  # a workbook has one sheet at least that is shown
            done.states[0] = ""
        package.writestr(_entry("xl/workbook.xml"), _workbook(done))
        package.writestr(_entry("xl/_rels/workbook.xml.rels"), workbook_relations(len(done.names)))
        package.writestr(_entry(CONTENT_TYPES), content_types(len(done.names)))
    return done


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # dated 1980: the same rows give the same bytes
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _write_table(
    package: zipfile.ZipFile, sheet: Sheet, rows: Iterator[tuple[int, Cells]], done: RebuiltWorkbook
) -> None:
    """One table; on further sheets where it is longer than a sheet may be."""
    if sheet.schema:
        rows = chain([(1, tuple(sheet.headers))], ((number + 1, cells) for number, cells in rows))
    offset = 0
    ahead = next(rows, None)
    while offset == 0 or ahead is not None:
        done.names.append(_name(sheet.name, done.names))
        done.states.append(_STATES.get(sheet.visibility, ""))
        with package.open(_entry(f"xl/worksheets/sheet{len(done.names)}.xml"), "w") as part:
            writing = _Sheet(part, offset, done)
            writing.begin()
            while ahead is not None and ahead[0] - offset <= ROWS_MAX:
                writing.row(*ahead)
                ahead = next(rows, None)
            writing.end(sheet if offset == 0 else None)
        offset += ROWS_MAX


def _name(wanted: str, taken: Iterable[str]) -> str:
    """The name as the format allows it, and not a second time."""
    plain = wanted.translate(_FORBIDDEN).strip("'")[:NAME_CHARACTERS_MAX] or "Sheet"
    known = {one.casefold() for one in taken}
    name, count = plain, 1
    while name.casefold() in known:
        count += 1
        end = f" ({count})"
        name = plain[: NAME_CHARACTERS_MAX - len(end)] + end
    return name


def _workbook(done: RebuiltWorkbook) -> str:
    first = next(at for at, state in enumerate(done.states) if not state)
    sheets = "".join(
        f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{at}"{state} r:id="rId{at}"/>'
        for at, (name, state) in enumerate(zip(done.names, done.states, strict=True), start=1)
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<bookViews><workbookView activeTab="{first}"/></bookViews><sheets>{sheets}</sheets></workbook>'
    )


class _Sheet:
    """Writes the rows of one sheet."""

    def __init__(self, part: IO[bytes], offset: int, done: RebuiltWorkbook) -> None:
        self._part = part
        self._offset = offset
        self._done = done
        self._groups: set[str] = set()
        """Shared formulas whose first cell is written; others stand as what they gave."""
        self._letters: list[str] = []

    def begin(self) -> None:
        self._part.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())

    def row(self, number: int, cells: Cells) -> None:
        while len(self._letters) < len(cells):
            self._letters.append(column_letters(len(self._letters)))
        at = number - self._offset
        written = "".join(
            self._cell(f"{letters}{at}", cell)
            for letters, cell in zip(self._letters, cells, strict=False)
            if cell is not None
        )
        self._part.write(f'<row r="{at}">{written}</row>'.encode())
        self._done.rows += 1

    def end(self, sheet: Sheet | None) -> None:
        merged = "".join(
            f'<mergeCell ref="{column_letters(left - 1)}{top}:{column_letters(right - 1)}{bottom}"/>'
            for top, left, bottom, right in (sheet.merged if sheet else ())
        )
        ranges = f"<mergeCells>{merged}</mergeCells>" if merged else ""
        self._part.write(f"</sheetData>{ranges}</worksheet>".encode())

    def _cell(self, at: str, cell: Cell) -> str:
        match cell:
            case Formula():
                return self._formula(at, cell)
            case str():
                return text_cell(at, Style.PLAIN, self._fitting(cell))
            case bytes():
                return text_cell(at, Style.PLAIN, self._fitting(f"x'{cell.hex()}'"))
            case bool():
                return f'<c r="{at}" t="b"><v>{cell:d}</v></c>'
            case int() | float():
                return _number(at, cell)
            case None:
                return ""
            case _:
                return _dated(at, cell)

    def _formula(self, at: str, cell: Formula) -> str:
        given = self._cell(at, cell.value) or f'<c r="{at}"></c>'
        said = _said(cell)
        if cell.kind == "shared":
            if not cell.text and cell.group not in self._groups:
                return given
            self._groups.add(cell.group)
        if ' t="inlineStr"' in given:  # a formula gives its text as a value
            given = f'<c r="{at}" t="str"><v>{escape(str(cell.value))}</v></c>'
        head, _, tail = given.partition(">")
        return f"{head}>{said}{tail}"

    def _fitting(self, text: str) -> str:
        if len(text) * 2 <= CELL_CHARACTERS_MAX:
            return text
        units = text.encode("utf-16-le", "surrogatepass")
        if len(units) <= CELL_CHARACTERS_MAX * 2:
            return text
        self._done.shortened_cells += 1
        return units[: CELL_CHARACTERS_MAX * 2].decode("utf-16-le", "ignore")


def _said(cell: Formula) -> str:
    about = "".join(
        f' {name}="{escape(value, {chr(34): "&quot;"})}"'
        for name, value in (("t", cell.kind), ("ref", cell.reach), ("si", cell.group))
        if value
    )
    return f"<f{about}>{escape(cell.text)}</f>"


def _number(at: str, cell: int | float) -> str:
    if isinstance(cell, float) and not math.isfinite(cell):
        return text_cell(at, Style.PLAIN, str(cell))
    if isinstance(cell, int) and abs(cell) > EXACT_INTEGER:
        return text_cell(at, Style.PLAIN, str(cell))
    return f'<c r="{at}"><v>{cell!r}</v></c>'


def _dated(at: str, cell: date | time | timedelta) -> str:
    if isinstance(cell, timedelta):
        return _serial(at, cell, _SPAN)
    if isinstance(cell, time):
        return _serial(at, datetime.combine(_DAY_ZERO, cell) - _DAY_ZERO, _TIME)
    moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
    if moment < _FIRST_DAY or moment.tzinfo is not None:
        return text_cell(at, Style.PLAIN, cell.isoformat())
    return _serial(at, moment - _DAY_ZERO, _MOMENT if isinstance(cell, datetime) else _DATE)


def _serial(at: str, since: timedelta, style: int) -> str:
    days = since / timedelta(days=1)
    written = repr(days).removesuffix(".0")
    return f'<c r="{at}" s="{style}"><v>{written}</v></c>'
