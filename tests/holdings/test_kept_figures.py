"""Figures are counted when they must be, told while they are being counted anew, and never across scopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kedang.holdings.queries.kept_figures import FRESH_TIMES, MOST_FRESH_SECONDS, STALE_SECONDS, KeptFigures


@dataclass
class Counting:
    """Figures on a clock that only counting moves, and work that is done when the test says so."""

    time: float = 0.0
    takes: float = 1.0
    times: int = 0
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.figures = KeptFigures(lambda: self.time, self.waiting.append)

    def count(self) -> int:
        self.times += 1
        self.time += self.takes
        return self.times

    def ask(self, key: str = "all") -> int:
        return self.figures.get(key, self.count)

    def catch_up(self) -> None:
        while self.waiting:
            self.waiting.pop()()


def test_what_takes_long_is_counted_once_for_all_who_ask() -> None:
    counting = Counting()
    assert [counting.ask(), counting.ask(), counting.ask("another scope")] == [1, 1, 2]


def test_while_it_is_counted_anew_the_figure_of_before_is_told() -> None:
    counting = Counting()
    counting.ask()
    counting.time += FRESH_TIMES + 1
    assert counting.ask() == counting.ask() == 1
    assert len(counting.waiting) == 1, "it is counted once, not by everybody who asks"
    counting.catch_up()
    assert counting.ask() == 2


def test_a_figure_that_is_too_old_is_not_told() -> None:
    counting = Counting()
    counting.ask()
    counting.time += FRESH_TIMES + STALE_SECONDS + 1
    assert counting.ask() == 2


def test_nobody_waits_for_what_takes_very_long_to_count() -> None:
    counting = Counting(takes=STALE_SECONDS)
    counting.ask()
    for _ in range(5):
        counting.time += MOST_FRESH_SECONDS + 1
        counting.ask()
        assert len(counting.waiting) == 1, "counted beside those who ask"
        counting.takes = 1
        counting.catch_up()


def test_what_takes_no_time_is_always_true() -> None:
    counting = Counting(takes=0.001)
    counting.ask()
    counting.time += 1
    assert counting.ask() == 2
    counting.figures.age()
    assert counting.ask() == 3


@pytest.mark.parametrize(("change", "told"), [("age", 1), ("forget", 2)])
def test_after_a_change_it_is_counted_again(change: str, told: int) -> None:
    counting = Counting()
    counting.ask()
    counting.time += 0.1
    getattr(counting.figures, change)()
    assert counting.ask() == told
    counting.catch_up()
    assert counting.ask() == 2


def test_what_was_counted_before_a_change_is_not_kept_after_it() -> None:
    counting = Counting()

    def changed_meanwhile() -> int:
        counting.figures.forget()
        return counting.count()

    assert counting.figures.get("all", changed_meanwhile) == 1
    assert counting.ask() == 2


def test_a_count_that_fails_leaves_the_next_asker_to_count() -> None:
    counting = Counting()

    def fails() -> int:
        raise OSError("the disk is gone")

    counting.ask()
    counting.time += FRESH_TIMES + 1
    assert counting.figures.get("all", fails) == 1
    with pytest.raises(OSError, match="the disk is gone"):
        counting.catch_up()
    assert counting.ask() == 1
    counting.catch_up()
    assert counting.ask() == 2
