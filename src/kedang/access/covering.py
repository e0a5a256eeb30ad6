"""Covering 遮盖: a text with the personal values in it hidden, as whoever may not yet see them is shown it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from kedang.records.content import Finding, FindingCategory

BAR = "█"
"""Stands for each hidden character where a text has no room for a label: exports, plain terminals."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A stretch that may be read; [start, end) in code points of the whole text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Covered:
    """A stretch that is hidden; [start, end) in code points of the whole text."""

    category: FindingCategory
    """Of what begins first in it; of several that begin together, the longest."""
    start: int
    end: int

    @property
    def hidden(self) -> int:
        """How many code points it hides."""
        return self.end - self.start


Part = Shown | Covered


def covered(
    text: str,
    findings: Iterable[Finding],
    *,
    shown: Collection[FindingCategory] = (),
    opened: Iterable[tuple[int, int]] = (),
    within: tuple[int, int] | None = None,
) -> tuple[Part, ...]:
    """The text in stretches, each shown or hidden; what is hidden is in no part.

    Every character of a finding is hidden unless the finding's category is among `shown`, or the character lies in
    a stretch of `opened`: one that the asker has revealed. Findings that overlap are one stretch, and a finding that
    is shown opens nothing of another. `within` gives only that stretch of the text. All spans are [start, end) in
    code points of `text`, cut where they reach beyond it; the parts follow one another without gaps.
    """
    first, last = _cut(within or (0, len(text)), 0, len(text))
    hidden = _merged(
        sorted(
            (
                (*_cut((one.start, one.end), first, last), one.category)
                for one in findings
                if one.category not in shown
            ),
            key=lambda span: (span[0], -span[1]),
        )
    )
    left = _without(hidden, sorted(_cut(span, first, last) for span in opened))
    return tuple(_parts(text, left, first, last))


def plain(parts: Iterable[Part]) -> str:
    """The parts as one text, with a bar for each hidden character."""
    return "".join(part.text if isinstance(part, Shown) else BAR * part.hidden for part in parts)


_Span = tuple[int, int, FindingCategory]


def _cut(span: tuple[int, int], first: int, last: int) -> tuple[int, int]:
    start = min(max(span[0], first), last)
    return start, min(max(span[1], start), last)


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    """Overlapping spans joined; such as only touch stay two."""
    joined: list[_Span] = []
    for start, end, category in spans:
        if end <= start:
            continue
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), joined[-1][2])
        else:
            joined.append((start, end, category))
    return joined


def _without(spans: Iterable[_Span], opened: list[tuple[int, int]]) -> Iterator[_Span]:
    """What is left of the spans outside the opened stretches; both in order of their start."""
    for span in spans:
        start, end, category = span
        for left, right in opened:
            if right <= start or left >= end:
                continue
            if left > start:
                yield start, left, category
            start = right
        if start < end:
            yield start, end, category


def _parts(text: str, hidden: Iterable[_Span], first: int, last: int) -> Iterator[Part]:
    at = first
    for start, end, category in hidden:
        if start > at:
            yield Shown(text[at:start], at, start)
        yield Covered(category, start, end)
        at = end
    if at < last:
        yield Shown(text[at:last], at, last)
