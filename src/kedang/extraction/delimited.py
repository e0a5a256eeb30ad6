"""CSV and TSV as a table; its text is the same cells parted by tabs, a row a line.

Quotes are read as RFC 4180 has them. A quote that is never closed would swallow the rest of the file, so a
cell of very many lines makes the file be read again without quoting. Formulas are text.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kedang.extraction.assembly import TextAssembly, tidy
from kedang.extraction.delimiters import delimiter_of
from kedang.extraction.errors import ROWS_CUT
from kedang.extraction.limits import Limits
from kedang.extraction.plain import note_guess, text_of
from kedang.extraction.tables import write_sheet
from kedang.records.content import Content, Extraction, Format

Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE
MAX_CELL_CHARACTERS = 4 * 1024 * 1024
MAX_CELL_LINES = 500  # a pasted letter has fewer; a lost quote has more
HEAD_CHARACTERS = 64 * 1024


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The table and its text."""
    assembly = TextAssembly(limits)
    text = tidy(text_of(content, format, assembly, limits))
    note_guess(format, assembly)
    lines = lines_of(text, format, limits)
    if lines is None:
        assembly.problem(ROWS_CUT, rows=0)
        assembly.write(text)
        return assembly.extraction()
    rows = lines.rows
    if len(rows) >= limits.max_rows or sum(map(len, rows)) >= limits.max_cells:
        assembly.problem(ROWS_CUT, rows=len(rows))
    write_sheet(assembly, "", rows, first_row=1)
    return assembly.extraction()


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of cells, blank ones included so that row numbers hold."""

    rows: list[list[str]]
    ends: list[int]
    """How many lines of the text are read when each row is."""


def lines_of(text: str, format: Format, limits: Limits) -> Lines | None:
    """The rows of a tidied text; None when cells grow beyond belief, with and without quoting."""
    head = text[:HEAD_CHARACTERS]
    delimiter = delimiter_of(head, complete=len(head) == len(text), expected=True) or (
        "\t" if format.name == "tsv" else ","
    )
    quoted = _rows(text, delimiter, csv.QUOTE_MINIMAL, limits)
    return _rows(text, delimiter, csv.QUOTE_NONE, limits) if quoted is None else quoted


def _rows(text: str, delimiter: str, quoting: Quoting, limits: Limits) -> Lines | None:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    rows: list[list[str]] = []
    ends: list[int] = []
    cells = 0
    reader = csv.reader(_lines(text), delimiter=delimiter, quoting=quoting)
    line = 0
    try:
        for row in reader:
            if reader.line_num - line > MAX_CELL_LINES:
                return None
            line = reader.line_num
            rows.append(row)
            ends.append(line)
            cells += len(row)
            if len(rows) >= limits.max_rows or cells >= limits.max_cells:
                break
    except csv.Error:
        return None
    return Lines(rows, ends)


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; only line feeds end a line, unlike `splitlines`."""
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        yield text[at:end]
        at = end
