"""How wrong the joins of a batch can be at most: a random sample, looked at by a person, and an exact bound."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from kedang.resolution.clusters import Tie
from kedang.resolution.errors import SampleImpossible

_HALVINGS = 100


@dataclass(frozen=True, slots=True)
class AuditBound:
    """What a sample says about the batch that it was drawn from."""

    checked: int
    wrong: int
    confidence: float
    upper: float
    """With this confidence at most this share of the joins is wrong (Clopper and Pearson 1934, one-sided)."""


def sample(ties: Iterable[Tie], size: int, chance: random.Random) -> tuple[Tie, ...]:
    """`size` joins drawn at random, each with equal chance, in one pass (reservoir); all when there are fewer."""
    drawn: list[Tie] = []
    for place, tie in enumerate(ties):
        if place < size:
            drawn.append(tie)
        elif (other := chance.randrange(place + 1)) < size:
            drawn[other] = tie
    return tuple(drawn)


def bound(checked: int, wrong: int, *, confidence: float = 0.95) -> AuditBound:
    """The exact upper bound of the share of wrong joins.

    Raises:
        SampleImpossible: nothing was checked, or more was wrong than checked.
    """
    if checked <= 0 or not 0 <= wrong <= checked or not 0 < confidence < 1:
        raise SampleImpossible(checked=checked, wrong=wrong)
    return AuditBound(checked, wrong, confidence, _upper(checked, wrong, 1 - confidence))


def checks_needed(rate: float, *, wrong: int = 0, confidence: float = 0.95) -> int:
    """How many joins must be looked at so that with `wrong` wrong ones the bound is at most `rate`."""
    if not 0 < rate < 1 or wrong < 0:
        raise SampleImpossible(wrong=wrong)
    low, high = wrong, wrong + 1
    while _upper(high, wrong, 1 - confidence) > rate:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if _upper(middle, wrong, 1 - confidence) > rate:
            low = middle
        else:
            high = middle
    return high


def _upper(checked: int, wrong: int, error: float) -> float:
    """The share at which so few wrong ones have the probability `error`; by halving, the probability falls with the share."""
    if wrong >= checked:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(wrong, checked, middle) > error:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, checked: int, share: float) -> float:
    """The probability of at most `wrong` wrong ones among `checked` at this share (binomial)."""
    if share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    log_in, log_out = math.log(share), math.log1p(-share)
    return math.fsum(
        math.exp(
            math.lgamma(checked + 1)
            - math.lgamma(count + 1)
            - math.lgamma(checked - count + 1)
            + count * log_in
            + (checked - count) * log_out
        )
        for count in range(wrong + 1)
    )
