from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kedang.disposition.decisions import CannotTell, Due, Held, NotYet, Permanent, Standing, decide
from kedang.disposition.facts import UNDETERMINED, RecordFacts
from kedang.disposition.reckoning import LegalReview, reckon
from kedang.disposition.schedule import shipped_schedule
from kedang.records.content import RecordClass

SENT = date(2024, 3, 1)
RECKONING = reckon(
    RecordFacts(
        classes=frozenset({RecordClass.COMMUNICATION}),
        received_on=date(2026, 11, 22),
        dates={"message_date": (SENT,)},
    ),
    shipped_schedule(),
    today=date(2026, 11, 22),
)
LAST, FIRST = date(2027, 3, 1), date(2027, 3, 2)


@pytest.mark.parametrize(
    ("today", "standing"),
    [
        (date(2026, 11, 22), NotYet(FIRST)),
        (LAST, NotYet(FIRST)),
        (FIRST, Due(FIRST, ())),
        (date(2099, 1, 1), Due(FIRST, ())),
    ],
)
def test_a_record_is_due_from_the_day_after_the_last(today: date, standing: Standing) -> None:
    assert RECKONING.until == LAST
    assert decide(RECKONING, today=today) == standing


def test_days_of_rest_put_it_off() -> None:
    assert decide(RECKONING, today=FIRST, rest_days={LAST}) == NotYet(date(2027, 3, 3))


def test_a_hold_stops_disposal_even_when_due() -> None:
    held = replace(RECKONING, holds=("h" * 32,))
    assert decide(held, today=date(2099, 1, 1)) == Held(("h" * 32,))


def test_what_cannot_be_told_is_never_due() -> None:
    unsure = replace(RECKONING, until=UNDETERMINED)
    assert decide(unsure, today=date(9999, 12, 31)) == CannotTell(())


def test_what_is_permanent_is_never_due() -> None:
    assert decide(replace(RECKONING, until=None), today=date(9999, 12, 31)) == Permanent()


def test_what_ends_with_the_calendar_is_never_due() -> None:
    assert decide(replace(RECKONING, until=date.max), today=date.max) == NotYet(None)


def test_what_is_due_carries_the_reviews_that_must_come_first() -> None:
    reviewed = replace(RECKONING, legal_review=(LegalReview.MAXIMUM_EXCEEDED,))
    assert decide(reviewed, today=FIRST) == Due(FIRST, (LegalReview.MAXIMUM_EXCEEDED,))
