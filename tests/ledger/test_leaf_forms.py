from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.ledger.errors import LeafMalformed
from kedang.ledger.leaf_forms import leaf_form
from kedang.ledger.leaves import read_leaf, said_time, written
from kedang.ledger.schema import acts
from tests.ledger.test_leaves import event_of
from tests.ledger.worlds import NOON

PIECES = [
    b"",
    b" ",
    b",",
    b'"',
    b"0",
    b"-1",
    b"13",
    b"2026-02-30",
    b"9" * 16,
    b"a" * 129,
    "·".encode(),
    b"\xff",
]


def lets_through(act: str, data: bytes) -> bool:
    form = leaf_form(act)
    return form is not None and form.fullmatch(data.decode("utf-8", "replace")) is not None


@pytest.mark.parametrize("act", acts())
def test_the_form_lets_through_what_is_written(act: str) -> None:
    assert lets_through(act, written(event_of(act), n=7, time=said_time(NOON)))


def test_an_act_that_does_not_exist_has_no_form() -> None:
    assert leaf_form("no-such-act") is None


@pytest.mark.parametrize("act", acts())
@given(
    n=st.integers(0, 2**53 - 1),
    time=st.datetimes(timezones=st.just(UTC)),
    at=st.floats(0, 1),
    taken=st.integers(0, 12),
    piece=st.sampled_from(PIECES) | st.binary(max_size=3),
)
def test_what_the_form_lets_through_is_read(
    act: str, n: int, time: datetime, at: float, taken: int, piece: bytes
) -> None:
    data = written(event_of(act, n % 1000), n=n, time=said_time(time))
    place = int(at * len(data))
    altered = data[:place] + piece + data[place + taken :]
    if lets_through(act, altered):
        leaf = read_leaf(altered)
        assert leaf.event.act == act
    else:
        assert altered != data or b"-02-29" in data or n >= 10**15


@pytest.mark.parametrize("day", ["2026-02-30", "2026-04-31", "2026-13-01", "0000-01-01", "2025-02-29"])
def test_a_day_that_does_not_exist_is_not_let_through(day: str) -> None:
    event = event_of("reckoned")
    data = written(event, n=1, time=said_time(NOON)).replace(b"2035-12-31", day.encode())
    assert not lets_through("reckoned", data)
    with pytest.raises(LeafMalformed):
        read_leaf(data)
