"""Rounds over everything that is stored: what to check next, and what was found."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DamageKind(Enum):
    """What is wrong; the value is its code."""

    MISSING = "KD-B401"
    WRONG_LENGTH = "KD-B402"
    ALTERED = "KD-B403"
    ROW_ALTERED = "KD-B404"
    INDEX_PART = "KD-B405"
    LEDGER = "KD-B406"


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged thing, whom it concerns and which copies can mend it."""

    kind: DamageKind
    name: str
    """An object's name, or `<table>/<id>` for a row."""
    records: tuple[str, ...] = ()
    """Ids of the records that cannot be read until it is mended."""
    healing_copies: tuple[str, ...] = ()
    """Ids of copies that hold it whole, by name and length; whoever heals checks the content."""

    @property
    def code(self) -> str:
        """The stable code."""
        return self.kind.value


@dataclass(frozen=True, slots=True)
class FixityObject:
    """A thing to be checked."""

    name: str
    size_bytes: int
    last_checked: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoundCursor:
    """Where a round stands. It is over when nothing is left that was checked before it began."""

    number: int
    began: datetime
    objects_checked: int = 0
    bytes_checked: int = 0
    damages: int = 0

    def after(self, size_bytes: int, *, damaged: bool) -> RoundCursor:
        """The cursor when one more object has been checked."""
        return RoundCursor(
            self.number,
            self.began,
            self.objects_checked + 1,
            self.bytes_checked + size_bytes,
            self.damages + damaged,
        )


@dataclass(frozen=True, slots=True)
class FixityRun:
    """What one run of a round checks, in this order; each check is recorded with its time."""

    cursor: RoundCursor
    objects: tuple[FixityObject, ...]
    objects_left: int
    """How many the round still has after this run."""

    @property
    def ends_round(self) -> bool:
        """Whether this run is the last of its round."""
        return not self.objects_left


def next_run(
    stored: Iterable[FixityObject], cursor: RoundCursor | None, *, now: datetime, budget_bytes: int
) -> FixityRun:
    """The next run: what was never checked, then what was checked longest ago, up to the budget.

    At least one object is taken, however large. Without a cursor, or when its round is over, a new round
    begins now. What was checked in the future, by a wrong clock, counts as never checked. A run that is
    broken off loses nothing: what it did not record is outstanding again.
    """
    everything = [_with_likely_time(entry, now) for entry in stored]
    if cursor is None:
        cursor = RoundCursor(1, now)
    outstanding = [entry for entry in everything if _is_outstanding(entry, cursor)]
    if not outstanding:
        cursor = RoundCursor(cursor.number + 1, now)
        outstanding = [entry for entry in everything if _is_outstanding(entry, cursor)]
    ordered = [(_rank(entry), entry.name, number) for number, entry in enumerate(outstanding)]
    heapq.heapify(ordered)
    chosen: list[FixityObject] = []
    left = budget_bytes
    while ordered and (not chosen or outstanding[ordered[0][2]].size_bytes <= left):
        entry = outstanding[heapq.heappop(ordered)[2]]
        chosen.append(entry)
        left -= entry.size_bytes
    return FixityRun(cursor, tuple(chosen), len(ordered))


def healing_copies(
    name: str, size_bytes: int | None, copies: Mapping[str, Mapping[str, int]]
) -> tuple[str, ...]:
    """Ids of the copies that hold the object at its right length (any, when that is unknown), in order."""
    return tuple(
        copy
        for copy in sorted(copies)
        if name in copies[copy] and (size_bytes is None or copies[copy][name] == size_bytes)
    )


def _with_likely_time(entry: FixityObject, now: datetime) -> FixityObject:
    if entry.last_checked is None or entry.last_checked <= now:
        return entry
    return FixityObject(entry.name, entry.size_bytes)


def _is_outstanding(entry: FixityObject, cursor: RoundCursor) -> bool:
    return entry.last_checked is None or entry.last_checked < cursor.began


def _rank(entry: FixityObject) -> float:
    return float("-inf") if entry.last_checked is None else entry.last_checked.timestamp()
