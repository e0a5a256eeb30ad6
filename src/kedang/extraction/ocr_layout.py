"""Lines of a page in the order in which a person reads them.

Lines at one height become one row, its pieces joined by a tab where there is a wide gap, so that
"key: value" forms and table rows stay together. Running text set in columns is read column by
column. Chinese set from top to bottom is read from the right.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kedang.extraction.ocr_engine import WrittenLine
from kedang.extraction.ocr_lines import runs_down

_TELLS_SKEW = 4.0  # a line this many heights long
_STEEPEST = 20.0  # degrees; more is no skew
_SAME_ROW = 0.5  # overlap in heights
_OPEN_ROWS = 3  # rows that one more piece may still join
_SHARED_WIDTH = 0.25  # of the narrower piece; boxes are a little wider than their writing
_TAB_GAP = 1.2  # in heights
_SPACE_GAP = 0.35
_GUTTER_FROM, _GUTTER_TO = 0.2, 0.8  # of the width of the writing
_COLUMN_LINES = 6
_FILLED = 0.7
_PROSE_LENGTH = 8  # heights
_MOSTLY_DOWN = 0.6


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line on the page with its tilt taken out."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return max(1.0, self.bottom - self.top)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def page_text(lines: Sequence[WrittenLine]) -> str:
    """The text of one page, a row a line."""
    if not lines:
        return ""
    if _set_in_columns(lines):
        by_column = sorted(lines, key=lambda line: -float(line.box.corners[:, 0].mean()))
        return "\n".join(line.text for line in by_column)
    pieces = _without_tilt(lines)
    return "\n".join(_row_text(row) for block in _blocks(pieces) for row in _rows(block))


def reading_order(lines: Sequence[WrittenLine]) -> list[int]:
    """The places of the lines in the order in which `page_text` reads them."""
    marked = [
        replace(line, text=chr(_FIRST_MARK + at) * max(1, len(line.text)))
        for at, line in enumerate(lines[:_MOST_MARKS])
    ]
    order = dict.fromkeys(ord(sign) - _FIRST_MARK for sign in page_text(marked) if ord(sign) >= _FIRST_MARK)
    return list(order)


_FIRST_MARK, _MOST_MARKS = 0xF0000, 0xFFFE  # a plane of private characters, one for each line


def tilt_degrees(lines: Sequence[WrittenLine]) -> float:
    """How far the rows slope, from the long ones; 0 when there are none."""
    angles, weights = [], []
    for line in lines:
        along = line.box.corners[1] - line.box.corners[0]
        angle = math.degrees(math.atan2(float(along[1]), float(along[0])))
        if line.box.width >= _TELLS_SKEW * line.box.height and abs(angle) <= _STEEPEST:
            angles.append(angle)
            weights.append(line.box.width)
    if not angles:
        return 0.0
    order = np.argsort(angles)
    reached = np.cumsum(np.asarray(weights)[order])
    return float(np.asarray(angles)[order][np.searchsorted(reached, reached[-1] / 2)])


def _set_in_columns(lines: Sequence[WrittenLine]) -> bool:
    signs = sum(len(line.text) for line in lines)
    down = sum(len(line.text) for line in lines if runs_down(line.box))
    return down > _MOSTLY_DOWN * signs


def _without_tilt(lines: Sequence[WrittenLine]) -> list[_Piece]:
    angle = math.radians(-tilt_degrees(lines))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    pieces = []
    for line in lines:
        corners = line.box.corners @ turn.T
        x, y = np.sort(corners[:, 0]), np.sort(corners[:, 1])
        left, right = float(x[:2].mean()), float(x[2:].mean())
        pieces.append(_Piece(line.text, left, right, float(y[:2].mean()), float(y[2:].mean())))
    return pieces


def _rows(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Pieces at one height together, from the top; each row from the left."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        fitting = [row for row in rows[-_OPEN_ROWS:] if _belongs(piece, row)]
        if fitting:
            max(fitting, key=lambda row: _overlap(row[0], piece)).append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.left) for row in rows]


def _belongs(piece: _Piece, row: Sequence[_Piece]) -> bool:
    """Whether a piece stands at the height of a row and beside, not under, its other pieces."""
    beside = all(
        min(other.right, piece.right) - max(other.left, piece.left)
        <= _SHARED_WIDTH * min(other.right - other.left, piece.right - piece.left)
        for other in row
    )
    return beside and sum(_overlap(other, piece) for other in row) / len(row) >= _SAME_ROW


def _overlap(one: _Piece, other: _Piece) -> float:
    """Shared height over the smaller height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared / min(one.height, other.height)


def _row_text(row: Sequence[_Piece]) -> str:
    text = row[0].text
    for before, piece in itertools.pairwise(row):
        gap = (piece.left - before.right) / min(before.height, piece.height)
        text += "\t" if gap > _TAB_GAP else " " if gap > _SPACE_GAP else ""
        text += piece.text
    return text


def _blocks(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces cut into blocks that are read one after the other: columns of running text, the rest."""
    gutter = _gutter(pieces)
    if gutter is None:
        return [pieces]
    across = [piece for piece in pieces if piece.left < gutter < piece.right]
    beside = [piece for piece in pieces if not piece.left < gutter < piece.right]
    blocks: list[list[_Piece]] = []
    for group in _between(beside, across):
        left = [piece for piece in group if piece.right <= gutter]
        right = [piece for piece in group if piece.left >= gutter]
        if _running_text(left) and _running_text(right):
            blocks += [*_blocks(left), *_blocks(right)]
        else:
            blocks.append(group)
    return blocks


def _gutter(pieces: Sequence[_Piece]) -> float | None:
    """The x that the fewest lines cross, with enough lines on both sides; None when there is none."""
    if len(pieces) < 2 * _COLUMN_LINES:
        return None
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    best: tuple[int, float] | None = None
    for step in range(1, 60):
        share = _GUTTER_FROM + (_GUTTER_TO - _GUTTER_FROM) * step / 60
        x = left + (right - left) * share
        crossing = sum(1 for piece in pieces if piece.left < x < piece.right)
        if best is None or crossing < best[0]:
            best = (crossing, x)
    if best is None or best[0] > len(pieces) // 5:
        return None
    return best[1]


def _between(beside: Sequence[_Piece], across: Sequence[_Piece]) -> list[list[_Piece]]:
    """Pieces beside the gutter, grouped by the full-width pieces (headings) that part them."""
    groups: list[list[_Piece]] = []
    cuts = sorted(across, key=lambda piece: piece.middle)
    above = -math.inf
    for cut in [*cuts, None]:
        below = math.inf if cut is None else cut.middle
        group = [piece for piece in beside if above < piece.middle <= below]
        if group:
            groups.append(group)
        if cut is not None:
            groups.append([cut])
            above = cut.middle
    return groups


def _running_text(pieces: Sequence[_Piece]) -> bool:
    """Whether most lines fill their column, as sentences do and cells of a form do not."""
    if len(pieces) < _COLUMN_LINES:
        return False
    column = max(piece.right for piece in pieces) - min(piece.left for piece in pieces)
    widths = sorted(piece.right - piece.left for piece in pieces)
    heights = sorted(piece.height for piece in pieces)
    typical = widths[len(widths) // 2]
    return typical >= _FILLED * column and typical >= _PROSE_LENGTH * heights[len(heights) // 2]
