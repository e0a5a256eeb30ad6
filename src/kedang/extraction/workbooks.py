"""Excel and WPS workbooks by calamine: every sheet as a table, numbers as people read them.

A number of up to 15 digits without a fraction is written without ".0"; from 1e15 on Excel itself has lost
the last digits, so it is written as Excel shows it, with zeros, and flagged. Dates are ISO 8601. Hidden sheets are read and named
in the metadata.
"""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Sequence
from decimal import Decimal

import python_calamine

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.biff_reach import dense_cells
from kedang.extraction.compound import MARK, CompoundFile
from kedang.extraction.compound_writing import MOST_BYTES, compound_of
from kedang.extraction.errors import (
    NUMBERS_DAMAGED,
    PARTLY_READ,
    ROWS_CUT,
    Damaged,
    Encrypted,
    ExtractionError,
    LimitExceeded,
)
from kedang.extraction.limits import Limits
from kedang.extraction.ole_kinds import encrypted
from kedang.extraction.packages import Package
from kedang.extraction.tables import write_sheet
from kedang.extraction.whole import whole_bytes
from kedang.extraction.workbook_parts import write_side_parts
from kedang.records.content import Content, Extraction, Format

MAX_EXACT = 1e15  # Excel keeps 15 significant digits
MAX_DENSE_CELLS = 20_000_000  # calamine lays a sheet out from its first to its last cell, 24 bytes each
# Both begin with a fixed string, which makes them fast; what they miss meets the memory limit of the worker.
_COLUMNS = re.compile(rb' r="([A-Z]{1,3})[0-9]')
_ROWS = re.compile(rb'<row r="([0-9]{1,7})"')
Cell = (
    int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta | None
)


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The sheets as tables, and their text."""
    raw = laid_out(content, format, limits)
    assembly = TextAssembly(limits)
    workbook = opened(raw)
    left = limits.max_rows
    for sheet in workbook.sheets_metadata:
        if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible != python_calamine.SheetVisibleEnum.Visible:
            assembly.tell("hidden_sheet", sheet.name)
        left -= _write_sheet(workbook, sheet.name, assembly, limits, left)
    if raw.startswith(b"PK"):
        with Package(content, limits) as package:
            try:
                write_side_parts(package, assembly, limits)
            except ExtractionError:
                assembly.problem(PARTLY_READ, part="comments")
    return assembly.extraction()


def laid_out(content: Content, format: Format, limits: Limits) -> bytes:
    """The bytes of a workbook for `opened`, after a look at how much they would become.

    Raises:
        Encrypted: it needs a password.
        LimitExceeded: it inflates, or its cells reach, too far.
    """
    raw = whole_bytes(content, limits)
    if raw.startswith(MARK):
        compound = CompoundFile(raw)
        if encrypted(compound, format.name):
            raise Encrypted(format=format.name)
        name = "Workbook" if "Workbook" in compound else "Book"
        book = compound.stream(name)
        _refuse_reach(dense_cells(book))
        if len(book) <= MOST_BYTES:
            raw = compound_of(name, book)  # calamine believes the tables of a broken compound file
    if raw.startswith(b"PK"):
        _refuse_bombs(content, limits)
    return raw


def opened(raw: bytes) -> python_calamine.CalamineWorkbook:
    """The workbook that these bytes are.

    Raises:
        Encrypted: it needs a password.
        Damaged: nothing in it can be read.
    """
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
    except python_calamine.PasswordError as error:
        raise Encrypted(format="workbook") from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise Damaged(reason="workbook") from error
    except BaseException as error:
        if not is_panic(error):
            raise
        raise Damaged(reason="workbook-panic") from error


def is_panic(error: BaseException) -> bool:
    """Whether a Rust library gave up; its exception derives from BaseException and cannot be imported."""
    return type(error).__name__ == "PanicException"


def _write_sheet(
    workbook: python_calamine.CalamineWorkbook, name: str, assembly: TextAssembly, limits: Limits, left: int
) -> int:
    """Add one sheet; returns how many rows it had."""
    try:
        sheet = workbook.get_sheet_by_name(name)
        last_row, last_column = sheet.end or (-1, 0)
        most = max(0, min(left, limits.max_cells // (last_column + 1)))
        cells = sheet.to_python(skip_empty_area=False, nrows=most)
    except python_calamine.CalamineError:
        assembly.problem(PARTLY_READ, part="sheet")
        return 0
    except BaseException as error:
        if not is_panic(error):
            raise
        assembly.problem(PARTLY_READ, part="sheet")
        return 0
    if last_row >= most:
        assembly.problem(ROWS_CUT, rows=last_row + 1, kept=most)
    if not cells:
        return 0
    width = _width(cells)
    damaged = 0
    rows: list[list[str]] = []
    for row in cells:
        rows.append([shown(cell) for cell in row[:width]])
        damaged += sum(type(cell) is float and abs(cell) >= MAX_EXACT for cell in row)
    if damaged:
        assembly.problem(NUMBERS_DAMAGED, cells=damaged)
    start = assembly.length
    assembly.line(name)
    write_sheet(assembly, name, rows, first_row=1)
    assembly.mark("sheet", name, start)
    return len(cells)


def _width(cells: Sequence[Sequence[object]]) -> int:
    """How many columns hold anything."""
    width = 0
    for row in cells:
        at = len(row)
        while at > width and row[at - 1] == "":
            at -= 1
        width = max(width, at)
    return width


def shown(cell: Cell) -> str:
    """The cell as a person reads it."""
    if type(cell) is str:
        return cell
    if type(cell) is float:
        if cell.is_integer() and abs(cell) < MAX_EXACT:
            return str(int(cell))
        return _fraction(cell)
    if cell is None:
        return ""
    if type(cell) is bool:
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds") if cell.time() != datetime.time() else cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


def _fraction(number: float) -> str:
    """The number with at most 15 significant digits, as Excel shows it, never in powers of ten up to 1e21."""
    if number != number or number in (float("inf"), float("-inf")):
        return ""
    said = f"{number:.15g}"
    if "e" not in said:
        return said
    plain = format(Decimal(said), "f")
    return plain if len(plain) <= 40 else repr(number)


def _refuse_bombs(content: Content, limits: Limits) -> None:
    """Inflate the parts within limits and look how far the cells reach, before calamine lays them out."""
    with Package(content, limits) as package:
        for name in package.names():
            if not name.startswith("xl/") or not name.endswith((".xml", ".bin")):
                continue
            raw = package.part(name)
            if not name.startswith("xl/worksheets/sheet"):
                continue
            columns, rows = set(_COLUMNS.findall(raw)), set(_ROWS.findall(raw))
            _refuse_reach(max(map(_column, columns), default=0) * max(map(int, rows), default=0))


def _refuse_reach(cells: int) -> None:
    if cells > MAX_DENSE_CELLS:
        raise LimitExceeded(limit="max_cells")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
