from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kedang.preservation.schedules import (
    Care,
    CarePolicy,
    CareTimes,
    Level,
    standing,
    standings,
    worst,
)

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
POLICY = CarePolicy(backup_days=1, verification_days=30, drill_days=90, grace_days=2)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("care", "registered", "last", "level", "due_in_days"),
    [
        (Care.BACKUP, 0, None, Level.DUE, 0),
        (Care.BACKUP, 1.9, None, Level.DUE, -1.9),
        (Care.BACKUP, 2, None, Level.NEVER, -2),
        (Care.BACKUP, 400, 0, Level.GOOD, 1),
        (Care.BACKUP, 400, 0.999, Level.GOOD, 0.001),
        (Care.BACKUP, 400, 1, Level.DUE, 0),
        (Care.BACKUP, 400, 2.999, Level.DUE, -1.999),
        (Care.BACKUP, 400, 3, Level.MISSED, -2),
        (Care.VERIFICATION, 0, None, Level.GOOD, 30),
        (Care.VERIFICATION, 30, None, Level.DUE, 0),
        (Care.VERIFICATION, 32, None, Level.NEVER, -2),
        (Care.VERIFICATION, 400, 29, Level.GOOD, 1),
        (Care.VERIFICATION, 400, 33, Level.MISSED, -3),
        (Care.DRILL, 400, 91, Level.DUE, -1),
        (Care.DRILL, 400, None, Level.NEVER, -310),
    ],
)
def test_a_care_stands_as_its_last_time_says(
    care: Care, registered: float, last: float | None, level: Level, due_in_days: float
) -> None:
    when = None if last is None else ago(last)
    times = CareTimes(ago(registered), last_complete=when, last_verified=when, last_drilled=when)
    found = standing(care, POLICY, times, now=NOW)
    assert (found.care, found.level) == (care, level)
    assert (found.next_due - NOW).total_seconds() == pytest.approx(due_in_days * 86400)
    late = level in (Level.MISSED, Level.NEVER)
    assert found.missed_since == (found.next_due + timedelta(days=2) if late else None)


def test_a_time_of_the_future_silences_no_alarm() -> None:
    times = CareTimes(ago(400), last_complete=NOW + timedelta(days=900))
    assert standing(Care.BACKUP, POLICY, times, now=NOW).level is Level.NEVER


def test_the_worst_is_shown_and_no_copy_at_all_is_the_worst() -> None:
    times = CareTimes(ago(400), last_complete=ago(0), last_verified=ago(40), last_drilled=ago(1))
    found = standings(POLICY, times, now=NOW)
    assert [entry.level for entry in found] == [Level.GOOD, Level.MISSED, Level.GOOD]
    assert worst(found) is Level.MISSED
    assert worst(()) is Level.NEVER
