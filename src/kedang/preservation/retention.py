"""Which snapshots are kept. Dropping one destroys its key; the object goes at the next backup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """Snapshots older than `keep_days` are dropped. Younger ones are all kept, unless thinned.

    Thinned, beyond `all_days` one a day is kept, beyond `daily_days` one a week, beyond `weekly_days` one
    a month: the newest of each. Weeks are those of ISO 8601, all in UTC.
    """

    keep_days: int = 90
    thinned: bool = False
    all_days: int = 7
    daily_days: int = 30
    weekly_days: int = 60


def snapshots_to_drop(
    taken: Mapping[str, datetime], policy: RetentionPolicy, *, now: datetime
) -> tuple[str, ...]:
    """Ids of the snapshots to drop, oldest first; never the newest, nor one of the future."""
    by_age = sorted(taken, key=lambda snapshot: (taken[snapshot], snapshot), reverse=True)
    held: set[tuple[str, str]] = set()
    drop = []
    for snapshot in by_age[1:]:
        age = now - taken[snapshot]
        if age < timedelta(0):
            continue
        if age > timedelta(days=policy.keep_days):
            drop.append(snapshot)
            continue
        span = _span(policy, age)
        if span is None:
            continue
        place = (span.__name__, span(taken[snapshot]))
        if place in held:
            drop.append(snapshot)
        held.add(place)
    return tuple(reversed(drop))


def _span(policy: RetentionPolicy, age: timedelta) -> Callable[[datetime], str] | None:
    """What one snapshot is kept of at this age; None where all are."""
    if not policy.thinned or age <= timedelta(days=policy.all_days):
        return None
    if age <= timedelta(days=policy.daily_days):
        return _day
    return _week if age <= timedelta(days=policy.weekly_days) else _month


def _day(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d")


def _week(instant: datetime) -> str:
    return instant.strftime("%G-%V")


def _month(instant: datetime) -> str:
    return instant.strftime("%Y-%m")
