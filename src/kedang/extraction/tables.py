"""Which row of a sheet holds the headers, and where the rows of the table begin."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kedang.extraction.assembly import TextAssembly, one_line

LOOKED_AT = 40  # rows from the top; bank exports put up to 25 lines of account data above the headers
MAX_HEADER_CHARACTERS = 40
_VALUE = re.compile(r"^[-+¥￥$]?[\d,，.:：/\- ]+[%元年月日]?$|^\d{4}[-/年]\d{1,2}|@|^https?://")


def header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The index of the header row; None when the rows have none.

    A header row is short words, all different, as wide as the rows below it, with at least one row below
    that does not look like a header again.
    """
    top = rows[:LOOKED_AT]
    filled = [sum(bool(cell) for cell in row) for row in top]
    widest = max(filled, default=0)
    if widest == 0:
        return None
    for number, row in enumerate(top):
        cells = [cell for cell in row if cell]
        below = filled[number + 1 : number + 6]
        if len(cells) < max(2, widest * 0.6) or not below:
            continue
        if _is_header(cells) and max(below) >= len(cells) * 0.4:
            return number
        return None if _values(cells) else number if _is_header(cells) else None
    return _single_column(top, filled, widest)


def _single_column(top: Sequence[Sequence[str]], filled: list[int], widest: int) -> int | None:
    """A one-column list has a header when its first word stands above values of another look."""
    if widest != 1 or len(top) < 2:
        return None
    words = [next((cell for cell in row if cell), "") for row in top]
    return 0 if words[0] and _is_header([words[0]]) and filled[1] and _values([words[1]]) else None


def _is_header(cells: Sequence[str]) -> bool:
    words = [cell.strip() for cell in cells]
    plain = sum(not _VALUE.search(word) and len(word) <= MAX_HEADER_CHARACTERS for word in words)
    return plain == len(words) and len(set(words)) >= len(words) * 0.9


def _values(cells: Sequence[str]) -> bool:
    return any(_VALUE.search(cell.strip()) for cell in cells)


def write_sheet(assembly: TextAssembly, name: str, rows: Sequence[Sequence[str]], *, first_row: int) -> None:
    """Add a sheet: what stands above its headers as lines, then the headers and rows as a table.

    `first_row` is the number of rows[0] as the program shows it. Blank rows inside stay: numbers hold.
    """
    last = len(rows)
    while last and not any(cell.strip() for cell in rows[last - 1]):
        last -= 1
    top = [[cell.strip() for cell in row] for row in rows[: min(last, LOOKED_AT + 10)]]
    header = header_row(top)
    first = 0 if header is None else header + 1
    for row in rows[: header or 0]:
        assembly.line("\t".join(map(one_line, row)).rstrip("\t"))
    headers = () if header is None else tuple(cell.strip() for cell in rows[header])
    assembly.write_rows(name, headers, rows[first:last], first_row=first_row + first)
