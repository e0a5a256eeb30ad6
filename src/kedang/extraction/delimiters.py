"""Whether lines of text form a table, and which character parts its cells."""

from __future__ import annotations

import csv
from itertools import islice

CANDIDATES = (",", "\t", ";", "|")
SAMPLE_LINES = 60
SENTENCE_CHARACTERS = 60  # a table whose typical cell is longer than this is running text with commas
MIN_SURE_ROWS = 3


def delimiter_of(head: str, *, complete: bool, expected: bool = False) -> str | None:
    """The character that parts cells; None when the lines form no table.

    `expected` says that the name promises a table: two lines of two cells are then enough.
    """
    lines = list(islice((line for line in head.splitlines() if line.strip()), SAMPLE_LINES))
    if not complete and len(lines) > 1 and len(lines) < SAMPLE_LINES:
        lines.pop()
    best, best_score = None, 0.0
    for delimiter in CANDIDATES:
        score = _score(lines, delimiter, expected=expected)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _score(lines: list[str], delimiter: str, *, expected: bool) -> float:
    """How much the lines look like a table with this delimiter: 0 for not at all."""
    if not any(delimiter in line for line in lines):
        return 0.0
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return 0.0
    widths = [len(row) for row in rows]
    wide = [width for width in widths if width > 1]
    if not wide or len(rows) < (1 if expected else MIN_SURE_ROWS):
        return 0.0
    modal = max(set(wide), key=lambda width: (wide.count(width), width))
    agreeing = sum(abs(width - modal) <= (1 if modal > 4 else 0) for width in widths) / len(rows)
    if agreeing < (0.4 if expected else 0.8) or (
        modal == 2 and not expected and (agreeing < 1.0 or len(rows) < 4)
    ):
        return 0.0
    lengths = sorted(len(cell) for row in rows for cell in row)
    if not expected and (lengths[len(lengths) // 2] > SENTENCE_CHARACTERS or _prose(rows)):
        return 0.0
    return agreeing * (1 + min(modal, 20) / 10)


def _prose(rows: list[list[str]]) -> bool:
    """Whether the lines end as sentences do, so that the commas are punctuation."""
    ends = sum(
        row[-1].rstrip().endswith(("。", "，", ".", ";", "；", "！", "？", "{", "}", ")", ","))
        for row in rows
    )
    spaced = sum(cell.startswith(" ") for row in rows for cell in row[1:])
    return ends > len(rows) * 0.5 or spaced > 0.8 * max(1, sum(len(row) - 1 for row in rows))
