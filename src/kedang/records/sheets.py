"""Tables as they stand in a file, cell by cell with its type: what is split by customer and put together again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it is written, and what it gave when the file was saved."""

    text: str
    """Without the equals sign; empty where it follows the formula of its group."""
    value: Cell
    kind: str = ""
    """"shared", "array" or "dataTable"; empty for a formula of one cell."""
    reach: str = ""
    """The cells that it is for, A1:B2, where it is for several."""
    group: str = ""
    """Which shared formula of the sheet it is."""


Cell = str | int | float | bool | bytes | datetime | date | time | timedelta | Formula | None
"""None is an empty cell."""
Cells = tuple[Cell, ...]
"""One row from its first column on; empty cells at its end are left out."""
Merged = tuple[int, int, int, int]
"""First row, first column, last row, last column of cells that are one; from 1."""


class Shape(StrEnum):
    """How a file holds its tables."""

    DELIMITED = "delimited"  # lines of text; a row is its bytes
    WORKBOOK = "workbook"  # sheets of cells
    DATABASE = "database"  # tables of values


@dataclass(frozen=True, slots=True)
class Book:
    """What a file is beside its rows."""

    shape: Shape
    format_name: str
    charset: str = ""
    """Of a delimited text: the codec of its bytes."""
    delimiter: str = ""
    quoted: bool = True
    """Whether quotes hold cells together."""
    dropped: tuple[str, ...] = ()
    """Kinds of content beside the cells that rows do not carry: styles, drawings, comments, macros …"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file but for its rows. Row numbers are from 1, as the program shows them."""

    name: str
    visibility: str = "visible"
    """"visible", "hidden" or "very-hidden"."""
    header_row: int = 0
    """Number of the row of headers; 0 when there is none."""
    headers: tuple[str, ...] = ()
    merged: tuple[Merged, ...] = ()
    schema: str = ""
    """The statement that made the table, in a database."""
