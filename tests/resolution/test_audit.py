from __future__ import annotations

import random

import pytest

from kedang.resolution.audit import bound, checks_needed, sample
from kedang.resolution.clusters import Tie
from kedang.resolution.errors import SampleImpossible


@pytest.mark.parametrize(
    ("checked", "wrong", "upper"),
    [
        (100, 0, 0.029513),  # 1 - 0.05 ** (1 / 100)
        (300, 0, 0.0099364),
        (1, 1, 1.0),
        (20, 1, 0.216107),  # tables of Clopper and Pearson, one-sided 95 %
        (2995, 0, 0.00099973),
    ],
)
def test_the_bound_is_that_of_clopper_and_pearson(checked: int, wrong: int, upper: float) -> None:
    assert bound(checked, wrong).upper == pytest.approx(upper, rel=1e-4)


def test_the_bound_holds_in_at_least_95_of_100_batches() -> None:
    chance = random.Random(5)
    held = 0
    for _ in range(2000):
        wrong = sum(chance.random() < 0.02 for _ in range(150))
        held += bound(150, wrong).upper >= 0.02
    assert held >= 1900 * 0.99  # 2,000 runs: less than one in a thousand would fall below by chance


def test_it_says_how_many_must_be_looked_at() -> None:
    assert checks_needed(0.001) == 2995
    assert (
        bound(checks_needed(0.01, wrong=2), 2).upper
        <= 0.01
        < bound(checks_needed(0.01, wrong=2) - 1, 2).upper
    )


@pytest.mark.parametrize(("checked", "wrong"), [(0, 0), (5, 6), (5, -1)])
def test_impossible_figures_are_refused(checked: int, wrong: int) -> None:
    with pytest.raises(SampleImpossible, match="KD-N103"):
        bound(checked, wrong)


def test_every_join_is_drawn_equally_often() -> None:
    ties = [Tie(f"a{place}", f"b{place}", 12.0) for place in range(20)]
    chance = random.Random(1)
    drawn = [tie.left for _ in range(4000) for tie in sample(iter(ties), 5, chance)]
    assert len(drawn) == 20_000
    assert all(850 < drawn.count(tie.left) < 1150 for tie in ties)
    assert sample(ties, 50, chance) == tuple(ties)
