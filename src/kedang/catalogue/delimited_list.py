"""The finding aid as CSV: UTF-8 with a byte-order mark, commas, lines ending in CR LF.

Spreadsheet programs take a cell that begins with = + - @ (or their full-width forms, a tab or a line
break) for a formula. Such a cell, and one that begins with an apostrophe, is written with an
apostrophe before it; `restored` takes it off again.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from typing import BinaryIO

from kedang.catalogue.rows import CatalogueRow, Cell, columns

GUARD = "'"
_FORMULA_STARTS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_BREAKS = frozenset("\t\r\n")


def write_csv(rows: Iterable[CatalogueRow], sink: BinaryIO) -> int:
    """Write the rows to the sink as they come; the answer is how many there were."""
    sink.write(codecs.BOM_UTF8)
    writer = csv.writer(_Encoded(sink), lineterminator="\r\n")
    writer.writerow([column.name for column in columns()])
    count = 0
    for row in rows:
        writer.writerow([_said(cell) for cell in row.cells().values()])
        count += 1
    return count


def guarded(text: str) -> str:
    """The text so that no spreadsheet program takes it for a formula."""
    first = text.lstrip()[:1]
    if text[:1] in _BREAKS or first in _FORMULA_STARTS or text.startswith(GUARD):
        return GUARD + text
    return text


def restored(text: str) -> str:
    """The text that `guarded` was given."""
    return text.removeprefix(GUARD)


def _said(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case str():
            return guarded(cell)
        case _:
            return str(cell)


class _Encoded:
    """What csv writes to: text in, UTF-8 bytes out."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink

    def write(self, text: str) -> int:
        return self._sink.write(text.encode("utf-8"))
