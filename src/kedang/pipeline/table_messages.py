"""What a parsing process says of a table: its sheets and rows, in order, in messages of bounded size."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.records.sheets import Book, Sheet

CHUNK_BYTES = 1024 * 1024
CHUNK_ROWS = 8192


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
