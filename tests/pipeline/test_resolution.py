"""Everybody compared, and then only those whom something new touches: both ways give the same customers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest

from kedang.pipeline.compared_before import decode_head, encode_head
from kedang.pipeline.kept_mentions import encode_mentions
from kedang.pipeline.resolution import Resolution
from kedang.pipeline.resolving_messages import (
    At,
    JudgedPair,
    KeptSegment,
    LookWider,
    NamedRecord,
    Outcome,
    ProposedPair,
    ResolvedCluster,
    ResolveNow,
    ResolverSetup,
)
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.keeping import TRAIN_FROM
from kedang.resolution.links import Own
from kedang.resolution.mentions import Mention, MentionKind, Role

SECRET = bytes(32)
SEGMENT = 8  # mentions: what is kept of these small cases lies in twenty segments
UNCHANGED = LookWider()
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", ("修远", "静姝", "国栋", "芳菲", "子墨")


def person(name: str, mobile: str = "", *, role: Role = Role.CUSTOMER_LIST) -> Mention:
    numbers = (Identifier(IdentifierKind.MOBILE_PHONE, mobile),) if mobile else ()
    return Mention(MentionKind.PERSON, 0, len(name), name, name, role, numbers)


def record(one: str, *mentions: Mention, tied: Mapping[int, str] | None = None) -> NamedRecord:
    return NamedRecord(
        one, encode_mentions(mentions, Own.of((), ())), tuple((tied or {}).items()), source="s", new=True
    )


def case() -> list[NamedRecord]:
    """Eighty people, each in two papers of which every third gives no number, some under one name."""
    found = []
    for place in range(80):
        name = SURNAMES[place % 16] + GIVEN[place % 5 if place < 40 else 0]
        mobile = f"139{place:08d}"
        found.append(record(f"a{place:03d}", person(name, mobile)))
        found.append(
            record(f"b{place * 7 % 80:03d}", person(name, mobile if place % 3 else "", role=Role.BUYER))
        )
    return found


Left = tuple[bytes, tuple[bytes, ...]]
"""Head and segments of what a comparison leaves."""
NOTHING: Left = (b"", ())


def setup(before: bytes = b"") -> ResolverSetup:
    return ResolverSetup("", threads=1, before=before, secret=SECRET, segment_mentions=SEGMENT)


class Run:
    """One comparison, driven as the coordinator does."""

    def __init__(
        self, before: Left, records: Sequence[NamedRecord], new: set[str], wider: LookWider = UNCHANGED, **said: tuple[tuple[At, At], ...]
    ) -> None:  # fmt: skip
        work = Resolution(setup(before[0]))
        for payload in before[1]:
            work.remember(payload)
        by_id = {one.id: one for one in records}
        work.add([by_id[one] for one in sorted(new)])
        answer = work.look_wider(wider)
        others = by_id.keys() if answer.whole else answer.again.keys()
        self.whole, self.again = answer.whole, answer.again
        work.add([by_id[one] for one in sorted(others - new)])
        request = ResolveNow(said.get("same", ()), said.get("different", ()), ())
        self.clusters: list[ResolvedCluster] = []
        self.pairs: list[ProposedPair] = []
        self.outcome = Outcome(0, 0, 0, b"")
        new_segments = []
        for chunk in work.resolve(request):
            if isinstance(chunk, KeptSegment):
                new_segments.append(chunk.payload)
                continue
            self.clusters += chunk.clusters
            self.pairs += chunk.pairs
            self.outcome = chunk.outcome or self.outcome
        following = iter(new_segments)
        segments = tuple(
            before[1][place] if place >= 0 else next(following) for place in self.outcome.segments
        )
        self.left: Left = self.outcome.before, segments

    def customers(self) -> set[tuple[At, ...]]:
        return {one.mentions for one in self.clusters}

    def asked(self) -> dict[tuple[At, At], int]:
        return {(one.first, one.second): one.place for one in self.pairs}


@pytest.fixture(scope="module")
def everything() -> Run:
    """All at once."""
    return Run(NOTHING, case(), set())


def is_again(run: Run, at: At, new: set[str]) -> bool:
    return at[0] in new or at[1] in run.again.get(at[0], ())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_new_is_compared_with_what_it_touches_and_the_customers_are_those_of_a_full_run(
    seed: int,
) -> None:
    records = case()
    new = {one.id for one in Random(seed).sample(records, 1 + 2 * seed)}
    old = Run(NOTHING, [one for one in records if one.id not in new], set())
    part = Run(old.left, records, new)
    assert not part.whole
    assert len(new) < part.outcome.compared < 80
    assert part.outcome.mentions == 160
    kept = {ids for ids in old.customers() if not any(is_again(part, at, new) for at in ids)}
    asked = {pair: place for pair, place in old.asked().items() if not is_again(part, pair[0], new)}
    whole = Run(forgetful(old.left), records, {one.id for one in records})
    assert whole.outcome.compared == 160
    assert kept | part.customers() == whole.customers()
    assert asked | part.asked() == whole.asked()
    assert whole.asked()


def test_a_tie_that_came_later_has_the_surroundings_of_the_customer_looked_at() -> None:
    records = case()
    old = Run(NOTHING, records, set())
    tied = {"a060": {0: "c1"}, "b020": {0: "c1"}, "b006": {0: "c2"}}
    after = [replace(one, tied=tuple(tied.get(one.id, {}).items()), new=False) for one in records]
    part = Run(old.left, after, set(tied))
    assert len(tied) <= part.outcome.compared < 80
    kept = {ids for ids in old.customers() if not any(is_again(part, at, set()) for at in ids)}
    every = [replace(one, new=True) for one in after]
    whole = Run(forgetful(old.left), every, {one.id for one in every})
    assert kept | part.customers() == whole.customers()
    assert ("c1",) in {one.customers for one in part.clusters}


def forgetful(left: Left) -> Left:
    """The same models with nobody known."""
    said = decode_head(left[0])
    assert said is not None
    said.firsts, said.homes, said.mentions = [""], 0, 0
    return encode_head(said), Run(NOTHING, [], set()).left[1]


def test_only_segments_in_which_somebody_was_compared_are_written_again(everything: Run) -> None:
    records = case()
    new = record("a0405", person("欧阳修远", "13700000001"))
    part = Run(everything.left, [*records, new], {new.id})
    assert part.outcome.compared < SEGMENT
    assert 1 <= part.outcome.segments.count(-1) < len(everything.outcome.segments) / 2
    again = Run(part.left, [*records, new], set(), LookWider(gone=(new.id,)))
    assert again.outcome.mentions == everything.outcome.mentions == 160
    twice = [record(f"a0405{place:02d}", person("欧阳修远", f"137000001{place:02d}")) for place in range(30)]
    grown = Run(everything.left, [*records, *twice], {one.id for one in twice})
    assert len(grown.left[1]) > len(everything.left[1]), "a segment that has grown too long is parted"
    assert grown.outcome.mentions == 190
    assert Run(grown.left, [*records, *twice], set()).outcome.compared == 0


def test_nothing_new_looks_at_nobody(everything: Run) -> None:
    assert Run(everything.left, case(), set()).outcome.compared == 0


def test_a_judgement_has_the_surroundings_of_both_sides_looked_at(everything: Run) -> None:
    pair = next(iter(everything.asked()), None) or (("a000", 0), ("a001", 0))
    part = Run(everything.left, case(), set(), LookWider(mentions=pair), different=(pair,))
    assert 2 <= part.outcome.compared < 40
    assert pair not in part.asked()
    back = Run(part.left, case(), set(), LookWider(mentions=pair))
    assert {
        **{p: n for p, n in everything.asked().items() if not is_again(back, p[0], set())},
        **back.asked(),
    } == (everything.asked())


def test_a_case_that_has_grown_by_half_is_learnt_and_compared_anew(everything: Run) -> None:
    records = case()
    old = Run(NOTHING, records[:100], set())
    new = {one.id for one in records[100:]}
    grown = Run(old.left, records, new)
    assert grown.whole
    assert grown.customers() == everything.customers()


def test_judged_different_pairs_move_the_threshold_for_pairs_like_them(everything: Run) -> None:
    joined = [join for one in everything.clusters for join in one.joins]
    assert joined
    levels = {
        step["what"]: step["level"] for step in json.loads(joined[0].evidence)["steps"] if step["level"]
    }
    judged = (JudgedPair("person", levels, same=False),) * (TRAIN_FROM + 20)
    taught = Run(everything.left, case(), set(), LookWider(judged=judged))
    assert (taught.whole, taught.outcome.judgements) == (True, TRAIN_FROM + 20)
    assert [join for one in taught.clusters for join in one.joins] == []
    again = Run(taught.left, case(), set(), LookWider(judged=judged))
    assert (again.whole, again.outcome.compared) == (False, 0)
