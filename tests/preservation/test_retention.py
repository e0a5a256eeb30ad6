from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kedang.preservation.retention import RetentionPolicy, snapshots_to_drop

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def aged(*days: float) -> dict[str, datetime]:
    return {f"{day:g}": NOW - timedelta(days=day) for day in days}


def test_what_is_older_than_the_policy_is_dropped_oldest_first() -> None:
    assert snapshots_to_drop(aged(0, 1, 90, 90.1, 300, 120), RetentionPolicy(), now=NOW) == (
        "300",
        "120",
        "90.1",
    )


def test_the_newest_is_never_dropped() -> None:
    assert snapshots_to_drop(aged(500, 400), RetentionPolicy(), now=NOW) == ("500",)
    assert snapshots_to_drop(aged(400), RetentionPolicy(), now=NOW) == ()
    assert snapshots_to_drop({}, RetentionPolicy(), now=NOW) == ()


def test_a_snapshot_of_the_future_is_kept() -> None:
    assert snapshots_to_drop(aged(-5, -3, 1), RetentionPolicy(), now=NOW) == ()


def test_thinning_keeps_the_newest_of_each_day_week_and_month() -> None:
    taken = aged(*(number / 4 for number in range(4 * 100)))
    dropped = set(snapshots_to_drop(taken, RetentionPolicy(thinned=True), now=NOW))
    kept = sorted(
        (NOW - taken[snapshot]).total_seconds() / 86400 for snapshot in taken if snapshot not in dropped
    )
    assert len([age for age in kept if age <= 7]) == 29
    days = [taken[f"{age:g}"].date() for age in kept if 7 < age <= 30]
    assert len(days) == len(set(days)) == 24
    weeks = [taken[f"{age:g}"].isocalendar()[:2] for age in kept if 30 < age <= 60]
    assert len(weeks) == len(set(weeks)) <= 6
    months = [taken[f"{age:g}"].month for age in kept if 60 < age <= 90]
    assert len(months) == len(set(months)) == 2
    assert max(kept) <= 90


@given(st.sets(st.integers(-10, 200), min_size=1), st.booleans())
def test_dropping_again_drops_nothing_more(days: set[int], thinned: bool) -> None:
    taken, policy = aged(*days), RetentionPolicy(thinned=thinned)
    dropped = snapshots_to_drop(taken, policy, now=NOW)
    left = {snapshot: when for snapshot, when in taken.items() if snapshot not in dropped}
    assert max(taken.values()) in left.values()
    assert snapshots_to_drop(left, policy, now=NOW) == ()
