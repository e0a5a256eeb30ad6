"""What of a comparison is kept for the next: whether its models still fit, what judgements teach them, whom a mention meets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.resources import files
from itertools import islice
from typing import Any

from kedang.resolution.blocking import block_keys
from kedang.resolution.clusters import Tie
from kedang.resolution.comparable import Comparable
from kedang.resolution.comparable_columns import rows_of
from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.judgements import Verdict, calibrated
from kedang.resolution.mention import MentionKind
from kedang.resolution.model import SILENT, Model, Models, shipped_models
from kedang.resolution.tables import open_database

_DATA: Mapping[str, Any] = tomllib.loads(
    files("kedang.resolution").joinpath("keeping.toml").read_text(encoding="utf-8")
)
GROWN_BY: float = _DATA["models"]["grown_by"]
TRAIN_FROM: int = _DATA["judgements"]["train_from"]
LEAST_SHIFT: float = _DATA["judgements"]["least_shift"]
_FINGERPRINT_BYTES = 8
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """A pair that a person has judged: the levels that it reached, by name of the comparison."""

    kind: MentionKind
    levels: Mapping[str, str]
    same: bool


def still_fit(learnt_on: int, mentions: int) -> bool:
    """Whether models that were learnt on so many mentions can be used on these many."""
    return mentions <= learnt_on * (1 + GROWN_BY)


def trained(models: Models, labelled: Sequence[Labelled]) -> tuple[Models, int]:
    """The models as these judgements calibrate them, and how many have. The same models when nothing much changes.

    Judged pairs are scored anew by these weights, so that it does not matter how often it is done.
    """
    used = 0
    for kind in MentionKind:
        model = models.of(kind)
        said = [one for one in labelled if one.kind is kind]
        shift = 0.0
        if len(said) >= TRAIN_FROM:
            shift = _shift(models.with_model(replace(model, shift=0.0)), kind, said)
            used += len(said)
            if abs(shift - model.shift) < LEAST_SHIFT:
                continue
        if shift != model.shift:
            models = models.with_model(replace(model, shift=shift))
    return models, used


@dataclass(slots=True)
class Taught:
    """Models as persons' judgements change them."""

    labelled: Sequence[Labelled] = ()
    models: Models | None = None
    """Those of the last comparison; None when they are learnt anew."""
    used: int = 0

    def __call__(self, models: Models) -> Models:
        """The models changed, the very same when nothing is."""
        models, self.used = trained(models, self.labelled)
        return models

    def kept(self) -> Models:
        """Those of the last comparison."""
        return self.models or shipped_models()


def _shift(plain: Models, kind: MentionKind, said: Sequence[Labelled]) -> float:
    model = plain.of(kind)
    pairs = [
        (
            Tie(str(place), str(place), model.bits(_levels(model, one)), kind=kind),
            Verdict.SAME if one.same else Verdict.DIFFERENT,
        )
        for place, one in enumerate(said)
    ]
    return calibrated(plain, pairs).of(kind).shift


def _levels(model: Model, one: Labelled) -> list[int]:
    """Place of each level; what this release does not know says nothing."""
    found = []
    for comparison in COMPARISONS[model.kind]:
        names = [level.name for level in comparison.levels]
        name = one.levels.get(comparison.name, "")
        found.append(names.index(name) if name in names else SILENT)
    return found


def meetings(mentions: Iterable[Comparable], models: Models, secret: bytes) -> Iterator[list[int]]:
    """Of each mention the fingerprints of everything by which another may meet it: its block keys, and its rows as a whole."""
    coming = iter(mentions)
    with open_database(threads=1) as database:
        while some := list(islice(coming, _AT_ONCE)):
            for one, rows in zip(some, rows_of(database, some), strict=True):
                whole = (f"row:{one.weak_name}:" + "\x1f".join(row) for row in rows)
                keys = {*block_keys(one, rows, models.of(one.kind).frequencies), *whole}
                yield sorted(_fingerprint(key, secret) for key in keys)


def _fingerprint(value: str, secret: bytes) -> int:
    digest = blake2b(value.encode(), key=secret, digest_size=_FINGERPRINT_BYTES).digest()
    return int.from_bytes(digest, "big")
