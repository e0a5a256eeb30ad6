"""Two sides beside each other with what differs marked, and why they were thought to be one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from kedang.entrypoints.customer_page.blocks import Bar, Part, Waterfall
from kedang.entrypoints.customer_page.html import part_html
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.holdings.queries.judging_queue import PairShown


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some characters of a value, and whether the other side has them too."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Field:
    """What both sides say of one thing."""

    label: str
    same: bool
    first: tuple[Stretch, ...]
    second: tuple[Stretch, ...]


def sides_of(pair: PairShown) -> list[dict[str, Any]]:
    """Where each side stands."""
    return [
        {
            "title": one.title,
            "code": one.reference_code or one.record_id[:12],
            "number": one.number,
            "role": one.role,
        }
        for one in (pair.first, pair.second)
    ]


def fields_of(pair: PairShown, words: PageWords) -> list[Field]:
    """Field by field; where both say something, the characters that differ are marked."""
    found = []
    for name, left, right, same in pair.fields():
        compared = bool(left and right) and not same
        first, second = _marked(left, right) if compared else (_plain(left), _plain(right))
        found.append(Field(words.of("value", name), same, first, second))
    return found


def _plain(said: str) -> tuple[Stretch, ...]:
    return (Stretch(said, differs=False),) if said else ()


def _marked(left: str, right: str) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    first = [Stretch(left[a:b], what != "equal") for what, a, b, _, _ in blocks if b > a]
    second = [Stretch(right[a:b], what != "equal") for what, _, _, a, b in blocks if b > a]
    return tuple(first), tuple(second)


def waterfall_of(evidence: Mapping[str, Any], words: PageWords) -> SafeString:
    """The steps of a comparison as bars."""
    if not evidence.get("steps"):
        return SafeString("")
    fall = Waterfall(
        words.say("total-bits"),
        tuple(_bars(evidence, words)),
        Bar(words.say("total-bits"), evidence["millibits"] / 1000),
        words.say("probability", share=f"{evidence['ppm'] / 10_000:.4f}".rstrip("0").rstrip(".")),
    )
    return mark_safe(part_html(Part("evidence", "", (fall,)), words))  # noqa: S308  # made by ElementTree


def _bars(evidence: Mapping[str, Any], words: PageWords) -> Iterator[Bar]:
    return (Bar(one[words.short], one["millibits"] / 1000) for one in evidence["steps"])
