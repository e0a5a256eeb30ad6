"""What speaks against a clock: the ledger's last entry and time-stamps, each by its own rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.ledger.clocks import FRESH, ORDINARY, Against, WitnessedTime, against

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CASES = {
    "nothing is later": (-SECOND, None, None),
    "an entry by a clock that differs a little": (ORDINARY, None, None),
    "an entry by a clock that was ahead, or this one was set back": (ORDINARY + SECOND, None, Against.LEDGER),
    "a time-stamp by a clock that differs a little": (-SECOND, ORDINARY, None),
    "a time-stamp from later, the ledger wound back": (-FRESH, ORDINARY + SECOND, Against.WITNESS),
    "an entry from ahead that a fresh time-stamp outweighs": (timedelta(days=365), -FRESH, None),
    "an entry from ahead and a time-stamp that is too old": (
        timedelta(days=365),
        -FRESH - SECOND,
        Against.LEDGER,
    ),
    "both are later": (timedelta(days=2), timedelta(days=1), Against.WITNESS),
}
SPANS = st.timedeltas(timedelta(days=-900), timedelta(days=900))


def _stamp(witnessed: timedelta | None) -> WitnessedTime | None:
    """By a clock that agreed with the authority."""
    return None if witnessed is None else WitnessedTime(NOW + witnessed, NOW + witnessed)


@pytest.mark.parametrize("what", CASES)
def test_a_clock_is_doubted_when_something_is_later(what: str) -> None:
    last, witnessed, found = CASES[what]
    assert against(NOW, last=NOW + last, witnessed=_stamp(witnessed)) is found


@pytest.mark.parametrize(
    ("ahead", "found"),
    [(ORDINARY, None), (ORDINARY + SECOND, Against.AHEAD), (timedelta(days=400), Against.AHEAD)],
)
def test_a_clock_that_was_ahead_of_the_latest_time_stamp_is_doubted(
    ahead: timedelta, found: Against | None
) -> None:
    assert against(NOW, last=NOW, witnessed=WitnessedTime(NOW - ahead, NOW)) is found


@given(SPANS, st.none() | SPANS)
def test_a_clock_that_passes_everything_known_is_believed_again(
    last: timedelta, witnessed: timedelta | None
) -> None:
    passed = NOW + max(last, witnessed or last)
    assert against(passed, last=NOW + last, witnessed=_stamp(witnessed)) is None


@given(SPANS, SPANS)
def test_a_clock_behind_a_time_stamp_is_never_believed(last: timedelta, behind: timedelta) -> None:
    stamp = _stamp(ORDINARY + SECOND + abs(behind))
    assert against(NOW, last=NOW + last, witnessed=stamp) is Against.WITNESS
