from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.preservation.errors import LeafBundleMalformed
from kedang.preservation.leaf_bundles import (
    FULL_LEAVES,
    MOST_PIECES,
    LeafRange,
    decode_leaves,
    encode_leaves,
    generations,
    longest_chain,
    plan_bundles,
    read_bundle_name,
)

RANGES = st.builds(LeafRange, st.integers(0, 2**32 - 1), st.integers(0, 2**47), st.integers(1, 2**47))


@given(RANGES)
def test_a_name_tells_its_leaves_and_back(bundle: LeafRange) -> None:
    assert len(bundle.name) == len("leaves/") + 32
    assert read_bundle_name(bundle.name) == bundle


def test_the_name_is_as_documented() -> None:
    assert LeafRange(1, 65536, 258).name == "leaves/00000001000000010000000000000102"


@pytest.mark.parametrize(
    "name",
    [
        "leaves/" + "0" * 32,  # no leaf
        "leaves/" + "00000000" + "f" * 12 + "000000000002",  # beyond what a name can tell
        "packs/00000000000000000000000000000001",
        "leaves/0000000000000000000000000000000A",
        "leaves/1",
    ],
)
def test_other_names_are_no_bundles(name: str) -> None:
    assert read_bundle_name(name) is None


@pytest.mark.parametrize(
    ("generation", "first", "count"), [(-1, 0, 1), (0, -1, 1), (0, 0, 0), (2**32, 0, 1), (0, 2**48, 1)]
)
def test_a_range_that_no_name_can_tell_is_refused(generation: int, first: int, count: int) -> None:
    with pytest.raises(ValueError, match="range"):
        LeafRange(generation, first, count)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_leaves_come_back_and_no_other_number_of_them(leaves: list[bytes]) -> None:
    content = encode_leaves(leaves)
    bundle = LeafRange(0, 5, len(leaves))
    assert decode_leaves(content, bundle) == tuple(leaves)
    for wrong in (content[:-1], content + b"\0", content + b"\0\0", content + b"\0\2x"):
        with pytest.raises(LeafBundleMalformed):
            decode_leaves(wrong, bundle)


def grown(copy: set[LeafRange], size: int, generation: int = 0) -> set[LeafRange]:
    """The copy after a backup."""
    plan = plan_bundles(copy, generation=generation, size=size)
    assert not copy & set(plan.to_write)
    assert set(plan.superseded) <= copy
    after_writing = copy | set(plan.to_write)
    left = after_writing - set(plan.superseded)
    assert longest_chain(after_writing, generation=generation).size == size
    assert longest_chain(left, generation=generation).size == size
    return left


def test_growth_is_written_as_it_comes_and_merged_when_it_is_in_many_pieces() -> None:
    copy: set[LeafRange] = set()
    for number in range(1, MOST_PIECES + 1):
        copy = grown(copy, number * 10)
    assert len(copy) == MOST_PIECES
    copy = grown(copy, 500)
    assert copy == {LeafRange(0, 0, 500)}


def test_a_full_stretch_becomes_one_bundle_for_good() -> None:
    copy = grown(grown(set(), 100), FULL_LEAVES + 7)
    assert copy == {LeafRange(0, 0, FULL_LEAVES), LeafRange(0, FULL_LEAVES, 7)}
    assert plan_bundles(copy, generation=0, size=FULL_LEAVES + 7).to_write == ()
    later = grown(copy, 3 * FULL_LEAVES)
    assert later == {LeafRange(0, number * FULL_LEAVES, FULL_LEAVES) for number in range(3)}


@given(st.lists(st.integers(0, FULL_LEAVES), max_size=40))
@settings(max_examples=60)
def test_any_growth_stays_covered_in_few_bundles(steps: list[int]) -> None:
    copy, size, written = set[LeafRange](), 0, 0
    for step in steps:
        size += step
        before = copy
        copy = grown(copy, size)
        written += sum(bundle.count for bundle in copy - before)
        assert len(copy) <= size // FULL_LEAVES + MOST_PIECES + 1
    assert written <= 4 * size + MOST_PIECES * FULL_LEAVES


def test_another_generation_is_left_alone() -> None:
    old = {LeafRange(0, 0, 50)}
    assert grown(old, 7, generation=1) == old | {LeafRange(1, 0, 7)}
    assert generations([bundle.name for bundle in grown(old, 7, generation=1)] + ["packs/x"]) == (0, 1)


def test_a_copy_that_is_longer_than_the_ledger_is_not_shortened() -> None:
    copy = {LeafRange(0, 0, 100), LeafRange(0, 100, 100)}
    plan = plan_bundles(copy, generation=0, size=150)
    assert (plan.to_write, plan.superseded) == ((), ())


def test_a_chain_ends_at_the_first_gap_and_says_what_lies_beyond() -> None:
    present = [LeafRange(0, 0, 10), LeafRange(0, 10, 5), LeafRange(0, 16, 4), LeafRange(1, 15, 1)]
    chain = longest_chain(present, generation=0)
    assert chain.size == 15
    assert chain.beyond == (present[2],)
    assert longest_chain([present[2]], generation=0).size == 0
    assert longest_chain([], generation=0).runs == ()


def test_overlaps_are_read_once_from_as_few_bundles_as_can_be() -> None:
    small = [LeafRange(0, first, 10) for first in range(0, 100, 10)]
    chain = longest_chain([*small, LeafRange(0, 0, 55), LeafRange(0, 40, 50)], generation=0)
    assert [(run.bundle.first, run.first, run.end) for run in chain.runs] == [
        (0, 0, 55),
        (40, 55, 90),
        (90, 90, 100),
    ]


def test_a_damaged_bundle_is_got_round_where_others_hold_its_leaves() -> None:
    merged, pieces = LeafRange(0, 0, 30), [LeafRange(0, first, 10) for first in (0, 10, 20)]
    assert longest_chain([merged, *pieces], generation=0, damaged=[merged]).size == 30
    assert longest_chain([merged, *pieces], generation=0, damaged=[merged, pieces[1]]).size == 10


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=15))
def test_the_chain_is_the_longest_there_is(spans: list[tuple[int, int]]) -> None:
    bundles = [LeafRange(0, first, count) for first, count in spans]
    covered = {leaf for bundle in bundles for leaf in range(bundle.first, bundle.end)}
    expected = next(leaf for leaf in range(100) if leaf not in covered)
    random.Random(1).shuffle(bundles)
    chain = longest_chain(bundles, generation=0)
    assert chain.size == expected
    taken = [leaf for run in chain.runs for leaf in range(run.first, run.end)]
    assert taken == list(range(expected))
    assert all(run.bundle.first <= run.first and run.end <= run.bundle.end for run in chain.runs)
