"""Whatever stands in the parts of mentions, a comparison comes to its end: one that dies compares nobody."""

from __future__ import annotations

import random

import pytest

from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.comparable_columns import columns_of
from kedang.resolution.mention import MentionKind
from kedang.resolution.resolving import resolve

TEXTS = [
    *("王", "王小明", "Amy", "A", "Müller", "𠮷田", "阿依古丽·买买提", "王 明", "J-P", "é", "e\u0301", "\U0001f600"),
    *("x" * 60, "中" * 50, "\0a", "a\nb", "'\"; drop", "%s", "\ufeff", "  ", "-", "--"),
    *("1980-02-03", "1980-13-45", "1980", "9999-99-99", "0-0-0", "١٩٨٠-٠١-٠١"),
    *("13800138000", "138", "1" * 400, "a@b", "@", "@@", "a@b@c", "wechat:x", "source:t:c:v", "a:b:c:d"),
]  # fmt: skip
KINDS, NUMBERS = list(MentionKind), list(IdentifierKind)


def odd(chance: random.Random, customer: int, number: int) -> Comparable:
    """A mention that says anything anywhere, and one number that nobody else has but the same customer."""

    def text(often: float = 0.3) -> str:
        return chance.choice(TEXTS) if chance.random() < often else ""

    def some() -> tuple[str, ...]:
        return tuple(sorted({text() for _ in range(chance.randint(0, 2))} - {""}))

    return Comparable(
        id=str(number), kind=KINDS[customer % len(KINDS)], name=text(0.9), weak_name=chance.random() < 0.2, surname=text(),
        given_name=text(), sound=text(), core=text(0.9), region=text(), industry=text(), legal_form=text(),
        branch=text() if chance.random() < 0.2 else "",
        certain=(Identifier(NUMBERS[0], f"{customer}-{text()}" if chance.random() < 0.1 else str(customer)),),
        mobiles=(f"138{customer:08}",), landlines=some(), emails=some(), handles=some(),
        address=Address(*(text() for _ in range(7))), birth_date=text(),
    )  # fmt: skip


@pytest.mark.parametrize("learn_from", [10, 100_000])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_comparison_of_anything_ends(seed: int, learn_from: int) -> None:
    chance = random.Random(seed)
    mentions = [odd(chance, number // 3, number) for number in range(300)]
    found = resolve(columns_of(mentions, at_once=70), learn_from=learn_from)
    assert sorted(one for group in found.clusters() for one in group) == sorted(one.id for one in mentions)
