"""Everybody compared, and then only those whom something new touches: both ways give the same customers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest

from kedang.pipeline.compared_before import decode_before, encode_before
from kedang.pipeline.kept_mentions import encode_mentions
from kedang.pipeline.resolution import Resolution
from kedang.pipeline.resolving_messages import (
    At,
    JudgedPair,
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


def setup(before: bytes = b"") -> ResolverSetup:
    return ResolverSetup("", threads=1, before=before, secret=SECRET)


class Run:
    """One comparison, driven as the coordinator does."""

    def __init__(
        self, before: bytes, records: Sequence[NamedRecord], new: set[str], wider: LookWider = UNCHANGED, **said: tuple[tuple[At, At], ...]
    ) -> None:  # fmt: skip
        work = Resolution(setup(before))
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
        for chunk in work.resolve(request):
            self.clusters += chunk.clusters
            self.pairs += chunk.pairs
            self.outcome = chunk.outcome or self.outcome

    def customers(self) -> set[tuple[At, ...]]:
        return {one.mentions for one in self.clusters}

    def asked(self) -> dict[tuple[At, At], int]:
        return {(one.first, one.second): one.place for one in self.pairs}


@pytest.fixture(scope="module")
def everything() -> Run:
    """All at once."""
    return Run(b"", case(), set())


def is_again(run: Run, at: At, new: set[str]) -> bool:
    return at[0] in new or at[1] in run.again.get(at[0], ())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_new_is_compared_with_what_it_touches_and_the_customers_are_those_of_a_full_run(
    seed: int,
) -> None:
    records = case()
    new = {one.id for one in Random(seed).sample(records, 1 + 2 * seed)}
    old = Run(b"", [one for one in records if one.id not in new], set())
    part = Run(old.outcome.before, records, new)
    assert not part.whole
    assert len(new) < part.outcome.compared < 80
    assert part.outcome.mentions == 160
    kept = {ids for ids in old.customers() if not any(is_again(part, at, new) for at in ids)}
    asked = {pair: place for pair, place in old.asked().items() if not is_again(part, pair[0], new)}
    whole = Run(forgetful(old.outcome.before), records, {one.id for one in records})
    assert whole.outcome.compared == 160
    assert kept | part.customers() == whole.customers()
    assert asked | part.asked() == whole.asked()
    assert whole.asked()


def test_a_tie_that_came_later_has_the_surroundings_of_the_customer_looked_at() -> None:
    records = case()
    old = Run(b"", records, set())
    tied = {"a060": {0: "c1"}, "b020": {0: "c1"}, "b006": {0: "c2"}}
    after = [replace(one, tied=tuple(tied.get(one.id, {}).items()), new=False) for one in records]
    part = Run(old.outcome.before, after, set(tied))
    assert len(tied) <= part.outcome.compared < 80
    kept = {ids for ids in old.customers() if not any(is_again(part, at, set()) for at in ids)}
    every = [replace(one, new=True) for one in after]
    whole = Run(forgetful(old.outcome.before), every, {one.id for one in every})
    assert kept | part.customers() == whole.customers()
    assert ("c1",) in {one.customers for one in part.clusters}


def forgetful(before: bytes) -> bytes:
    """The same models with nobody known."""
    said = decode_before(before)
    assert said is not None
    said.records, said.homes = {}, 0
    return encode_before(said)


def test_nothing_new_looks_at_nobody(everything: Run) -> None:
    assert Run(everything.outcome.before, case(), set()).outcome.compared == 0


def test_a_judgement_has_the_surroundings_of_both_sides_looked_at(everything: Run) -> None:
    pair = next(iter(everything.asked()), None) or (("a000", 0), ("a001", 0))
    part = Run(everything.outcome.before, case(), set(), LookWider(mentions=pair), different=(pair,))
    assert 2 <= part.outcome.compared < 40
    assert pair not in part.asked()
    back = Run(part.outcome.before, case(), set(), LookWider(mentions=pair))
    assert {
        **{p: n for p, n in everything.asked().items() if not is_again(back, p[0], set())},
        **back.asked(),
    } == (everything.asked())


def test_a_case_that_has_grown_by_half_is_learnt_and_compared_anew(everything: Run) -> None:
    records = case()
    old = Run(b"", records[:100], set())
    new = {one.id for one in records[100:]}
    grown = Run(old.outcome.before, records, new)
    assert grown.whole
    assert grown.customers() == everything.customers()


def test_judged_different_pairs_move_the_threshold_for_pairs_like_them(everything: Run) -> None:
    joined = [join for one in everything.clusters for join in one.joins]
    assert joined
    levels = {
        step["what"]: step["level"] for step in json.loads(joined[0].evidence)["steps"] if step["level"]
    }
    judged = (JudgedPair("person", levels, same=False),) * (TRAIN_FROM + 20)
    taught = Run(everything.outcome.before, case(), set(), LookWider(judged=judged))
    assert (taught.whole, taught.outcome.judgements) == (True, TRAIN_FROM + 20)
    assert [join for one in taught.clusters for join in one.joins] == []
    again = Run(taught.outcome.before, case(), set(), LookWider(judged=judged))
    assert (again.whole, again.outcome.compared) == (False, 0)
