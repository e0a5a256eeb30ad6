"""Where lines of writing stand on a page."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from kedang.extraction.ocr_inference import Floats, Network

Pixels = npt.NDArray[np.uint8]

_STEP = 32  # the network wants sides that are multiples of this
_INK = 0.3  # a point belongs to a line from here on
_LINE = 0.5  # mean over a box from which it counts as a line
_GROWTH = 1.6  # the network shrinks lines; this grows them back
_SMALLEST = 3  # points
_MOST_BOXES = 2_000
_DILATION = np.ones((2, 2), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Box:
    """A line's rectangle on the page, perhaps tilted: its corners from top left, clockwise."""

    corners: Floats

    @property
    def width(self) -> float:
        """Length along the writing."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Length across the writing."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))


def find_lines(network: Network, pixels: Pixels, *, longest_side: int) -> tuple[Box, ...]:
    """The lines of a page, in no order; coordinates are those of `pixels`."""
    batch = _page_batch(pixels, longest_side)
    likelihood = network.run(batch)[0, 0]
    mask = cv2.dilate((likelihood > _INK).astype(np.uint8), _DILATION)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    scale = np.array(
        [pixels.shape[1] / likelihood.shape[1], pixels.shape[0] / likelihood.shape[0]], np.float32
    )
    limit = np.array([pixels.shape[1] - 1, pixels.shape[0] - 1], np.float32)
    found = (_box(np.asarray(contour, np.int32), likelihood) for contour in contours[:_MOST_BOXES])
    placed = (Box(np.clip(corners * scale, 0, limit)) for corners in found if corners is not None)
    return tuple(box for box in placed if min(box.width, box.height) > _SMALLEST)


def _page_batch(pixels: Pixels, longest_side: int) -> Floats:
    height, width = pixels.shape[:2]
    ratio = min(1.0, longest_side / max(height, width))
    sides = [max(_STEP, round(side * ratio / _STEP) * _STEP) for side in (width, height)]
    shrunk = cv2.resize(pixels, (sides[0], sides[1]), interpolation=cv2.INTER_AREA)
    normal = shrunk.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None])


def _box(contour: npt.NDArray[np.int32], likelihood: Floats) -> Floats | None:
    """The grown rectangle round one blot, unless it is too small or too faint to be a line."""
    centre, (width, height), angle = cv2.minAreaRect(contour)
    if min(width, height) < _SMALLEST:
        return None
    corners = np.asarray(cv2.boxPoints((centre, (width, height), angle)), dtype=np.float32)
    if _mean_inside(likelihood, corners) < _LINE:
        return None
    growth = width * height * _GROWTH / (2 * (width + height))
    grown = (width + 2 * growth, height + 2 * growth)
    return _from_top_left(np.asarray(cv2.boxPoints((centre, grown, angle)), dtype=np.float32))


def _mean_inside(likelihood: Floats, corners: npt.NDArray[np.float32]) -> float:
    height, width = likelihood.shape
    low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    high = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (width - 1, height - 1))
    mask = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), dtype=np.uint8)
    cv2.fillPoly(mask, [(corners - low).astype(np.int32)], 1)
    patch = np.ascontiguousarray(likelihood[low[1] : high[1] + 1, low[0] : high[0] + 1])
    return float(cv2.mean(patch, mask)[0])


def _from_top_left(corners: Floats) -> Floats:
    """The corners of a rectangle from top left, clockwise, however tall or (below 45 degrees) tilted."""
    one, other = corners[1] - corners[0], corners[2] - corners[1]
    if abs(one[0]) < abs(one[1]):
        one, other = other, one
    along = one if one[0] > 0 else -one
    across = other if other[1] > 0 else -other
    middle = corners.mean(axis=0)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return np.array([middle + (x * along + y * across) / 2 for x, y in signs], dtype=np.float32)
