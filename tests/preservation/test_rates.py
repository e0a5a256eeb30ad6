from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.preservation.rates import RateLimiter


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=50), st.floats(10, 10_000), st.integers(0, 2000))
def test_never_more_than_rate_and_burst(counts: list[int], rate: float, burst: int) -> None:
    clock = Clock()
    limiter = RateLimiter(rate, clock=clock, burst_bytes=burst)
    for count in counts:
        clock.now += limiter.wait_seconds(count)
    passed = clock.now - 100.0
    assert sum(counts) <= burst + rate * passed + 0.01
    assert passed <= max(0.0, sum(counts) - burst) / rate + 0.01  # and no slower than it must


def test_a_pause_saves_up_one_burst_and_no_more() -> None:
    clock = Clock()
    limiter = RateLimiter(1000, clock=clock)
    assert limiter.wait_seconds(1000) == 0
    assert limiter.wait_seconds(500) == pytest.approx(0.5)
    clock.now += 3600
    assert limiter.wait_seconds(1000) == 0
    assert limiter.wait_seconds(1000) == pytest.approx(1)


def test_a_clock_that_runs_backwards_gives_nothing_away() -> None:
    clock = Clock()
    limiter = RateLimiter(1000, clock=clock)
    limiter.wait_seconds(1000)
    clock.now -= 50
    assert limiter.wait_seconds(1000) == pytest.approx(1)
    clock.now += 50
    assert limiter.wait_seconds(0) == pytest.approx(1)


def test_threads_share_one_rate() -> None:
    limiter = RateLimiter(1000, clock=Clock(), burst_bytes=0)
    with ThreadPoolExecutor(8) as pool:
        waits = sorted(pool.map(limiter.wait_seconds, [10] * 200))
    assert waits == pytest.approx([0.01 * number for number in range(1, 201)])


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        RateLimiter(0, clock=Clock())
