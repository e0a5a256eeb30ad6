from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.resolution.clusters import (
    Conflict,
    Ground,
    Joined,
    Link,
    Traits,
    join,
    names_conflict,
)
from kedang.resolution.mentions import MentionKind

_PERSON = MentionKind.PERSON
_NAMES = ("王伟", "王玮", "李娜", "王建国", "王建华", "")
_SOUNDS = {
    "王伟": "wang wei",
    "王玮": "wang wei",
    "李娜": "li na",
    "王建国": "wang jian guo",
    "王建华": "wang jian hua",
    "": None,
}

_TRAITS = st.builds(
    lambda name, number, born: Traits(
        _PERSON, name, sound=_SOUNDS[name], surname=name[:1] or None, birth=born, certain=frozenset(number)
    ),
    st.sampled_from(_NAMES),
    st.sampled_from([(), (("resident_id", "1"),), (("resident_id", "2"),), (("passport", "9"),)]),
    st.sampled_from(["", "", "1980-01-02", "1991-07-08"]),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[int, Traits], list[Link[int]], list[tuple[int, int]]]:
    """A few mentions, ties among them, and pairs that were judged different."""
    count = draw(st.integers(2, 9))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    bits = st.sampled_from([10.0, 11.5, 14.0, 20.0])
    ground = st.sampled_from([Ground.SCORED, Ground.SCORED, Ground.SCORED, Ground.JUDGED])
    ties = draw(st.dictionaries(pairs, st.tuples(bits, ground), max_size=16))
    links = [Link(left, right, strength, why) for (left, right), (strength, why) in ties.items()]
    traits = {node: draw(_TRAITS) for node in range(count)}
    return traits, links, draw(st.lists(pairs, max_size=2))


def _groups(joined: Joined[int]) -> set[frozenset[int]]:
    return set(map(frozenset, joined.groups))


@given(worlds(), st.randoms())
@settings(max_examples=150, deadline=None)
def test_the_order_of_arrival_does_not_matter(
    world: tuple[dict[int, Traits], list[Link[int]], list[tuple[int, int]]], chance: random.Random
) -> None:
    traits, links, different = world
    shuffled = list(links)
    chance.shuffle(shuffled)
    nodes = list(traits)
    chance.shuffle(nodes)
    again = join({node: traits[node] for node in nodes}, shuffled, [(b, a) for a, b in different])
    assert join(traits, links, different) == again


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_scores_never_bring_conflicting_numbers_or_judged_pairs_together(
    world: tuple[dict[int, Traits], list[Link[int]], list[tuple[int, int]]],
) -> None:
    traits, links, different = world
    scored = [link for link in links if link.ground is Ground.SCORED]
    for group in join(traits, scored, different).groups:
        numbers = {number for node in group for number in traits[node].certain}
        assert len({kind for kind, _ in numbers}) == len(numbers)
        assert not any(a in group and b in group for a, b in different)
        names = [traits[node] for node in group]
        assert not any(names_conflict(a, b) for a in names for b in names)


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_judged_different_wins_over_every_tie(
    world: tuple[dict[int, Traits], list[Link[int]], list[tuple[int, int]]],
) -> None:
    traits, links, different = world
    for group in join(traits, links, different).groups:
        assert not any(a in group and b in group for a, b in different)


@given(worlds(), st.integers(0, 8), st.integers(0, 8))
@settings(max_examples=100, deadline=None)
def test_taking_a_judgement_back_restores_what_was(
    world: tuple[dict[int, Traits], list[Link[int]], list[tuple[int, int]]], one: int, other: int
) -> None:
    traits, links, different = world
    before = join(traits, links, different)
    if one < other < len(traits):
        join(traits, [*links, Link(one, other, 100, Ground.JUDGED)], [*different, (one, other)])
    assert join(traits, links, different) == before


def test_the_weakest_tie_of_a_chain_gives_way() -> None:
    first = Traits(_PERSON, "王伟", sound="wang wei", certain=frozenset({("resident_id", "1")}))
    bare = Traits(_PERSON, "王伟", sound="wang wei")
    second = Traits(_PERSON, "王伟", sound="wang wei", certain=frozenset({("resident_id", "2")}))
    weak, strong = Link("b", "c", 11.0), Link("a", "b", 15.0)
    joined = join({"a": first, "b": bare, "c": second}, [weak, strong])
    assert joined.groups == (("a", "b"), ("c",))
    assert joined.broken == ((weak, Conflict.CERTAIN_NUMBER),)


def test_spouses_parent_and_branch_sisters_and_namesakes_of_other_days_stay_apart() -> None:
    firm = MentionKind.ORGANISATION
    cases = (
        (Traits(_PERSON, "张伟", surname="张"), Traits(_PERSON, "李娜", surname="李"), Conflict.NAME),
        (
            Traits(_PERSON, "老王", weak=True, surname="王"),
            Traits(_PERSON, "李娜", surname="李"),
            Conflict.NAME,
        ),
        (Traits(firm, "云帆"), Traits(firm, "云帆", branch="上海分公司"), Conflict.BRANCH),
        (Traits(firm, "云帆", region="杭州"), Traits(firm, "云帆", region="上海"), Conflict.NAME),
        (Traits(firm, "云帆", industry="贸易"), Traits(firm, "云帆", industry="科技"), Conflict.NAME),
        (
            Traits(_PERSON, "王伟", birth="1980-01-02"),
            Traits(_PERSON, "王伟", birth="1991-07-02"),
            Conflict.BIRTH,
        ),
    )
    for one, other, why in cases:
        joined = join({1: one, 2: other}, [Link(1, 2, 30.0)])
        assert joined.groups == ((1,), (2,))
        assert [conflict for _, conflict in joined.broken] == [why]


def test_a_number_proves_a_changed_name_and_then_both_names_are_his() -> None:
    number = frozenset({("resident_id", "1")})
    before, after = Traits(_PERSON, "张娟", certain=number), Traits(_PERSON, "张慧敏", certain=number)
    letter = Traits(_PERSON, "张慧敏")
    links = [Link(1, 2, 100, Ground.CERTAIN), Link(2, 3, 12.0)]
    assert join({1: before, 2: after, 3: letter}, links).groups == ((1, 2, 3),)


def test_one_wrong_character_does_not_make_two_people() -> None:
    assert not names_conflict(Traits(_PERSON, "欧阳修远"), Traits(_PERSON, "欧阳修元"))
    assert names_conflict(Traits(_PERSON, "王伟"), Traits(_PERSON, "王芳"))
