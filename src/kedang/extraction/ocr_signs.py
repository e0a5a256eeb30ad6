"""Where each character that OCR reads stands on the picture of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kedang.extraction.images import Pixels
from kedang.extraction.ocr_detection import Box
from kedang.extraction.ocr_engine import OcrEngine, WrittenLine
from kedang.extraction.ocr_layout import page_text, reading_order
from kedang.extraction.ocr_lines import runs_down
from kedang.extraction.orientation import Turn, upright
from kedang.extraction.signs import Area, Sign, shares


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page set upright, with what is written on it and where."""

    pixels: Pixels
    text: str
    signs: tuple[Sign, ...]
    unread: tuple[Area, ...]
    """Where something stands that may be writing and could not be read surely."""
    turned: bool
    """It lay on its side or on its head."""


def read_page(pixels: Pixels, engine: OcrEngine) -> ReadPage:
    """The page read anew, with the places of its signs."""
    read = engine.read(pixels)
    lines = [read.lines[at] for at in reading_order(read.lines)]
    signs = tuple(sign for line in lines for sign in _signs(line))
    unread = tuple(_around(box.corners) for box in read.unread)
    pixels = upright(pixels, read.turn)
    boxes = [*read.unread, *(line.box for line in read.lines)]
    unread += (*_seals(pixels), *_strays(pixels, boxes))
    return ReadPage(pixels, page_text(read.lines), signs, unread, read.turn is not Turn.NONE)


def _seals(pixels: Pixels) -> Iterator[Area]:
    """Red seals: their writing runs round, and on small ones it is a person's name."""
    light, red = pixels.max(axis=2).astype(np.int16), pixels[:, :, 0].astype(np.int16)
    others = pixels[:, :, 1:].max(axis=2).astype(np.int16)
    ink = ((red == light) & (red - others > _REDDER)).astype(np.uint8)
    reach = max(3, round(_SEAL_GAP * max(pixels.shape[:2])))
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(joined)
    longest = max(pixels.shape[:2])
    for left, top, width, height, _ in found[1:]:
        size = max(width, height)
        if _SMALLEST_SEAL * longest < size < _LARGEST_SEAL * longest and min(width, height) > _ROUND * size:
            yield Area(float(left), float(top), float(left + width), float(top + height))


_REDDER = 45  # than green and blue, of 255
_SEAL_GAP = 0.012  # of the page's longer side, between strokes of one seal
_SMALLEST_SEAL, _LARGEST_SEAL, _ROUND = 0.02, 0.3, 0.5


def _strays(pixels: Pixels, boxes: Sequence[Box]) -> Iterator[Area]:
    """Ink outside every line that was found, where it may be writing: a line under a seal, a signature."""
    height = _usual_height(boxes) or max(pixels.shape[:2]) / _LINES_OF_A_PAGE
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    around = 2 * round(_AROUND * height) + 1
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, around, _DARKER)
    ink = cv2.medianBlur(ink, 3)
    long = max(3, round(_RULE * height))
    for shape in ((long, 1), (1, long)):  # the rules of tables
        rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(shape[::-1], np.uint8))
        ink = cv2.subtract(ink, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    for box in boxes:
        middle = box.corners.mean(axis=0)
        grown = middle + (box.corners - middle) * (1 + 2 * _EDGE * height / np.array(_sides(box)))
        cv2.fillConvexPoly(ink, np.round(grown).astype(np.int32), 0)
    reach = (max(1, round(_WORD_GAP * height)), max(1, round(_STROKE_GAP * height)))
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones(reach[::-1], np.uint8))
    _, labels, found, _ = cv2.connectedComponentsWithStats(joined)
    for number, (left, top, width, tall, _) in enumerate(found[1:], start=1):
        if width < _SHORTEST * height or tall < _LOWEST * height:
            continue
        window = np.s_[top : top + tall, left : left + width]
        mine = (ink[window] > 0) & (labels[window] == number)
        yield from _bands(mine, float(left), float(top), height)


def _bands(ink: npt.NDArray[np.bool_], left: float, top: float, height: float) -> Iterator[Area]:
    """Where writing may stand in one piece of ink: a tall one (a line that runs into a frame) by slices."""
    step = max(1, round(_BAND * height)) if ink.shape[0] > _TALLEST * height else ink.shape[0]
    reach = np.ones((1, max(1, round(_WORD_GAP * height))), np.uint8)
    for begins in range(0, ink.shape[0], step):
        band = ink[begins : begins + step]
        whole = cv2.morphologyEx(band.astype(np.uint8), cv2.MORPH_CLOSE, reach)
        columns = np.flatnonzero(whole.any(axis=0))
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > reach.shape[1]) + 1):
            if not run.size or run[-1] - run[0] < _SHORTEST * height:
                continue
            part = band[:, run[0] : run[-1] + 1]
            rows = np.flatnonzero(part.any(axis=1))
            tall = rows[-1] - rows[0] + 1
            if tall >= _LOWEST * height and part.sum() >= _LEAST_INK * tall * part.shape[1]:
                at = top + begins
                yield Area(left + run[0], at + rows[0], left + run[-1] + 1, at + rows[-1] + 1)


def _usual_height(boxes: Sequence[Box]) -> float:
    """The median of the lines' heights; 0 when there are none."""
    heights = sorted(min(_sides(box)) for box in boxes)
    return heights[len(heights) // 2] if heights else 0.0


def _sides(box: Box) -> tuple[float, float]:
    return max(box.width, 1.0), max(box.height, 1.0)


_LINES_OF_A_PAGE = 60
_DARKER = 20  # than what is around, of 255
# In heights of a line:
_AROUND, _RULE, _EDGE, _WORD_GAP, _STROKE_GAP = 1.0, 3.0, 0.2, 0.9, 0.3
_LOWEST, _TALLEST, _SHORTEST, _BAND = 0.45, 3.0, 1.3, 1.5
_LEAST_INK = 0.06  # of the area


def _signs(line: WrittenLine) -> Iterator[Sign]:
    """The signs of a line, each a little wider than it should be: only middles are known."""
    first, second, third, fourth = (np.asarray(corner, dtype=np.float64) for corner in line.box.corners)
    if runs_down(line.box):  # along the writing is from top to bottom
        first, second, third, fourth = second, third, fourth, first
        slack = _SLACK * line.box.width / max(line.box.height, 1.0)
    else:
        slack = _SLACK * line.box.height / max(line.box.width, 1.0)
    for said, begins, ends in shares(line.text, line.at):
        left, right = max(0.0, begins - slack), min(1.0, ends + slack)
        above = (first + (second - first) * left, first + (second - first) * right)
        below = (fourth + (third - fourth) * left, fourth + (third - fourth) * right)
        yield Sign(said, _around(np.stack((*above, *below))))


_SLACK = 0.3  # heights of the line on either side


def _around(points: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Area:
    return Area(
        float(points[:, 0].min()),
        float(points[:, 1].min()),
        float(points[:, 0].max()),
        float(points[:, 1].max()),
    )
