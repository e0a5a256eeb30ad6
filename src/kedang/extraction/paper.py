"""Photographs of paper: where the page lies on the picture, the page set straight, and whether it can be read.

Corners go clockwise from the page's upper left, as shares (0 to 1) of the picture's width and height.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from kedang.extraction.images import Pixels

Points = npt.NDArray[np.float32]
Corners = tuple[float, ...]
"""Eight numbers: x and y of four corners."""
WHOLE: Corners = (0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)

_LOOKED_AT = 720  # points of the longer side; edges of a page need no more
_SMALLEST_SHARE = 0.12  # of the picture; a page is photographed, not something on it
_LARGEST_SHARE = 0.985  # what fills the picture is its border
_SQUARE = 0.45  # largest cosine at a corner of a page that can still be set straight
_STRAIGHT = 0.02  # of the length of an outline, by which a side may bend
_LONGEST_SIDE = 3_500  # points of a page set straight: A4 at 300 dots an inch
_SHARP_AT = 1_000  # points of the longer side at which sharpness is measured
_TILES = 8
_SHARP = 55.0  # variance of the Laplacian in the sharpest tiles; print in focus has hundreds
_DARK = 85  # the paper itself, of 255
_SKEWED = 0.72  # shorter of two opposite sides, as a share of the longer
_AT_BORDER = 0.004


class Doubt(StrEnum):
    """Why a photograph should be looked at again."""

    NO_EDGES = "no-edges"
    BLURRED = "blurred"
    DARK = "dark"
    SKEWED = "skewed"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class PaperSeen:
    """Where the page lies on a photograph, and what speaks against it."""

    corners: Corners
    found: bool
    """False: no edges can be told from the ground; the corners are those of the picture."""
    doubts: tuple[Doubt, ...]


def look_at_paper(pixels: Pixels, corners: Corners | None = None) -> PaperSeen:
    """The page on a photograph; with `corners`, only what speaks against the page that a person has marked."""
    found = corners or find_page(pixels)
    lying = found or WHOLE
    return PaperSeen(lying, found is not None, tuple(_doubts(pixels, lying, found=found is not None)))


def reduced(pixels: Pixels, longest: int) -> Pixels:
    """The picture with at most so many points on its longer side."""
    scale = longest / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return np.asarray(
        cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )


def find_page(pixels: Pixels) -> Corners | None:
    """The corners of the largest thing with four straight sides; None when there is none."""
    small = reduced(pixels, _LOOKED_AT)
    height, width = small.shape[:2]
    best, best_area = None, _SMALLEST_SHARE * height * width
    for edges in _edges(small):
        outlines, _ = cv2.findContours(edges, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:6]:
            corners = _four(np.asarray(cv2.convexHull(outline), dtype=np.int32))
            if corners is None:
                continue
            area = abs(cv2.contourArea(corners))
            if best_area < area < _LARGEST_SHARE * height * width:
                best, best_area = corners, area
    if best is None:
        return None
    ordered = in_order(best) / np.array([width, height], dtype=np.float32)
    return tuple(float(value) for value in np.clip(ordered, 0, 1).ravel())


def _edges(small: Pixels) -> Iterator[Pixels]:
    """The picture's edges, found in several ways: paper on wood, on a white table, under a lamp."""
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    closing = np.ones((7, 7), np.uint8)
    _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    yield np.asarray(cv2.morphologyEx(bright, cv2.MORPH_CLOSE, closing), dtype=np.uint8)
    saturation = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2HSV)[:, :, 1], (5, 5), 0)
    _, plain = cv2.threshold(saturation, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    yield np.asarray(cv2.morphologyEx(plain, cv2.MORPH_CLOSE, closing), dtype=np.uint8)
    middle = float(np.median(grey))
    for low, high in ((0.5 * middle, 1.1 * middle), (20.0, 60.0)):
        lines = cv2.Canny(grey, low, high)
        yield np.asarray(cv2.morphologyEx(lines, cv2.MORPH_CLOSE, closing), dtype=np.uint8)


def _four(hull: npt.NDArray[np.int32]) -> Points | None:
    """The four corners of a hull, when it has such and each is nearly square."""
    around = cv2.arcLength(hull, True)
    for bend in (_STRAIGHT, 2 * _STRAIGHT, 3 * _STRAIGHT):
        outline = cv2.approxPolyDP(hull, bend * around, True)
        if len(outline) == 4:
            corners = np.asarray(outline, dtype=np.float32).reshape(4, 2)
            return corners if _steepest(corners) < _SQUARE else None
    return None


def _steepest(corners: Points) -> float:
    """The largest cosine of the angles at the corners; 0 for a rectangle."""
    cosines = []
    for index in range(4):
        one = corners[index - 1] - corners[index]
        other = corners[(index + 1) % 4] - corners[index]
        length = float(np.linalg.norm(one) * np.linalg.norm(other)) or 1.0
        cosines.append(abs(float(np.dot(one, other))) / length)
    return max(cosines)


def in_order(corners: Points) -> Points:
    """The corners clockwise from the upper left."""
    middle = corners.mean(axis=0)
    turning = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    around = corners[np.argsort(turning)]
    first = int(np.argmin(around.sum(axis=1)))
    return np.asarray(np.roll(around, -first, axis=0), dtype=np.float32)


def _placed(pixels: Pixels, corners: Corners) -> Points:
    height, width = pixels.shape[:2]
    shares = np.asarray(corners, dtype=np.float32).reshape(4, 2)
    return np.asarray(shares * np.array([width, height], dtype=np.float32), dtype=np.float32)


def straightened(pixels: Pixels, corners: Corners) -> Pixels:
    """The page between the corners as if it had been scanned."""
    lying = _placed(pixels, corners)
    sides = [float(np.linalg.norm(lying[(index + 1) % 4] - lying[index])) for index in range(4)]
    width, height = max(sides[0], sides[2], 1.0), max(sides[1], sides[3], 1.0)
    scale = min(1.0, _LONGEST_SIDE / max(width, height))
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    flat = np.array([[0, 0], [across, 0], [across, down], [0, down]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(lying, flat)
    page = cv2.warpPerspective(
        pixels, turn, (across, down), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)
    )
    return np.asarray(page, dtype=np.uint8)


def _doubts(pixels: Pixels, corners: Corners, *, found: bool) -> Iterator[Doubt]:
    if not found:
        yield Doubt.NO_EDGES
    page = straightened(reduced(pixels, 2 * _SHARP_AT), corners)
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if sharpness(grey) < _SHARP:
        yield Doubt.BLURRED
    if float(np.percentile(grey, 80)) < _DARK:
        yield Doubt.DARK
    lying = _placed(pixels, corners)
    sides = [float(np.linalg.norm(lying[(index + 1) % 4] - lying[index])) or 1.0 for index in range(4)]
    if min(_ratio(sides[0], sides[2]), _ratio(sides[1], sides[3])) < _SKEWED:
        yield Doubt.SKEWED
    if found and _cut_off(corners):
        yield Doubt.CUT


def _ratio(one: float, other: float) -> float:
    return min(one, other) / max(one, other)


def _cut_off(corners: Corners) -> bool:
    """Whether a side of the page lies on the border of the picture: two corners of it are there."""
    points = [(corners[index], corners[index + 1]) for index in range(0, 8, 2)]
    for one, other in pairwise((*points, points[0])):
        for axis in (0, 1):
            low = one[axis] <= _AT_BORDER and other[axis] <= _AT_BORDER
            high = one[axis] >= 1 - _AT_BORDER and other[axis] >= 1 - _AT_BORDER
            if low or high:
                return True
    return False


def sharpness(grey: Pixels) -> float:
    """How sharp the sharpest parts are: the rest of a page may be empty."""
    edges = cv2.Laplacian(reduced(grey, _SHARP_AT), cv2.CV_32F)
    tiles = [
        float(tile.var())
        for row in np.array_split(edges, _TILES, axis=0)
        for tile in np.array_split(row, _TILES, axis=1)
        if tile.size
    ]
    return float(np.percentile(tiles, 90)) if tiles else 0.0
