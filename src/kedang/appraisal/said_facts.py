"""Facts beside what a person has said of them: his word stands for all facts of that kind, whatever is read later."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation

from kedang.appraisal.facts import value_kinds
from kedang.records.content import Fact

SaidFacts = Mapping[str, Sequence[Sequence[str]]]
"""By kind every value that holds, each with the value that was read there: empty for one that nobody has read."""
LONGEST = 200  # code points of a value
CERTAIN = 1.0  # a person's; what is read is never as sure
_YEARS = range(1900, 2201)
_MOST_YUAN = Decimal(10) ** 13
_CENT = Decimal("0.01")
_PERIOD = re.compile(r"P?(\d{1,3}) ?(个月|月|年|天|日|[DMYdmy])")
_UNITS = {"个月": "M", "月": "M", "年": "Y", "天": "D", "日": "D"}


def fact_entries(read: Sequence[Fact], said: SaidFacts) -> list[tuple[Fact, str]]:
    """Every fact that holds with the value that was read there, in the order of the text; those without a place last."""
    found = [(one, one.value) for one in read if one.kind not in said]
    for kind, values in said.items():
        known = {one.value: one for one in read if one.kind == kind}
        for value, was in values:
            place = known.get(was) or known.get(value) or Fact(kind, value, 0, 0, CERTAIN)
            same = place.value == value
            found.append((place if same else replace(place, value=value, confidence=CERTAIN), was))
    return sorted(found, key=lambda one: (one[0].end == 0, one[0].start, one[0].kind))


def facts_that_hold(read: Sequence[Fact], said: SaidFacts) -> tuple[Fact, ...]:
    """What was read, and of the kinds that a person has spoken of what he has said."""
    return tuple(one for one, _ in fact_entries(read, said)) if said else tuple(read)


def normal_value(kind: str, typed: str) -> str | None:
    """What a person typed as a value of this kind, written as facts are; None when it cannot be one."""
    words = " ".join(typed.split())
    if not words or len(words) > LONGEST or not words.isprintable():
        return None
    match value_kinds().get(kind):
        case "date":
            return _day(words)
        case "amount":
            return _yuan(words)
        case "period":
            return _period(words)
        case None:
            return None
    return words


def _day(words: str) -> str | None:
    try:
        day = date.fromisoformat(words)
    except ValueError:
        return None
    return day.isoformat() if day.year in _YEARS else None


def _yuan(words: str) -> str | None:
    bare = words.removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    try:
        yuan = Decimal(bare.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    if not yuan.is_finite() or abs(yuan) >= _MOST_YUAN or yuan != yuan.quantize(_CENT):
        return None
    return f"{yuan.quantize(_CENT)}"


def _period(words: str) -> str | None:
    found = _PERIOD.fullmatch(words)
    if found is None or not int(found[1]):
        return None
    return f"P{int(found[1])}{_UNITS.get(found[2], found[2].upper())}"
