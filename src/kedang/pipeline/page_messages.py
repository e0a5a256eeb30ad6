"""What is asked of a parsing process about the picture of one page, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.records.content import Format

PICTURE_BYTES = 8 * 1024 * 1024
PICTURE_POINTS = 3_000  # of the longer side
MOST_MARKS = 400


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Draw one page. Exactly one of `data` and `spool` holds the bytes."""

    format: Format
    page: int
    """0-based."""
    data: bytes | None = None
    spool: str | None = None
    recognised: bool = False
    """The text of the page came from OCR."""
    whole: bool = False
    """Nothing is covered: somebody has revealed the page."""
    hidden: tuple[str, ...] = ()
    """The personal values of the page, each as often as it stands there."""
    readable: tuple[str, ...] = ()
    """Names that the asker may read: they are not covered where reading again finds them."""
    marked: tuple[str, ...] = ()
    """The facts of the page, which are to be pointed at."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands: number of the fact, and parts (0 to 1) of the picture's width and height."""

    number: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageDrawn:
    """The picture as WebP; none when `refused` says why."""

    picture: bytes = b""
    width: int = 0
    height: int = 0
    covered: int = 0
    """How many places are covered."""
    marks: tuple[Mark, ...] = ()
    refused: str = ""
    """A code."""


NOT_PLACED = "KD-W106"
NOT_DRAWN = "KD-W105"
