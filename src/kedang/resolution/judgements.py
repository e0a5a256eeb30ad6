"""What people have decided about pairs, what they should be asked next, and what the weights learn from them.

A judgement holds for two mentions and for the customers they are in; it is kept for ever and the last word counts.
`SAME` and `DIFFERENT` always win over scores; `CANNOT_TELL` only takes the pair out of the queue.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kedang.resolution.clusters import Tie
from kedang.resolution.model import Models

_CAUTION = 20  # judged pairs that weigh as much as the model's own opinion
_STEPS, _PRECISION = 60, 1e-6


class Verdict(StrEnum):
    """What a person says of two sides."""

    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One decision on two mentions."""

    left: str
    right: str
    verdict: Verdict
    by: str
    """Opaque id of the person."""
    when: datetime
    reason: str = ""
    """Sealed by the caller: it may speak of people."""

    @property
    def pair(self) -> tuple[str, str]:
        """The two mentions in the order of their ids."""
        return (self.left, self.right) if self.left <= self.right else (self.right, self.left)


def standing(judgements: Iterable[Judgement]) -> Mapping[tuple[str, str], Judgement]:
    """The last word on each pair. Of two at one instant DIFFERENT counts: a wrong join harms more."""
    last: dict[tuple[str, str], Judgement] = {}
    for one in sorted(judgements, key=lambda one: (one.when, one.verdict is Verdict.DIFFERENT, one.by)):
        last[one.pair] = one
    return last


def queue(
    ties: Iterable[Tie],
    size_of: Callable[[str], int],
    judged: Iterable[Judgement] = (),
    *,
    even_bits: float = 0.0,
) -> tuple[Tie, ...]:
    """The pairs to be judged, what teaches most first: uncertainty times the number of mentions whose customer hangs on it.

    `size_of(mention)` is the size of its customer now; `even_bits` the score at which both answers cost the same
    (`Bands.join_bits`). Pairs on which somebody has spoken are left out.
    """
    spoken = set(standing(judged))
    open_ones = [
        (teaches(tie, size_of(tie.left), size_of(tie.right), even_bits=even_bits), tie)
        for tie in ties
        if (tie.left, tie.right) not in spoken
    ]
    open_ones.sort(key=lambda one: (-round(one[0], 9), one[1].left, one[1].right))
    return tuple(tie for _, tie in open_ones)


def teaches(tie: Tie, size: int, other: int, *, even_bits: float = 0.0) -> float:
    """How much the answer to a pair of customers of these sizes teaches; it has a place in the queue by it."""
    return _uncertainty(tie.bits - even_bits) * math.log2(1 + size * other)


def _uncertainty(bits: float) -> float:
    """1 at even chances, falling to 0 on both sides."""
    odds = math.exp2(max(-60.0, min(60.0, bits)))
    share = odds / (1 + odds)
    return 4 * share * (1 - share)


def calibrated(models: Models, labelled: Sequence[tuple[Tie, Verdict]]) -> Models:
    """Models whose probabilities agree with what people have judged.

    The score of every pair of a kind is shifted by the bits that make the judged pairs most likely (logistic
    regression on the constant alone, held back by as much trust in the weights as `_CAUTION` judged pairs are worth).
    Which of two pairs is the stronger does not change; how sure we are does. Ties must come from these very models.
    """
    for kind in {tie.kind for tie, _ in labelled}:
        said = [
            (tie.bits, verdict is Verdict.SAME)
            for tie, verdict in labelled
            if tie.kind is kind and verdict is not Verdict.CANNOT_TELL
        ]
        model = models.of(kind)
        if said:
            models = models.with_model(replace(model, shift=model.shift + _shift(said)))
    return models


def _shift(said: Sequence[tuple[float, bool]]) -> float:
    """Bits to add; found by halving, because the slope only falls."""

    def slope(shift: float) -> float:
        missing = sum(
            same - 1 / (1 + math.exp2(-max(-500.0, min(500.0, bits + shift)))) for bits, same in said
        )
        return missing - shift * _CAUTION / 100

    low, high = -40.0, 40.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if slope(middle) > 0:
            low = middle
        else:
            high = middle
        if high - low < _PRECISION:
            break
    return (low + high) / 2
