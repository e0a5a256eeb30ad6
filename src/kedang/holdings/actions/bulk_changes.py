"""Many records changed at once: a correction for each, with one reason, that can be taken back together or one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from kedang.access.deciding import Person
from kedang.holdings.actions.correcting import CORRECTED, Decided, NewValues, assign, correct
from kedang.holdings.actions.undoing import undo_correction
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.browsing_errors import SelectionChanged, TooManyAtOnce
from kedang.holdings.checking_errors import (
    CorrectionOverlaid,
    CorrectionUnknown,
    DecidedMeanwhile,
    MayNotAnswer,
    ValueImpossible,
)
from kedang.holdings.errors import QuestionUnknown
from kedang.holdings.queries.bulk_effects import MOST_CHANGED, Effect, open_questions_of

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    done: int
    passed_over: int
    """Changed by somebody else in the same moment."""
    corrections: tuple[str, ...] = ()


def require_seen(effect: Effect, digest: str) -> None:
    """Nothing when the effect is the one that was looked at.

    Raises:
        SelectionChanged: it is another now. TooManyAtOnce.
    """
    if effect.digest != digest:
        raise SelectionChanged()
    if len(effect.affected) > MOST_CHANGED:
        raise TooManyAtOnce(chosen=len(effect.affected), most=MOST_CHANGED)


def change_many(archive: Archive, effect: Effect, *, reason: str, clock: Clock) -> Done:
    """Class or sensitivity of every record of the effect corrected, for one reason.

    Raises:
        ReasonNeeded, ValueImpossible: nothing is changed.
    """
    of_class = effect.act == "class"
    values = NewValues(record_class=effect.value) if of_class else NewValues(sensitivity=effect.value)
    decided = Decided(CORRECTED, values, reason)
    decided.require_possible()
    made: list[str] = []
    passed = 0
    for record in effect.affected:
        try:
            made.append(correct(archive, record, decided, clock=clock).id)
        except (DecidedMeanwhile, ValueImpossible):
            passed += 1
    return Done(len(made), passed, tuple(made))


def assign_many(archive: Archive, effect: Effect, to: Person | None, *, today: date, clock: Clock) -> Done:
    """Every open question about the records of the effect given to somebody, or back to everybody."""
    done = passed = 0
    for question in open_questions_of(archive, effect.affected):
        try:
            assign(archive, question, to, seen=None, today=today, clock=clock)
            done += 1
        except (QuestionUnknown, DecidedMeanwhile, MayNotAnswer):
            passed += 1
    return Done(done, passed)


def undo_many(archive: Archive, corrections: Sequence[str], *, clock: Clock) -> Done:
    """The corrections taken back, newest first; such as a later decision rests on stay."""
    done = passed = 0
    for correction in reversed(corrections):
        try:
            undo_correction(archive, correction, clock=clock)
            done += 1
        except (CorrectionUnknown, CorrectionOverlaid):
            passed += 1
    return Done(done, passed)
