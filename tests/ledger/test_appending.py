from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kedang.ledger.appending import Head, append
from kedang.ledger.errors import ActUnknown, TimeWithoutZone
from kedang.ledger.leaves import Event, read_leaf
from kedang.ledger.tree import Frontier, leaf_hash
from tests.ledger.worlds import LIN, NOON, ledger_of, received


def test_leaves_are_numbered_from_where_the_ledger_stands() -> None:
    first = append(Head(), [received(0), received(1)], now=NOON)
    second = append(first.head, [received(2)], now=NOON)
    assert [leaf.n for leaf in (*first.leaves, *second.leaves)] == [0, 1, 2]
    assert [read_leaf(leaf.data).n for leaf in (*first.leaves, *second.leaves)] == [0, 1, 2]


def test_the_head_is_the_root_over_all_leaves() -> None:
    ledger = ledger_of(37)
    assert ledger.head.root == Frontier().extended(leaf_hash(leaf.data) for leaf in ledger.leaves).root
    assert [leaf.hash for leaf in ledger.leaves] == [leaf_hash(leaf.data) for leaf in ledger.leaves]


def test_time_never_goes_back_when_the_clock_does() -> None:
    first = append(Head(), [received(0)], now=NOON)
    second = append(first.head, [received(1)], now=NOON - timedelta(hours=3))
    assert read_leaf(second.leaves[0].data).time == NOON
    third = append(second.head, [received(2)], now=NOON + timedelta(microseconds=1))
    assert read_leaf(third.leaves[0].data).time == NOON + timedelta(microseconds=1)


def test_appending_nothing_changes_nothing() -> None:
    head = ledger_of(3).head
    assert append(head, [], now=NOON + timedelta(days=1)).head == head


def test_one_wrong_event_keeps_all_out() -> None:
    head = Head()
    with pytest.raises(ActUnknown):
        append(head, [received(0), Event(LIN, "gossiped", (), {})], now=NOON)
    assert head.size == 0


def test_a_clock_without_zone_is_refused() -> None:
    with pytest.raises(TimeWithoutZone):
        append(Head(), [received(0)], now=datetime(2026, 11, 21))  # noqa: DTZ001
