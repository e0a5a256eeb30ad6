"""What is asked of a parsing process about a photograph of paper, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

PHOTO_BYTES = 64 * 1024 * 1024  # of one photograph
PICTURE_BYTES = 32 * 1024 * 1024
PICTURE_POINTS = 4_000  # of the longer side
DOUBTS = 5


@dataclass(frozen=True, slots=True)
class PaperRequest:
    """Find the page on a photograph and set it straight."""

    data: bytes
    corners: tuple[float, ...] = ()
    """Where a person has marked the page; empty: it is looked for."""
    turn: int = 0
    """Quarter turns to the right, after it was set straight."""
    longest: int = PICTURE_POINTS
    """Points of the longer side of the answer's picture."""
    flat: bool = False
    """Give the photograph as it is, upright: for marking the corners on it."""


@dataclass(frozen=True, slots=True)
class PaperDone:
    """The page as JPEG; none when `refused` says why."""

    corners: tuple[float, ...] = ()
    found: bool = False
    doubts: tuple[str, ...] = ()
    picture: bytes = b""
    width: int = 0
    height: int = 0
    refused: str = ""
    """A code."""
