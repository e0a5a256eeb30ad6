"""How far the cells of a binary workbook (xls) reach, told before a reader lays its sheets out in memory.

A book stream is a row of records: kind, size, body (MS-XLS 2.1.4). A cell record begins with its row and its
first column; those of many cells end with their last column. BOF begins a sheet anew.
"""

from __future__ import annotations

import struct

SINGLE = frozenset((0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00D6, 0x00FD, *range(1, 6)))
MANY = frozenset((0x00BD, 0x00BE))  # MULRK, MULBLANK
DIMENSIONS = 0x0200  # what the sheet claims of itself; calamine makes room for it
STRINGS = 0x00FC  # SST: the strings of all sheets, after their number
IMPOSSIBLE = 1 << 40
BOF = frozenset((0x0009, 0x0209, 0x0409, 0x0809))


def dense_cells(book: bytes) -> int:
    """The number of cells from the first to the last of the widest-reaching sheet."""
    widest = last_row = last_column = at = 0
    end = len(book) - 4
    while at <= end:
        kind, size = struct.unpack_from("<HH", book, at)
        if kind in SINGLE or kind in MANY:
            if size >= 4 and at + 4 + size <= len(book):
                row, column = struct.unpack_from("<HH", book, at + 4)
                if kind in MANY:
                    column = max(column, struct.unpack_from("<H", book, at + 2 + size)[0])
                last_row, last_column = max(last_row, row), max(last_column, column)
        elif kind == STRINGS and size >= 8 and at + 12 <= len(book):
            strings = struct.unpack_from("<I", book, at + 8)[0]
            if strings > len(book):  # each takes three bytes at least
                widest = max(widest, IMPOSSIBLE)
        elif kind == DIMENSIONS:
            widest = max(widest, _claimed(book[at + 4 : at + 4 + size]))
        elif kind in BOF:
            widest = max(widest, (last_row + 1) * (last_column + 1))
            last_row = last_column = 0
        at += 4 + size
    return max(widest, (last_row + 1) * (last_column + 1))


def _claimed(body: bytes) -> int:
    """The cells that a DIMENSIONS record claims: rows as 32-bit numbers, in older books as 16-bit ones."""
    form = "<IIHH" if len(body) >= 14 else "<HHHH"
    if len(body) < struct.calcsize(form):
        return 0
    first_row, rows, first_column, columns = map(int, struct.unpack_from(form, body))
    if (
        rows < first_row or columns < first_column
    ):  # a reader that subtracts them would want all memory there is
        return IMPOSSIBLE
    return (rows - first_row) * (columns - first_column)
