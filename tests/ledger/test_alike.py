from __future__ import annotations

from enum import Enum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.ledger.alike import written_all
from kedang.ledger.errors import LeafTooLarge
from kedang.ledger.leaves import Event, said_time, written
from kedang.ledger.schema import acts
from kedang.records.errors import KedangError
from kedang.records.ids import AgentId
from tests.ledger.test_leaves import event_of
from tests.ledger.worlds import LIN, NOON

TIME = said_time(NOON)


class Plain(StrEnum):
    """A text of a class of its own that reads like any other."""

    ID = "a" * 32


class Loud(str, Enum):  # noqa: UP042 - what reads otherwise is the point
    """A text of a class of its own that reads otherwise."""

    RECORD = "record:" + "a" * 32


STATED = [
    True,
    1,
    0,
    -1,
    2**53,
    None,
    "",
    "a" * 32,
    "a" * 64,
    "a" * 64 + "\n",
    "%s",
    "RS-TAX",
    "RS-TAX\n",
    'cn","rules":["RS-TAX"],"x":"y',
    "permanent",
    "2026-11-21",
    "2026-W47-6",
    ["RS-TAX", "RS-TXN"],
    ["RS-TAX", 1],
    ("RS-TAX",),
    [],
    Plain.ID,
]
NAMED = [
    "record:" + "a" * 32,
    "record:" + "a" * 32 + "\n",
    "record:" + "a" * 32 + "\nrecord:" + "b" * 32,
    "record:" + "a" * 32 + '","record:' + "b" * 32,
    "record:" + "A" * 32,
    "record:" + "a" * 31,
    "case:" + "a" * 32,
    "customer:" + "a" * 32,
    "record",
    "",
    Loud.RECORD,
]
ANY_ACT = st.sampled_from(sorted(acts()))


@st.composite
def likely_events(draw: st.DrawFn) -> list[Event]:
    """Events of few acts, most of them well formed."""
    some = draw(st.lists(ANY_ACT, min_size=1, max_size=3))
    seeds = draw(st.lists(st.tuples(st.sampled_from(some), st.integers(0, 3)), min_size=1, max_size=24))
    events = [event_of(act, seed) for act, seed in seeds]
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(events) - 1))
        events[at] = draw(altered(events[at]))
    return events


@st.composite
def altered(draw: st.DrawFn, event: Event) -> Event:
    """The event with one thing other than it was."""
    actor, act, objects, facts = event.actor, event.act, list(event.objects), dict[str, Any](event.facts)
    what = draw(st.sampled_from(["actor", "act", "object", "less", "fact", "without", "more"]))
    if what == "actor":
        actor = AgentId(draw(st.sampled_from([LIN, Plain.ID, "林", 'a"'])))
    elif what == "act":
        act = draw(st.sampled_from([*sorted(acts()), "gossiped"]))
    elif what == "object" and objects:
        objects[draw(st.integers(0, len(objects) - 1))] = draw(st.sampled_from(NAMED))
    elif what == "less" and objects:
        objects.pop(draw(st.integers(0, len(objects) - 1)))
    elif what == "fact" and facts:
        facts[draw(st.sampled_from(sorted(facts)))] = draw(st.sampled_from(STATED))
    elif what == "without" and facts:
        facts.pop(draw(st.sampled_from(sorted(facts))))
    else:
        facts["note"] = "a" * 32
    return Event(actor, act, objects, facts)


@given(events=likely_events(), first=st.integers(0, 2**40))
def test_leaves_written_together_are_those_written_one_by_one(events: list[Event], first: int) -> None:
    wrong: set[str] = set()
    leaves = []
    for n, event in enumerate(events, first):
        try:
            leaves.append(written(event, n=n, time=TIME))
        except KedangError as error:
            wrong.add(str(error))
    if not wrong:
        assert written_all(events, first=first, time=TIME) == leaves
        return
    with pytest.raises(KedangError) as caught:
        written_all(events, first=first, time=TIME)
    assert str(caught.value) in wrong


@pytest.mark.parametrize("act", acts())
def test_many_leaves_of_any_act_are_written_together(act: str) -> None:
    events = [event_of(act, seed) for seed in range(20)]
    assert written_all(events, first=7, time=TIME) == [
        written(event, n=n, time=TIME) for n, event in enumerate(events, 7)
    ]


@pytest.mark.parametrize("wrong", ["b" * 64 + "\n", "b" * 63, 'b"', 7])
def test_one_wrong_value_among_many_is_refused(wrong: str) -> None:
    digests = [f"{n:064x}" for n in range(20)]
    digests[11] = wrong
    events = [Event(LIN, "received", event_of("received").objects, {"content": one}) for one in digests]
    with pytest.raises(KedangError, match="KD-L102"):
        written_all(events, first=0, time=TIME)


@pytest.mark.parametrize("wrong", [NAMED[1], NAMED[2], NAMED[3], NAMED[4], "customer:" + "a" * 32])
def test_one_wrong_object_among_many_is_refused(wrong: str) -> None:
    events = [event_of("archived", seed) for seed in range(20)]
    events[11] = Event(LIN, "archived", (wrong,), events[0].facts)
    with pytest.raises(KedangError, match="KD-L103"):
        written_all(events, first=0, time=TIME)


def test_leaves_that_are_too_large_are_refused_among_others() -> None:
    many = tuple(f"record:{n:032x}" for n in range(2_000))
    events = [Event(LIN, "sent-to-review", many, {}) for _ in range(5)]
    with pytest.raises(LeafTooLarge, match="KD-L104"):
        written_all(events, first=0, time=TIME)


def test_a_fact_that_is_not_of_the_act_is_refused_in_many_leaves() -> None:
    events = [event_of("archived", seed) for seed in range(20)]
    more = [Event(LIN, "archived", one.objects, {**one.facts, "note": "a" * 32}) for one in events]
    with pytest.raises(KedangError, match="KD-L102"):
        written_all(more, first=0, time=TIME)


def test_objects_of_a_class_of_their_own_are_written_as_they_are() -> None:
    events = [event_of("archived", seed) for seed in range(20)]
    events[11] = Event(LIN, "archived", (Loud.RECORD,), events[0].facts)
    leaves = written_all(events, first=0, time=TIME)
    assert leaves[11] == written(events[11], n=11, time=TIME)
    assert b"record:" in leaves[11]
