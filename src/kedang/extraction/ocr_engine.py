"""One page's pixels to its lines: found, set upright, read."""

from __future__ import annotations

import importlib
import importlib.util
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from kedang.extraction.ocr_detection import Box, Pixels, find_lines
from kedang.extraction.ocr_inference import Networks, Precision, load_networks
from kedang.extraction.ocr_lines import LineReader, cut_line, line_reader
from kedang.extraction.orientation import Turn, find_turn, upright

_WARM_UP_TEXT = "2024"


class Backend(StrEnum):
    """The library that runs the networks."""

    OPENVINO = "openvino"
    ONNXRUNTIME = "onnxruntime"


_MODULES = {
    Backend.OPENVINO: "kedang.extraction.ocr_openvino",
    Backend.ONNXRUNTIME: "kedang.extraction.ocr_onnxruntime",
}


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How pages are read; the defaults were chosen by `bench/ocr.py`."""

    detection_sides: tuple[int, ...] = (960, 1_600)
    """Longest side, in points, of the page as the detector sees it; reading uses the full page.
    A later one is tried when the lines seen so are too small to be told apart."""
    smallest_line: float = 12.0
    """Height, in points of the detector, that the middle one of the lines must have."""
    lowest_confidence: float = 0.6
    """Lines read with less are noise more often than writing, and are dropped."""
    precision: Precision = Precision.NATIVE


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of a page: where, what, how sure."""

    box: Box
    text: str
    confidence: float
    at: tuple[float, ...] = ()
    """Where along the box each sign stands, 0 to 1."""


@dataclass(frozen=True, slots=True)
class PageRead:
    """The lines of one page in no order, in the coordinates of the page set upright."""

    lines: tuple[WrittenLine, ...]
    turn: Turn
    illegible: int
    """Lines that were found but not read surely enough to be kept."""
    unread: tuple[Box, ...] = ()
    """Where something that may be writing stands and was not kept."""


class OcrEngine:
    """Reads pages one at a time on one thread; a process holds one engine and keeps it."""

    def __init__(self, networks: Networks, options: EngineOptions) -> None:
        self._detection = networks.detection
        self._reader: LineReader = line_reader(networks.reading, networks.direction)
        self._options = options

    def read(self, pixels: Pixels) -> PageRead:
        """The lines of one RGB page, whichever way up it lies."""
        page = np.ascontiguousarray(pixels[:, :, ::-1])  # the networks learned on BGR
        boxes = self._find(page)
        turn = find_turn(page, boxes, self._reader)
        if turn is not Turn.NONE:
            page = upright(page, turn)
            boxes = self._find(page)
        lines = [self._read_line(page, box) for box in boxes]
        kept = tuple(line for line in lines if self._is_writing(line))
        unread = tuple(line.box for line in lines if not self._is_writing(line))
        illegible = sum(bool(line.text) for line in lines) - len(kept)
        return PageRead(kept, turn, illegible=illegible, unread=unread)

    def warm_up(self) -> None:
        """Reads a tiny page, so that the first real one is not the slow one."""
        page = np.full((96, 160, 3), 255, dtype=np.uint8)
        cv2.putText(page, _WARM_UP_TEXT, (16, 64), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 3)
        self.read(page)

    def _find(self, page: Pixels) -> tuple[Box, ...]:
        longest = max(page.shape[:2])
        boxes: tuple[Box, ...] = ()
        for side in self._options.detection_sides:
            boxes = find_lines(self._detection, page, longest_side=side)
            seen = _middle_height(boxes) * side / longest
            if side >= longest or seen >= self._options.smallest_line:
                break
        return boxes

    def _read_line(self, page: Pixels, box: Box) -> WrittenLine:
        read = self._reader.read(cut_line(page, box))
        blank = len(read.text) - len(read.text.lstrip())
        said = read.text.strip()
        return WrittenLine(box, said, read.confidence, read.at[blank : blank + len(said)])

    def _is_writing(self, line: WrittenLine) -> bool:
        return bool(line.text) and line.confidence >= self._options.lowest_confidence


def _middle_height(boxes: Sequence[Box]) -> float:
    """The median of the lines' heights; 0 when there are none."""
    heights = sorted(min(box.width, box.height) for box in boxes)
    return heights[len(heights) // 2] if heights else 0.0


def fastest_backend() -> Backend:
    """OpenVINO where it is installed and at home (x86-64), else ONNX Runtime."""
    at_home = platform.machine().lower() in {"x86_64", "amd64"}
    if at_home and importlib.util.find_spec("openvino") is not None:
        return Backend.OPENVINO
    return Backend.ONNXRUNTIME


def load_engine(options: EngineOptions | None = None, backend: Backend | None = None) -> OcrEngine:
    """A warm engine; about a second and 300 MB. Raises OcrModelsMissing."""
    options = options or EngineOptions()
    module = importlib.import_module(_MODULES[backend or fastest_backend()])
    engine = OcrEngine(load_networks(module.load, options.precision), options)
    engine.warm_up()
    return engine
