"""What may be proposed for a record on a given day. People decide; time alone never destroys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from kedang.disposition.facts import UNDETERMINED
from kedang.disposition.periods import first_disposable_day
from kedang.disposition.reckoning import LegalReview, Reckoning


@dataclass(frozen=True, slots=True)
class Held:
    """A hold is in force: nothing may be proposed."""

    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The end is undetermined: nothing may be proposed before the questions are answered."""

    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Permanent:
    """To be kept for ever; only an appraisal may be repeated."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """The last day has not passed; nothing may be proposed before `first_day` (None: never)."""

    first_day: date | None


@dataclass(frozen=True, slots=True)
class Due:
    """Appraisal may be proposed. With reviews open, only after a qualified person's written word."""

    since: date
    legal_review: tuple[LegalReview, ...]


Standing = Held | CannotTell | Permanent | NotYet | Due


def decide(reckoning: Reckoning, *, today: date, rest_days: Collection[date] = ()) -> Standing:
    """Where the record stands on this day."""
    if reckoning.holds:
        return Held(reckoning.holds)
    if reckoning.until is UNDETERMINED:
        return CannotTell(tuple(problem.code for problem in reckoning.problems))
    if not isinstance(reckoning.until, date):
        return Permanent()
    first = first_disposable_day(reckoning.until, rest_days=rest_days)
    if first is None or today < first:
        return NotYet(first)
    return Due(first, reckoning.legal_review)
