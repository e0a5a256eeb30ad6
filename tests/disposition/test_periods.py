from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.disposition.errors import PeriodMalformed
from kedang.disposition.periods import (
    Duration,
    Special,
    first_disposable_day,
    fiscal_year_end,
    read_period,
    said_period,
)

LAST_DAYS = [
    # event, period, last day
    ("2026-03-10", "P3Y", "2029-03-10"),  # the worked example of the law sheet
    ("2025-12-31", "P30Y", "2055-12-31"),
    ("2024-02-29", "P1Y", "2025-02-28"),  # no 29 February: the month's last day
    ("2024-02-29", "P4Y", "2028-02-29"),
    ("2024-02-28", "P1Y", "2025-02-28"),
    ("2023-02-28", "P1Y", "2024-02-28"),  # not the 29th: the corresponding day exists
    ("2025-08-31", "P6M", "2026-02-28"),
    ("2025-08-31", "P1M", "2025-09-30"),
    ("2023-08-31", "P6M", "2024-02-29"),
    ("2025-10-31", "P3M", "2026-01-31"),
    ("2025-12-15", "P1M", "2026-01-15"),
    ("2026-01-31", "P30D", "2026-03-02"),
    ("2024-01-31", "P30D", "2024-03-01"),
    ("2026-11-21", "P0D", "2026-11-21"),
    ("2026-11-21", "P1Y6M10D", "2028-05-31"),
    ("9999-12-31", "P10Y", "9999-12-31"),  # "for ever" in somebody's database
    ("9999-01-01", "P99999D", "9999-12-31"),
]


@pytest.mark.parametrize(("event", "period", "last"), LAST_DAYS)
def test_the_last_day_is_the_corresponding_day(event: str, period: str, last: str) -> None:
    duration = read_period(period)
    assert isinstance(duration, Duration)
    assert duration.last_day(date.fromisoformat(event)) == date.fromisoformat(last)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 50), st.integers(0, 30))
def test_a_later_event_or_a_longer_period_never_ends_earlier(event: date, years: int, months: int) -> None:
    last = Duration(years, months).last_day(event)
    assert Duration(years, months).last_day(event + timedelta(days=1)) >= last
    assert Duration(years, months + 1).last_day(event) > last
    assert last >= event


@given(st.builds(Duration, st.integers(0, 999), st.integers(0, 9999), st.integers(0, 99999)))
def test_a_period_is_read_back_as_it_was_written(duration: Duration) -> None:
    assert read_period(str(duration)) == duration


@pytest.mark.parametrize("text", ["PERM", "INHERIT", "HOLD", "P0D", "P30Y", "P6M", "P1Y2M3D"])
def test_said_and_read_are_inverse(text: str) -> None:
    assert said_period(read_period(text)) == text


@pytest.mark.parametrize("text", ["", "P", "30Y", "P3W", "P-3Y", "PT3H", "P3Y ", "perm", "P1D2Y", "P1000Y"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(PeriodMalformed, match="KD-D102"):
        read_period(text)


def test_special_periods_have_no_length() -> None:
    assert read_period("PERM") is Special.PERMANENT


def test_the_fiscal_year_is_the_calendar_year() -> None:
    for day in (date(2025, 1, 1), date(2025, 6, 30), date(2025, 12, 31)):
        assert fiscal_year_end(day) == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("until", "rest", "first"),
    [
        ("2029-03-09", [], "2029-03-10"),  # a Friday
        ("2029-03-10", [], "2029-03-13"),  # a Saturday ends on Monday
        ("2029-03-11", [], "2029-03-13"),  # a Sunday
        ("2029-03-09", ["2029-03-09"], "2029-03-13"),  # a holiday before a weekend
        ("2029-03-10", ["2029-03-12"], "2029-03-14"),
    ],
)
def test_a_period_that_ends_on_a_day_of_rest_ends_on_the_next_working_day(
    until: str, rest: list[str], first: str
) -> None:
    days = {date.fromisoformat(day) for day in rest}
    assert first_disposable_day(date.fromisoformat(until), rest_days=days) == date.fromisoformat(first)


def test_the_calendar_ends_before_disposal_begins() -> None:
    assert first_disposable_day(date.max) is None
