"""Checking a hit against its text and marking it there."""

from __future__ import annotations

from dataclasses import dataclass

from kedang.access.query import AllOf, AnyOf, Expression, Phrase, phrases
from kedang.access.tokens import Canonical, canonical

SNIPPET_LENGTH = 80  # code points of text around the first hits, as one line on a phone shows twice


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end) in code points of the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of the text and the hits in it; `hits` are places in the whole text, not in `text`."""

    start: int
    end: int
    text: str
    hits: tuple[Span, ...]


def matches(text: str, expression: Expression) -> bool:
    """Whether the opened text is what was asked for: the last word on every hit."""
    return _holds(canonical(text), expression)


def _holds(seen: Canonical, expression: Expression) -> bool:
    match expression:
        case Phrase():
            return next(seen.occurrences(expression.runs, prefix=expression.prefix), None) is not None
        case AnyOf():
            return any(_holds(seen, choice) for choice in expression.choices)
        case AllOf():
            return all(_holds(seen, part) for part in expression.wanted) and not any(
                _holds(seen, part) for part in expression.unwanted
            )


def mark_hits(text: str, expression: Expression, *, limit: int = 1000) -> tuple[Span, ...]:
    """Where the wanted phrases stand in the text: sorted, overlaps joined, at most `limit` of each."""
    seen = canonical(text)
    found: list[tuple[int, int]] = []
    for phrase in phrases(expression):
        occurrences = seen.occurrences(phrase.runs, prefix=phrase.prefix)
        found.extend(span for span, _ in zip(occurrences, range(limit), strict=False))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(Span(start, end) for start, end in joined)


def snippet(text: str, expression: Expression, *, length: int = SNIPPET_LENGTH) -> Snippet:
    """The stretch of about `length` code points with the most hits; the beginning when none is there."""
    hits = mark_hits(text, expression)
    if not hits:
        return Snippet(0, min(length, len(text)), text[:length], ())
    best = max(hits, key=lambda hit: (_within(hits, hit.start, length), -hit.start))
    start = max(0, min(best.start - length // 4, len(text) - length))
    end = min(len(text), max(start + length, best.end))
    inside = tuple(hit for hit in hits if hit.start >= start and hit.end <= end)
    return Snippet(start, end, text[start:end], inside)


def _within(hits: tuple[Span, ...], start: int, length: int) -> int:
    """How many hits lie within the stretch that a snippet beginning with the hit at `start` shows."""
    return sum(1 for hit in hits if start <= hit.start and hit.end <= start + 3 * length // 4)
