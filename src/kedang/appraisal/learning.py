"""What a case's own answers teach about classes: a small model beside the signs of classes.toml.

Multinomial logistic regression over the words of name, folders and the beginning of the text, with what the signs
have said as offset: without answers it says what the signs say, and moves away from them only as far as answers pull.
A model holds words of what it was learnt of, so it is as secret as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from kedang.records.content import Format, RecordClass

SCHEME = "classes-1"
LEAST_ANSWERS = 20
"""Below this nothing is learnt: a handful of answers teaches chance."""
MOST_ANSWERS = 1_000
"""The newest ones; a model of more is hardly better and takes longer."""
_FOLDS = 5
_MOST_WORDS = 1_000
_TEXT_CHARACTERS = 600  # the head of a paper says what it is
_STEPS = 100
_MOMENTUM = 0.9
_SHRINKAGE = 1e-3  # weight of the squared weights beside the mean loss of an answer
_TRUST = 0.5  # share of the signs' own confidence that is taken over as offset
_LEAST_CONFIDENCE, _MOST_CONFIDENCE = 0.35, 0.97
_RUN = re.compile(r"[a-z]{2,}|[\u4e00-\u9fff]+")
_CLASSES = tuple(RecordClass)
_PLACE = {one: place for place, one in enumerate(_CLASSES)}
_Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Told:
    """What the model is told of one record."""

    words: frozenset[str] = field(repr=False)
    machine: RecordClass
    confidence: float
    """Of the signs of classes.toml."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One record whose class a person has confirmed or chosen."""

    told: Told
    said: RecordClass


@dataclass(frozen=True, slots=True)
class Lift:
    """How many of the answered records are told right: by the signs alone, and with what the other answers teach."""

    answers: int
    right_before: int
    right_after: int


def words_of(name: str, folders: Sequence[str], text: str, form: Format) -> frozenset[str]:
    """The words by which a record is told: pairs of Chinese characters and Latin words, by the place they stand in."""
    stem = name.rsplit(".", 1)[0]
    places = (("name", stem), *(("folder", one) for one in folders), ("text", text[:_TEXT_CHARACTERS]))
    found = {f"{place}:{word}" for place, said in places for word in _words(said)}
    return frozenset(found | {f"format:{form.name}", f"family:{form.family.value}"})


def _words(text: str) -> Iterable[str]:
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if len(run) == 1 or run[0] < "\u4e00":
            yield run
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))


@dataclass(frozen=True, slots=True)
class LearntClasses:
    """A model that was learnt."""

    words: Mapping[str, int] = field(repr=False)
    weights: _Numbers = field(repr=False)
    """One row for each word, one column for each class."""

    def propose(self, told: Told) -> tuple[RecordClass, float]:
        """The class that is most likely, and how likely, 0..1."""
        sums = _rows(self.words, [told]) @ self.weights + _offsets([told])
        shares = _shares(sums)[0]
        best = int(shares.argmax())
        return _CLASSES[best], float(shares[best])

    def to_json(self) -> dict[str, Any]:
        """The model as plain values."""
        return {
            "words": list(self.words),
            "weights": [[round(float(v), 4) for v in row] for row in self.weights],
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> LearntClasses:
        """The model that `to_json` gave."""
        words = {word: place for place, word in enumerate(said["words"])}
        return cls(words, np.array(said["weights"], np.float32).reshape(len(words), len(_CLASSES)))


def learn(lessons: Sequence[Lesson]) -> LearntClasses:
    """The model of these answers; the same ones give the same model."""
    counted = Counter(word for one in lessons for word in sorted(one.told.words))
    chosen = sorted(counted, key=lambda word: (-counted[word], word))[:_MOST_WORDS]
    words = {word: place for place, word in enumerate(word for word in chosen if counted[word] > 1)}
    told = [one.told for one in lessons]
    rows, offsets = _rows(words, told), _offsets(told)
    wanted = np.zeros((len(lessons), len(_CLASSES)), np.float32)
    wanted[range(len(lessons)), [_PLACE[one.said] for one in lessons]] = 1
    weights = np.zeros((len(words), len(_CLASSES)), np.float32)
    speed = np.zeros_like(weights)
    for _ in range(_STEPS):
        wrong = _shares(rows @ weights + offsets) - wanted
        speed = _MOMENTUM * speed - (rows.T @ wrong / len(lessons) + _SHRINKAGE * weights)
        weights = weights + speed
    return LearntClasses(words, weights)


def measure(lessons: Sequence[Lesson]) -> Lift:
    """What the answers teach, measured on answers that each model has not seen (five folds, in turn)."""
    before = sum(one.told.machine is one.said for one in lessons)
    after = 0
    for fold in range(_FOLDS):
        seen = [one for place, one in enumerate(lessons) if place % _FOLDS != fold]
        model = learn(seen)
        after += sum(model.propose(one.told)[0] is one.said for one in lessons[fold::_FOLDS])
    return Lift(len(lessons), before, after)


def _rows(words: Mapping[str, int], told: Sequence[Told]) -> _Numbers:
    """One row of unit length for each record."""
    rows = np.zeros((len(told), len(words)), np.float32)
    for row, one in zip(rows, told, strict=True):
        known = [words[word] for word in one.words if word in words]
        if known:
            row[known] = 1 / np.sqrt(len(known))
    return rows


def _offsets(told: Sequence[Told]) -> _Numbers:
    """What the signs say of each record, as logarithms of shares."""
    offsets = np.zeros((len(told), len(_CLASSES)), np.float32)
    for row, one in zip(offsets, told, strict=True):
        sure = min(max(one.confidence, _LEAST_CONFIDENCE), _MOST_CONFIDENCE)
        row[:] = np.log((1 - sure) / (len(_CLASSES) - 1))
        row[_PLACE[one.machine]] = np.log(sure)
    return offsets * np.float32(_TRUST)


def _shares(sums: _Numbers) -> _Numbers:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    shares: _Numbers = powers / powers.sum(axis=1, keepdims=True)
    return shares
