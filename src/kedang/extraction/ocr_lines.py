"""What stands in a line: cutting it out of the page, straightening it, reading it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kedang.extraction.ocr_detection import Box, Pixels
from kedang.extraction.ocr_inference import Floats, Network

_HEIGHT = 48  # what the reading network was trained on
_NARROWEST = 48
_WIDEST = 4_096
_STEP = 32
_DIRECTION_SHAPE = (192, 48)
_RUNS_DOWN = 1.5  # a box so much taller than wide holds a line that runs down

# Time goes with width. Squeezed lines read as well as full ones, save where many equal digits
# stand side by side; the network is then unsure, and such lines are read again at full width.
_SQUEEZE = 0.8
_SURE_SIGN = 0.6
_SURE_LINE = 0.92


@dataclass(frozen=True, slots=True)
class LineRead:
    """The signs of a line and how sure the network is: of the line and of its weakest sign, 0..1."""

    text: str
    confidence: float
    weakest: float
    at: tuple[float, ...] = ()
    """Where along the strip each sign was seen, 0 to 1."""


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads one strip at a time."""

    reading: Network
    direction: Network
    alphabet: tuple[str, ...]

    def read(self, strip: Pixels) -> LineRead:
        """The text of one upright strip."""
        quick = self._read_at(strip, _SQUEEZE)
        if quick.weakest >= _SURE_SIGN and quick.confidence >= _SURE_LINE:
            return quick
        careful = self._read_at(strip, 1.0)
        return careful if careful.confidence >= quick.confidence else quick

    def upside_down(self, strip: Pixels) -> float:
        """How likely the strip is turned by 180 degrees, 0..1."""
        widest = strip.shape[0] * _DIRECTION_SHAPE[0] // _DIRECTION_SHAPE[1]
        beginning = strip[:, : max(1, widest)]  # more would be squeezed out of shape
        return float(self.direction.run(_normal(_resized(beginning, _DIRECTION_SHAPE)))[0, 1])

    def _read_at(self, strip: Pixels, squeeze: float) -> LineRead:
        likelihood = self.reading.run(_strip_batch(strip, squeeze))[0]
        classes = likelihood.argmax(axis=1)
        kept = np.ones(len(classes), dtype=bool)
        kept[1:] = classes[1:] != classes[:-1]
        kept &= classes != 0
        if not kept.any():
            return LineRead("", 0.0, 0.0)
        text = "".join(self.alphabet[index] for index in classes[kept])
        sure = likelihood.max(axis=1)[kept]
        drawn = min(_WIDEST, max(1, round(strip.shape[1] * _HEIGHT / strip.shape[0] * squeeze)))
        step = -(-max(_NARROWEST, drawn) // _STEP) * _STEP / len(classes) / drawn
        at = tuple(min(1.0, (float(column) + 0.5) * step) for column in np.flatnonzero(kept))
        return LineRead(text, float(sure.mean()), float(sure.min()), at)


def line_reader(reading: Network, direction: Network) -> LineReader:
    """A reader over two networks; class 0 is "nothing here", the last class is the blank."""
    return LineReader(reading, direction, ("", *reading.characters(), " "))


def cut_line(pixels: Pixels, box: Box) -> Pixels:
    """The box as an upright strip; a line that runs down is laid on its side."""
    width, height = max(1, round(box.width)), max(1, round(box.height))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(box.corners, target)
    strip = cv2.warpPerspective(
        pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    laid = np.rot90(strip) if runs_down(box) else strip
    return np.ascontiguousarray(laid, dtype=np.uint8)


def runs_down(box: Box) -> bool:
    """Whether the line runs from top to bottom: turned writing, or Chinese set in columns."""
    return box.height >= _RUNS_DOWN * box.width


def _strip_batch(strip: Pixels, squeeze: float) -> Floats:
    height, width = strip.shape[:2]
    wanted = min(_WIDEST, max(1, round(width * _HEIGHT / height * squeeze)))
    padded = max(_NARROWEST, -(-wanted // _STEP) * _STEP)
    batch = np.zeros((1, 3, _HEIGHT, padded), dtype=np.float32)
    batch[:, :, :, :wanted] = _normal(_resized(strip, (wanted, _HEIGHT)))
    return batch


def _resized(strip: Pixels, shape: tuple[int, int]) -> Pixels:
    way = cv2.INTER_AREA if strip.shape[0] > 2 * shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(strip, shape, interpolation=way), dtype=np.uint8)


def _normal(strip: Pixels) -> Floats:
    normal: Floats = (strip.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
    return np.ascontiguousarray(normal)
