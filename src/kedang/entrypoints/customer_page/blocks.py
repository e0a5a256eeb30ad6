"""What a page is made of, before it is HTML, print or words on a terminal: the three say the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mood(StrEnum):
    """How a sentence is meant; it is said in words too, never by colour alone."""

    PLAIN = "plain"
    EMPTY = "empty"
    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"


class Holds(StrEnum):
    """What the cells of a column hold, and so how they are set."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    LAST_DAY = "last-day"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, with a smaller one behind it."""

    text: str
    mood: Mood = Mood.PLAIN
    more: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Names and values."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a column, and what stands in it."""

    text: str
    holds: Holds = Holds.TEXT


@dataclass(frozen=True, slots=True)
class Listed:
    """A table; the first column heads its rows."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[str, ...], ...]
    shown: bool = False
    """Whether the caption stands above the table, or is for readers only."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a dealing."""

    label: str
    amount: str
    note: str
    mood: Mood


@dataclass(frozen=True, slots=True)
class Chain:
    """A dealing: its steps in order, and what does not fit."""

    title: str
    steps: tuple[Step, ...]
    gaps: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a waterfall, in bits: above 0 it speaks for one customer, below 0 against."""

    label: str
    bits: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Why mentions were joined, step by step, and what the steps come to."""

    title: str
    bars: tuple[Bar, ...]
    total: Bar
    verdict: str


Block = Said | Known | Listed | Chain | Waterfall


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page under its heading."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole: cover, warning and parts."""

    kicker: str
    title: str
    subtitle: str
    about: Known
    figures: tuple[tuple[str, str], ...]
    """The numbers that matter, with what they are of."""
    warning: tuple[str, str]
    """Its head and what it says."""
    parts: tuple[Part, ...]
    foot: str
    running: str
    """Above each printed page; names nobody."""
