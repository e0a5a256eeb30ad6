"""Why a pair was joined, step by step in words and bits, and the three bands that two costs make."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kedang.resolution.clusters import Ground, Tie
from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.model import SILENT, Models, shipped_weights


class Band(StrEnum):
    """What happens with a pair."""

    JOINED = "joined"
    TO_JUDGE = "to-judge"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Bands:
    """Thresholds from two costs: a wrong join gives one customer another's papers, a missed one only scatters them.

    A pair is joined when the expected harm of joining is the smaller one: odds above wrong / missed. It is worth a
    person's time while a join is missed with at least `judge_from` probability.
    """

    wrong_join_cost: float = 1000.0
    missed_join_cost: float = 1.0
    judge_from: float = 0.05

    @property
    def join_bits(self) -> float:
        """From this score on a pair is joined."""
        return math.log2(self.wrong_join_cost / self.missed_join_cost)

    @property
    def judge_bits(self) -> float:
        """From this score on a person is asked."""
        return min(self.join_bits, math.log2(self.judge_from / (1 - self.judge_from)))

    def band(self, bits: float) -> Band:
        """The band of a score."""
        if bits >= self.join_bits:
            return Band.JOINED
        return Band.TO_JUDGE if bits >= self.judge_bits else Band.APART


DEFAULT_BANDS = Bands()
"""Wrong joins below 1 in 1,000."""


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of the waterfall."""

    what: str
    """Name of the comparison, or `prior`, `judgement`, `certain-number`."""
    level: str
    bits: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The grounds of one pair; the bits of the steps add up to `bits`."""

    steps: tuple[Step, ...]
    bits: float
    probability: float
    band: Band

    def to_json(self) -> dict[str, Any]:
        """For the API and the page."""
        return {
            "bits": round(self.bits, 4),
            "probability": self.probability,
            "band": self.band.value,
            "steps": [
                {"what": one.what, "level": one.level, "bits": round(one.bits, 4), "zh": one.zh, "en": one.en}
                for one in self.steps
            ],
        }


def probability(bits: float) -> float:
    """The probability that a pair of this score is one customer."""
    if bits >= 0:
        return 1 / (1 + math.exp2(-min(bits, 1000.0)))
    odds = math.exp2(max(bits, -1000.0))
    return odds / (1 + odds)


def evidence_of(tie: Tie, models: Models, bands: Bands = DEFAULT_BANDS) -> Evidence:
    """The grounds of a tie under the models that made it. Comparisons on which one side is silent are left out."""
    words = shipped_weights()["words"]
    if tie.ground is not Ground.SCORED:
        said = words[tie.ground.value]
        return Evidence(
            (Step(tie.ground.value, "equal", tie.bits, said["zh"], said["en"]),), tie.bits, 1.0, Band.JOINED
        )
    model = models.of(tie.kind)
    bits_of = model.level_bits()
    steps = [_step(words["prior"], "prior", "", model.prior_bits() + model.shift)]
    for place, (one, level) in enumerate(zip(COMPARISONS[tie.kind], tie.levels, strict=True)):
        if level != SILENT:
            name = one.levels[level].name
            steps.append(
                _step(_words_of(words, tie.kind.value, one.name, name), one.name, name, bits_of[place][level])
            )
    total = math.fsum(step.bits for step in steps)
    return Evidence(tuple(steps), total, probability(total), bands.band(total))


def _words_of(words: Mapping[str, Any], kind: str, comparison: str, level: str) -> Mapping[str, str]:
    word, _, bearers = level.partition("-")
    said: Mapping[str, str] = words.get(kind, {}).get(comparison, {}).get(word) or words[comparison][word]
    if not bearers:
        return said
    common = words["bearers"][bearers]
    return {"zh": said["zh"] + common["zh"], "en": said["en"] + common["en"]}


def _step(said: Mapping[str, str], what: str, level: str, bits: float) -> Step:
    return Step(what, level, bits, said["zh"], said["en"])
