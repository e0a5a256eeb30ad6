"""Periods and days: how the last day of a retention period is counted.

Civil Code arts. 200-204: by the Gregorian calendar; the day of the event is not counted; a period of
years or months ends on the corresponding day of the last month, or on that month's last day when it has
none (29 February plus a year: 28 February); it ends at 24:00, and one that ends on a day of rest, on the
next working day.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from kedang.disposition.errors import PeriodMalformed

_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")
_MONTHS_A_YEAR = 12
_SATURDAY = 5  # date.weekday()
_LAST_DAY = date(9999, 12, 31)  # the calendar's last; a period beyond it is as good as permanent


class Special(Enum):
    """Periods that are not a length of time."""

    PERMANENT = "PERM"
    INHERITED = "INHERIT"
    UNTIL_RELEASED = "HOLD"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in calendar years, months and days. All zero: at once."""

    years: int = 0
    months: int = 0
    days: int = 0

    def last_day(self, event: date) -> date:
        """The last day of the period that the event starts; the event's own day when it is zero."""
        months = (event.year + self.years) * _MONTHS_A_YEAR + event.month - 1 + self.months
        year, month = months // _MONTHS_A_YEAR, months % _MONTHS_A_YEAR + 1
        if year > _LAST_DAY.year:
            return _LAST_DAY
        corresponding = date(year, month, min(event.day, monthrange(year, month)[1]))
        if self.days > (_LAST_DAY - corresponding).days:
            return _LAST_DAY
        return corresponding + timedelta(days=self.days)

    def __str__(self) -> str:
        parts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        written = "".join(f"{count}{unit}" for count, unit in parts if count)
        return f"P{written or '0D'}"


Period = Duration | Special


def read_period(text: str) -> Period:
    """The period that a schedule writes as "P30Y", "P6M", "P0D", "PERM", "INHERIT" or "HOLD".

    Raises:
        PeriodMalformed: none of these.
    """
    special = next((one for one in Special if one.value == text), None)
    if special is not None:
        return special
    match = _DURATION.fullmatch(text)
    if match is None:
        raise PeriodMalformed(length=len(text))
    years, months, days = (int(part or 0) for part in match.groups())
    return Duration(years, months, days)


def said_period(period: Period) -> str:
    """The period as a schedule writes it."""
    return period.value if isinstance(period, Special) else str(period)


def fiscal_year_end(event: date) -> date:
    """The last day of the fiscal year with the event: the calendar year (Accounting Law art. 11)."""
    return date(event.year, 12, 31)


def first_disposable_day(until: date, *, rest_days: Collection[date] = ()) -> date | None:
    """The first day on which disposal may be proposed; None when the calendar ends before it.

    A period that ends on a Saturday, a Sunday or one of `rest_days` ends on the next working day.
    """
    day = until
    while day < _LAST_DAY and (day.weekday() >= _SATURDAY or day in rest_days):
        day += timedelta(days=1)
    return day + timedelta(days=1) if day < _LAST_DAY else None
