"""A search expression in the words of the index, as FTS5 reads it.

Only letters, digits and ideographs of folded text, "_" and "=" get here, so nothing a person types can
be taken for syntax.
"""

from __future__ import annotations

from itertools import product

from kedang.access.query import AllOf, AnyOf, Expression, Phrase
from kedang.access.tokens import BEGIN, EVERY, GRAM, is_ideographic, is_word


def fts_expression(expression: Expression) -> str:
    """What FTS5 is asked; `EVERY` stands for all records."""
    match expression:
        case Phrase():
            return _phrase(expression)
        case AnyOf():
            return "(" + " OR ".join(map(fts_expression, expression.choices)) + ")"
        case AllOf():
            wanted = [fts_expression(part) for part in expression.wanted] or [f'"{EVERY}"']
            row = "(" + " AND ".join(wanted) + ")"
            for part in expression.unwanted:
                row = f"({row} NOT {fts_expression(part)})"
            return row


def _phrase(phrase: Phrase) -> str:
    """The phrase; a word of letters at its ends is looked for as a word and inside identifiers."""
    last = len(phrase.runs) - 1
    readings = [
        _readings(run, first=place == 0, last=place == last, prefix=phrase.prefix)
        for place, run in enumerate(phrase.runs)
    ]
    rows = [
        '"' + " ".join(words for words, _ in row) + '"' + (" *" if row[-1][1] else "")
        for row in product(*readings)
    ]
    return "(" + " OR ".join(rows) + ")"


def _readings(run: str, *, first: bool, last: bool, prefix: bool) -> list[tuple[str, bool]]:
    """Ways in which a run may be indexed: (words, whether the last word may go on)."""
    if is_ideographic(run):
        return [_ideographs(run, first=first, last=last)]
    if not is_word(run):
        return [_identifier(run, first=first, last=last)]
    readings = [(run, last and prefix)]
    if first or last:
        readings.append(_identifier(run, first=first, last=last))
    return readings


def _ideographs(run: str, *, first: bool, last: bool) -> tuple[str, bool]:
    """The words of a stretch of ideographs, which begins its run unless it is the first."""
    words = [] if first else [BEGIN + run[0]]
    pairs = [run[place : place + 2] for place in range(len(run))]
    if last and (len(run) > 1 or not first):
        pairs.pop()
    return " ".join(words + pairs), first and last and len(run) == 1


def _identifier(run: str, *, first: bool, last: bool) -> tuple[str, bool]:
    """The words of a stretch of an identifier, which ends with the stretch unless it is the last."""
    words = [] if first else [BEGIN + run[0]]
    if last and len(run) == 1 and not first:
        return words[0], False
    if last:
        grams = ["_" + run[place : place + GRAM] for place in range(max(1, len(run) - GRAM + 1))]
        return " ".join(words + grams), len(run) < GRAM
    return " ".join(words + ["_" + run[place : place + GRAM] for place in range(len(run))]), False
