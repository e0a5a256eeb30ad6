"""What has changed since the last comparison is told by marks, packed so that a case of any size fits."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.holdings.adapters.record_marks import (
    ID_BYTES,
    MARK_BYTES,
    NEW,
    SAME,
    TIED,
    Marking,
    RecordMarks,
    compared,
    packed,
    unpacked,
)

IDS = st.binary(min_size=ID_BYTES, max_size=ID_BYTES).map(bytes.hex)
NUMBERS = st.integers(0, 2**64 - 1)
MARKED = st.dictionaries(IDS, st.tuples(NUMBERS, st.lists(NUMBERS, max_size=3)), max_size=40)
LOADS = (
    "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'kedang.entrypoints.settings'; django.setup();"
    "import kedang.entrypoints.cli.taking_in, kedang.entrypoints.cli.checking;"
    "print(*sorted({'pypinyin', 'numpy', 'duckdb', 'splink'} & sys.modules.keys()))"
)


def marked(said: dict[str, tuple[int, list[int]]]) -> RecordMarks:
    marking = Marking()
    for one, (place, _) in said.items():
        marking.add(one, place)
    found = marking.in_order()
    for one, (_, links) in said.items():
        at = found.place_of(one)
        assert at is not None
        for link in links:
            found.tie(at, link)
    return found


@settings(deadline=None)
@given(MARKED)
def test_marks_are_found_by_id_whatever_the_order_in_which_they_came(
    said: dict[str, tuple[int, list[int]]],
) -> None:
    found = marked(said)
    turned = {one: (place, links[::-1]) for one, (place, links) in reversed(said.items())}
    again = marked(turned)
    assert (found.ids, found.marks) == (again.ids, again.marks)
    assert list(found) == sorted(said)
    assert len(found.ids) + len(found.marks) == len(said) * (ID_BYTES + MARK_BYTES)
    for one, (place, links) in said.items():
        at = found.place_of(one)
        assert at is not None
        whose = 0
        for link in links:
            whose ^= link
        assert [int.from_bytes(half, "big") for half in found.at(at)] == [place, whose]


@settings(deadline=None)
@given(MARKED, MARKED)
def test_a_record_is_new_tied_the_same_or_gone(
    then: dict[str, tuple[int, list[int]]], others: dict[str, tuple[int, list[int]]]
) -> None:
    """Of those that were, one in three lies elsewhere, one has another link, one is gone or as it was."""
    now = dict(others)
    for number, (one, (place, links)) in enumerate(then.items()):
        match number % 4:
            case 0:
                now[one] = place ^ 1, links
            case 1:
                now[one] = place, [*links, 1]
            case 2:
                now[one] = place, links
    old, new = marked(then), marked(now)
    states, gone = compared(old, new)
    assert gone == sorted(then.keys() - now.keys())
    assert len(states) == len(new)
    for at, (one, state) in enumerate(zip(new, states, strict=True)):
        before = old.place_of(one)
        if before is None or old.at(before)[0] != new.at(at)[0]:
            assert state == NEW
        else:
            assert state == (SAME if old.at(before) == new.at(at) else TIED)


def test_before_the_first_comparison_everything_is_new() -> None:
    assert compared(RecordMarks(), marked({"0" * 32: (1, [])})) == (bytearray([NEW]), [])
    assert compared(marked({"0" * 32: (1, [])}), RecordMarks()) == (bytearray(), ["0" * 32])
    assert marked({"0" * 32: (1, [])}).place_of("1" * 32) is None


@settings(deadline=None)
@given(IDS, IDS)
def test_two_ids_are_packed_into_one_value(record: str, customer: str) -> None:
    assert unpacked(packed(record, customer)) == (record, customer)


def test_intake_and_verification_load_no_tables_for_comparing_names() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
