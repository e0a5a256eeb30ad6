"""Signs of a page with the places where they stand on its picture, and finding a value among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

_SAME_LINE = 0.5  # of the height: signs whose middles are nearer stand on one line
_GAP = 3.0  # heights; signs further apart on one line are two stretches


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the picture, in points from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def joined(self, other: Area) -> Area:
        """The rectangle around both."""
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def grown(self, by: float) -> Area:
        """The rectangle with a border of so many points."""
        return Area(self.left - by, self.top - by, self.right + by, self.bottom + by)


@dataclass(frozen=True, slots=True)
class Sign:
    """One character that is no blank, and where it stands."""

    text: str
    area: Area


@dataclass(frozen=True, slots=True)
class Note:
    """Words that are drawn somewhere within an area: the value of a form field, a note."""

    text: str
    area: Area


class Signs:
    """The signs of a page in reading order, as one string without blanks."""

    def __init__(self, signs: Iterable[Sign], notes: Iterable[Note] = ()) -> None:
        self._signs = [sign for sign in signs if bare(sign.text)]
        self._said = "".join(sign.text for sign in self._signs)
        self._starts = _starts(self._signs)
        self._notes = [Note(bare(note.text), note.area) for note in notes]

    def __len__(self) -> int:
        return len(self._signs)

    def places(self, value: str) -> list[list[Area]]:
        """Every place of a value: each the areas of its lines. Blanks and line ends do not matter."""
        wanted = bare(value)
        if not wanted:
            return []
        found = [self._areas(start, start + len(wanted)) for start in _each(self._said, wanted)]
        return found + [[note.area] for note in self._notes if wanted in note.text]

    def _areas(self, start: int, end: int) -> list[Area]:
        inside = self._signs[self._starts[start] : self._starts[end - 1] + 1]
        return lines_of([sign.area for sign in inside])


def bare(text: str) -> str:
    """The text without blanks, line ends and what only parts words at the end of a line."""
    return "".join(sign for sign in text if not sign.isspace() and sign not in _PARTING)


_PARTING = "\x02\ufffe\x00-\u00ad"


def lines_of(areas: Sequence[Area]) -> list[Area]:
    """The areas joined line by line."""
    joined: list[Area] = []
    for area in areas:
        if joined and _beside(joined[-1], area):
            joined[-1] = joined[-1].joined(area)
        else:
            joined.append(area)
    return joined


def _beside(line: Area, area: Area) -> bool:
    height = max(line.height, area.height, 1.0)
    level = abs((line.top + line.bottom) - (area.top + area.bottom)) / 2 < _SAME_LINE * height
    return level and -height < area.left - line.right < _GAP * height


def _starts(signs: Sequence[Sign]) -> list[int]:
    """By place in the joined string: which sign stands there."""
    return [at for at, sign in enumerate(signs) for _ in sign.text]


def _each(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def shares(text: str, at: Sequence[float]) -> list[tuple[str, float, float]]:
    """Each sign of a line that is no blank, with where it begins and ends, 0 to 1 along the line.

    `at` is where each was seen; without that all signs share the line.
    """
    middles = at if len(at) == len(text) else [(n + 0.5) / len(text) for n in range(len(text))]
    cuts = [0.0, *((left + right) / 2 for left, right in pairwise(middles)), 1.0]
    return [
        (sign, begins, ends)
        for sign, (begins, ends) in zip(text, pairwise(cuts), strict=True)
        if not sign.isspace()
    ]


def counted(values: Iterable[str]) -> dict[str, int]:
    """How often each value stands there, blanks aside."""
    return {value: len(list(same)) for value, same in groupby(sorted(map(bare, values))) if value}
