"""What a parsing process says of a table: its sheets and rows, in order, in messages of bounded size."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.records.sheets import Book, Sheet

CHUNK_BYTES = 1024 * 1024
CHUNK_ROWS = 8192


@dataclass(frozen=True, slots=True)
class TableRead:
    """How far extraction has read a table."""

    name: str
    first_row: int
    """Number of the first row below the headers, as the program shows it."""
    rows: int


@dataclass(frozen=True, slots=True)
class HeadsRead:
    """What is known of a file whose tables were read in part."""

    tables: tuple[TableRead, ...]
    title: str
    is_personal: bool
    """Whether it is a record about persons: its lists of customers make customers."""
    columns: tuple[tuple[str, str], ...] = ()
    """What persons have said of its columns."""
    only_named: bool = False
    """Say whom rows name, and leave out the rows."""


@dataclass(frozen=True, slots=True)
class TableChunk:
    """Sheets and rows that follow those of earlier messages; more follow until one says `last`."""

    book: Book | None = None
    """In the first message."""
    sheets: tuple[Sheet, ...] = ()
    """Those that begin in this message."""
    rows: tuple[tuple[int, int, bytes], ...] = ()
    """Place of the sheet among all, number of the row, the row."""
    last: bool = False
    named: bytes = b""
    """Whom the rows among them name that extraction has not read, in their order (`resolution.named_rows`)."""
