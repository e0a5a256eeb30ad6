"""The weights of what is compared: how much each agreement and difference says, in bits.

The weight of a level is log2(m / u): how often true pairs reach it over how often two different customers do. Where
chance agreement becomes rarer the more customers there are (a telephone, a name), `others` says how many other
customers agree by chance, and u is `others` / customers; else u is a share of its own.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.errors import ModelUnreadable
from kedang.resolution.frequencies import Frequencies
from kedang.resolution.mentions import MentionKind

SILENT = -1
"""In place of a level: one side says nothing."""
LEAST_CUSTOMERS = 2_000
"""A smaller case is judged as one of so many: names and numbers are drawn from the country, not from the case."""
_FORMAT = "kedang-resolution-model/1"


@dataclass(frozen=True, slots=True)
class Weight:
    """How often a level is reached."""

    m: float
    """Share among pairs of one customer."""
    u: float = 0.0
    """Share among pairs of two customers; unused where `others` is given."""
    others: float | None = None
    """Other customers of the case that agree by chance."""

    def chance(self, customers: int) -> float:
        """u in a case of so many customers."""
        return self.u if self.others is None else min(0.9, self.others / max(LEAST_CUSTOMERS, customers))

    def bits(self, customers: int) -> float:
        """What reaching the level says."""
        return math.log2(self.m / self.chance(customers))


@dataclass(frozen=True, slots=True)
class Model:
    """The weights of one kind of mentions, the size and frequencies of the case they are used on."""

    kind: MentionKind
    weights: Mapping[str, Mapping[str, Weight]]
    """By comparison and level, in the order of `COMPARISONS`."""
    mentions_each: float = 3.0
    """About how many different rows one customer has."""
    frequencies: Frequencies = field(default_factory=Frequencies)
    learnt: bool = False
    shift: float = 0.0
    """Bits added to every pair: what judged pairs have taught (`judgements.calibrated`)."""

    def prior_bits(self) -> float:
        """What is known of two rows before they are compared."""
        customers = max(LEAST_CUSTOMERS, self.frequencies.customers)
        return math.log2(1 / (customers * max(1.0, self.mentions_each))) + math.log2(
            max(0.5, self.mentions_each - 1)
        )

    def level_bits(self) -> tuple[tuple[float, ...], ...]:
        """The bits of each level of each comparison."""
        customers = self.frequencies.customers
        return tuple(
            tuple(self.weights[one.name][level.name].bits(customers) for level in one.levels)
            for one in COMPARISONS[self.kind]
        )

    def bits(self, levels: Sequence[int]) -> float:
        """The score of a pair with these levels, one for each comparison, `SILENT` where nothing is said."""
        of = self.level_bits()
        return (
            self.prior_bits()
            + self.shift
            + sum(of[place][one] for place, one in enumerate(levels) if one != SILENT)
        )


@dataclass(frozen=True, slots=True)
class Models:
    """The models of persons and of organisations, as they were used together."""

    person: Model
    organisation: Model

    def of(self, kind: MentionKind) -> Model:
        """The model of one kind."""
        return self.person if kind is MentionKind.PERSON else self.organisation

    def with_model(self, model: Model) -> Models:
        """These with one replaced."""
        return replace(self, **{model.kind.value: model})

    def to_bytes(self) -> bytes:
        """For keeping. It holds digests of names: seal it."""
        return json.dumps(
            {"format": _FORMAT, "models": [_written(model) for model in (self.person, self.organisation)]},
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Models:
        """What `to_bytes` gave.

        Raises:
            ModelUnreadable: it is something else.
        """
        try:
            said = json.loads(kept)
            if said["format"] != _FORMAT:
                raise ModelUnreadable
            person, organisation = (_read(one) for one in said["models"])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelUnreadable from error
        return cls(person, organisation)


def _written(model: Model) -> dict[str, Any]:
    return {
        "kind": model.kind.value,
        "mentions_each": model.mentions_each,
        "learnt": model.learnt,
        "shift": model.shift,
        "customers": model.frequencies.customers,
        "names": sorted(model.frequencies.names.items()),
        "shared": sorted(model.frequencies.shared),
        "weights": {
            name: {level: [one.m, one.u, one.others] for level, one in levels.items()}
            for name, levels in model.weights.items()
        },
    }


def _read(said: Mapping[str, Any]) -> Model:
    return Model(
        MentionKind(said["kind"]),
        {
            name: {level: Weight(*one) for level, one in levels.items()}
            for name, levels in said["weights"].items()
        },
        said["mentions_each"],
        Frequencies(said["customers"], dict(said["names"]), frozenset(said["shared"])),
        said["learnt"],
        said["shift"],
    )


@cache
def shipped_weights() -> dict[str, Any]:
    """`weights.toml` as it stands: weights, words, how they were made."""
    return tomllib.loads(files("kedang.resolution").joinpath("weights.toml").read_text(encoding="utf-8"))


def shipped(kind: MentionKind) -> Model:
    """The weights that come with kedang, for cases too small to learn from."""
    said = shipped_weights()[kind.value]
    weights = {
        one.name: {level.name: Weight(**said[one.name][level.name]) for level in one.levels}
        for one in COMPARISONS[kind]
    }
    return Model(kind, weights, said["mentions_each"])


def shipped_models() -> Models:
    """Both."""
    return Models(shipped(MentionKind.PERSON), shipped(MentionKind.ORGANISATION))
