"""Which way up a page lies.

Upright pages pay a few milliseconds: the shape of the lines rules out quarter turns and a small
network looks at a few strips. Only when these speak for a turn are some strips read both ways, and
only a clear difference in how well they read turns the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from kedang.extraction.ocr_detection import Box, Pixels
from kedang.extraction.ocr_lines import LineReader, cut_line, runs_down

_LONG = 2.0  # sides of a box that tells its direction
_SIDEWAYS_SHARE = 0.6
_LOOKED_AT = 6
_READ_BOTH_WAYS = 4
_SUSPECT = 0.3  # mean of the direction network from which strips are read both ways
_CLEARLY = 0.08  # by so much the turned reading must be surer
_LEGIBLE = 0.6  # below it neither way reads: a photograph, or writing set in columns
_LONGEST_STRIP = 16  # heights; enough to tell, and cheap


class Turn(IntEnum):
    """Quarter turns to the left that set the page upright."""

    NONE = 0
    LEFT = 1
    HALF = 2
    RIGHT = 3


def find_turn(pixels: Pixels, boxes: Sequence[Box], reader: LineReader) -> Turn:
    """How the page must be turned; NONE when nothing speaks clearly for a turn."""
    long = [box for box in boxes if _long_side(box) >= _LONG * _short_side(box)]
    if not long:
        return Turn.NONE
    down = [box for box in long if runs_down(box)]
    share = sum(map(_long_side, down)) / sum(map(_long_side, long))
    if share > _SIDEWAYS_SHARE:
        return _sideways(_strips(pixels, down), reader)
    level = [box for box in long if not runs_down(box)]
    return _upside_down(_strips(pixels, level), reader) if level else Turn.NONE


def upright(pixels: Pixels, turn: Turn) -> Pixels:
    """The page after its turn."""
    return pixels if turn is Turn.NONE else np.ascontiguousarray(np.rot90(pixels, int(turn)))


def _sideways(strips: Sequence[Pixels], reader: LineReader) -> Turn:
    """Strips of lines that run down were laid down by a turn to the left."""
    chosen = strips[:_READ_BOTH_WAYS]
    left, right = _legibility(chosen, reader), _legibility(_flipped(chosen), reader)
    if max(left, right) < _LEGIBLE or abs(left - right) < _CLEARLY:
        return Turn.NONE
    return Turn.LEFT if left > right else Turn.RIGHT


def _upside_down(strips: Sequence[Pixels], reader: LineReader) -> Turn:
    if sum(map(reader.upside_down, strips)) / len(strips) < _SUSPECT:
        return Turn.NONE
    chosen = strips[:_READ_BOTH_WAYS]
    as_it_is, turned = _legibility(chosen, reader), _legibility(_flipped(chosen), reader)
    return Turn.HALF if turned >= _LEGIBLE and turned - as_it_is > _CLEARLY else Turn.NONE


def _legibility(strips: Sequence[Pixels], reader: LineReader) -> float:
    """Mean confidence over the signs read; unread strips count as nothing."""
    reads = [reader.read(strip) for strip in strips]
    signs = sum(max(1, len(read.text)) for read in reads)
    return sum(read.confidence * len(read.text) for read in reads) / signs


def _flipped(strips: Sequence[Pixels]) -> list[Pixels]:
    return [np.ascontiguousarray(strip[::-1, ::-1]) for strip in strips]


def _strips(pixels: Pixels, boxes: Sequence[Box]) -> list[Pixels]:
    """The beginnings of the longest lines; long ones are surest to be writing."""
    longest = sorted(boxes, key=_long_side, reverse=True)[:_LOOKED_AT]
    strips = [cut_line(pixels, box) for box in longest]
    return [np.ascontiguousarray(strip[:, : strip.shape[0] * _LONGEST_STRIP]) for strip in strips]


def _long_side(box: Box) -> float:
    return max(box.width, box.height)


def _short_side(box: Box) -> float:
    return max(1.0, min(box.width, box.height))
