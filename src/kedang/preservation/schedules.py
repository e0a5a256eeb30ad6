"""When a copy is due for backup, verification and drill, and when somebody must be told that it was missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum


class Level(IntEnum):
    """How a thing stands; the greater, the worse."""

    GOOD = 0
    DUE = 1
    """Its day has come; it is not late yet."""
    MISSED = 2
    """Late by more than the grace: an alarm."""
    NEVER = 3
    """It has never been done, and the grace since registration is over: an alarm."""


class Care(IntEnum):
    """What a copy needs again and again."""

    BACKUP = 0
    VERIFICATION = 1
    DRILL = 2


@dataclass(frozen=True, slots=True)
class CarePolicy:
    """How often, in days, and how many days late are forgiven."""

    backup_days: int = 1
    verification_days: int = 30
    drill_days: int = 90
    grace_days: int = 2

    def days(self, care: Care) -> int:
        """How often."""
        return (self.backup_days, self.verification_days, self.drill_days)[care]


@dataclass(frozen=True, slots=True)
class CareTimes:
    """When a copy was registered, and when each care last ended well; None for never. UTC."""

    registered: datetime
    last_complete: datetime | None = None
    last_verified: datetime | None = None
    last_drilled: datetime | None = None

    def last(self, care: Care) -> datetime | None:
        """When it last ended well."""
        return (self.last_complete, self.last_verified, self.last_drilled)[care]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one care of one copy stands."""

    care: Care
    level: Level
    next_due: datetime
    missed_since: datetime | None = None
    """From when on it counts as missed, when it does."""


def standing(care: Care, policy: CarePolicy, times: CareTimes, *, now: datetime) -> Standing:
    """How a care stands. A first backup is due at once, a first verification or drill after its days.

    A time of the future is the sign of a wrong clock and counts as never: it must not silence an alarm.
    """
    last = times.last(care)
    if last is not None and last > now:
        last = None
    since = last if last is not None else min(times.registered, now)
    waits = timedelta(0) if last is None and care is Care.BACKUP else timedelta(days=policy.days(care))
    due = since + waits
    alarm = due + timedelta(days=policy.grace_days)
    if now < due:
        return Standing(care, Level.GOOD, due)
    if now < alarm:
        return Standing(care, Level.DUE, due)
    return Standing(care, Level.NEVER if last is None else Level.MISSED, due, alarm)


def standings(policy: CarePolicy, times: CareTimes, *, now: datetime) -> tuple[Standing, ...]:
    """How all cares of a copy stand."""
    return tuple(standing(care, policy, times, now=now) for care in Care)


def worst(found: Iterable[Standing]) -> Level:
    """The level to show for several; without any copy there is never a good one."""
    return max((entry.level for entry in found), default=Level.NEVER)
