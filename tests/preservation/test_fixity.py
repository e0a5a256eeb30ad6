from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kedang.preservation.fixity import (
    Damage,
    DamageKind,
    FixityObject,
    RoundCursor,
    healing_copies,
    next_run,
)
from kedang.records.errors import code_texts

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def stored(*entries: tuple[str, int, float | None]) -> list[FixityObject]:
    return [
        FixityObject(name, size, None if days is None else NOW - timedelta(days=days))
        for name, size, days in entries
    ]


def test_what_was_never_checked_comes_first_then_the_oldest_within_the_budget() -> None:
    things = stored(("a", 10, 3), ("b", 10, 9), ("c", 10, None), ("d", 10, 5), ("e", 10, None))
    run = next_run(things, RoundCursor(4, NOW - timedelta(days=1)), now=NOW, budget_bytes=35)
    assert [entry.name for entry in run.objects] == ["c", "e", "b"]
    assert (run.objects_left, run.ends_round, run.cursor.number) == (2, False, 4)


def test_what_this_round_has_checked_is_left_until_the_next() -> None:
    things = stored(("a", 10, 0.5), ("b", 10, 2))
    run = next_run(things, RoundCursor(1, NOW - timedelta(days=1)), now=NOW, budget_bytes=100)
    assert [entry.name for entry in run.objects] == ["b"]
    assert run.ends_round
    things[1] = replace(things[1], last_checked=NOW)
    later = NOW + timedelta(days=1)
    run = next_run(things, run.cursor, now=later, budget_bytes=100)
    assert (run.cursor.number, run.cursor.began) == (2, later)
    assert [entry.name for entry in run.objects] == ["a", "b"]


def test_an_object_larger_than_the_budget_is_checked_all_the_same() -> None:
    run = next_run(stored(("huge", 10**12, None), ("b", 1, 1)), None, now=NOW, budget_bytes=5)
    assert [entry.name for entry in run.objects] == ["huge"]


def test_a_wrong_clock_hides_nothing() -> None:
    run = next_run(stored(("a", 1, -900)), None, now=NOW, budget_bytes=5)
    assert [entry.name for entry in run.objects] == ["a"]


def test_nothing_stored_is_nothing_to_check() -> None:
    run = next_run([], None, now=NOW, budget_bytes=5)
    assert (run.objects, run.ends_round) == ((), True)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.integers(1, 60), st.data())
def test_rounds_that_break_off_anywhere_check_everything_once(
    sizes: list[int], budget: int, data: st.DataObject
) -> None:
    checked: dict[str, datetime | None] = {f"{number:03d}": None for number in range(len(sizes))}
    counts = dict.fromkeys(checked, 0)
    cursor, now = RoundCursor(1, NOW), NOW
    for _ in range(200):
        now += timedelta(hours=1)
        things = [FixityObject(name, sizes[int(name)], when) for name, when in checked.items()]
        run = next_run(things, cursor, now=now, budget_bytes=budget)
        cursor = run.cursor
        if cursor.number == 2:
            break
        done = data.draw(st.integers(1, len(run.objects)))  # killed after so many
        for entry in run.objects[:done]:
            cursor = cursor.after(entry.size_bytes, damaged=False)
            checked[entry.name] = now
            counts[entry.name] += 1
    assert cursor.number == 2
    assert set(counts.values()) == {1}


def test_a_cursor_counts_what_was_found() -> None:
    cursor = RoundCursor(1, NOW).after(10, damaged=False).after(5, damaged=True)
    assert (cursor.objects_checked, cursor.bytes_checked, cursor.damages) == (2, 15, 1)


def test_copies_that_hold_the_object_whole_can_heal_it() -> None:
    copies = {"nas": {"packs/1": 10}, "cloud": {"packs/1": 7, "packs/2": 3}, "stick": {"packs/1": 10}}
    assert healing_copies("packs/1", 10, copies) == ("nas", "stick")
    assert healing_copies("packs/1", None, copies) == ("cloud", "nas", "stick")
    assert healing_copies("packs/3", 1, copies) == ()


def test_every_kind_of_damage_has_a_code_with_texts() -> None:
    for kind in DamageKind:
        assert Damage(kind, "packs/1").code in code_texts()
    assert len({kind.value for kind in DamageKind}) == len(DamageKind)
