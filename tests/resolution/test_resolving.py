from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.linkage_customers import customers
from bench.linkage_quality import quality
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.audit import bound, sample
from kedang.resolution.clusters import Conflict
from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.comparable_columns import columns_of
from kedang.resolution.errors import JudgementUnknown
from kedang.resolution.evidence import evidence_of
from kedang.resolution.judgements import Judgement, Verdict
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import Models
from kedang.resolution.resolving import Resolution
from kedang.resolution.resolving import resolve as resolve_columns

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_HOME = Address("浙江省", "杭州市", "西湖区", "文三路", "388", "3-2-501")


def resolve(mentions: Iterable[Comparable], **said: Any) -> Resolution:
    return resolve_columns(columns_of(mentions, at_once=700), **said)


def _person(one: str, name: str, **said: object) -> Comparable:
    known = {"surname": name[:1], "given_name": name[1:], "sound": name, **said}
    return Comparable(id=one, kind=MentionKind.PERSON, name=name, **known)  # type: ignore[arg-type]


def _resident(number: str) -> tuple[Identifier, ...]:
    return (Identifier(IdentifierKind.RESIDENT_ID, number),)


def _groups(found: Resolution) -> set[tuple[str, ...]]:
    return set(found.clusters())


@pytest.fixture(scope="module")
def world() -> tuple[list[Comparable], dict[str, int]]:
    """2,000 mentions and their truth."""
    said = list(customers(2_000, seed=11))
    return [one for one, _ in said], {one.id: customer for one, customer in said}


@pytest.fixture(scope="module")
def found(world: tuple[list[Comparable], dict[str, int]]) -> Resolution:
    return resolve(world[0])


def test_the_generated_customers_are_found(
    world: tuple[list[Comparable], dict[str, int]], found: Resolution
) -> None:
    got = quality(found.clusters(), world[1])
    assert got.precision >= 0.995
    assert got.f1 >= 0.92


def test_every_tie_has_evidence_that_adds_up_to_its_score(found: Resolution) -> None:
    ties = [*found.ties(), *found.to_judge()]
    assert ties
    for tie in ties:
        assert tie.left < tie.right
        assert evidence_of(tie, found.models).bits == pytest.approx(tie.bits, abs=1e-6)


def test_neither_the_order_of_arrival_nor_a_second_run_changes_anything(
    world: tuple[list[Comparable], dict[str, int]], found: Resolution
) -> None:
    shuffled = list(world[0])
    random.Random(3).shuffle(shuffled)
    again = resolve(shuffled, models=Models.from_bytes(found.models.to_bytes()))
    assert list(again.clusters()) == list(found.clusters())
    assert set(again.to_judge()) == set(found.to_judge())


def test_conflicting_certain_numbers_never_join_whatever_else_agrees() -> None:
    same = {"mobiles": ("13800001111",), "emails": ("a@b.cn",), "address": _HOME}
    one = _person("a", "欧阳修远", certain=_resident("110101199003077715"), **same)
    other = _person("b", "欧阳修远", certain=_resident("110101199003077723"), **same)
    bare = _person("c", "欧阳修远", **same)
    groups = _groups(resolve([one, bare, other]))
    assert not any({"a", "b"} <= set(group) for group in groups)
    assert any("c" in group and len(group) == 2 for group in groups)


def test_spouses_at_one_address_and_telephone_stay_two() -> None:
    shared = {"mobiles": ("13800001111",), "landlines": ("057188880000",), "address": _HOME}
    assert _groups(resolve([_person("a", "张伟", **shared), _person("b", "李娜", **shared)])) == {
        ("a",),
        ("b",),
    }


@pytest.mark.parametrize("form", ["有限公司", "股份有限公司", ""])
def test_a_company_matches_itself_under_any_suffix_and_no_branch_matches_it(form: str) -> None:
    whole = Comparable(
        id="a", kind=MentionKind.ORGANISATION, name="杭州云帆贸易有限公司", core="云帆", region="杭州",
        industry="贸易", legal_form="有限公司", landlines=("057188880000",), address=_HOME,
    )  # fmt: skip
    written = replace(
        whole, id="b", name=f"杭州云帆贸易{form}", legal_form=form if form == "有限公司" else ""
    )
    branch = replace(whole, id="c", name="杭州云帆贸易有限公司上海分公司", branch="上海分公司")
    assert _groups(resolve([whole, branch, written])) == {("a", "b"), ("c",)}


def _latin(one: str, given: str, surname: str, **said: object) -> Comparable:
    return _person(
        one, f"{given} {surname}", surname=surname, given_name=given, sound=f"{given} {surname}", **said
    )


def test_a_misspelt_and_exchanged_latin_name_with_slips_in_day_and_place_is_one_person() -> None:
    home = Address("nsw", "2480", "rosetta", "bundey street", "69", "village")
    one = _latin("a", "joshua", "donkin", birth_date="1975-05-09", address=home, keys=("crm:4009940",))
    slips = replace(home, room="vilage", district="rosteta", city="2408")
    other = _latin("b", "donkin", "joshau", birth_date="1975-09-05", address=slips, keys=("crm:4009490",))
    assert _groups(resolve([one, other])) == {("a", "b")}


def test_latin_spouses_with_neighbouring_customer_numbers_stay_two() -> None:
    home = Address("nsw", "2480", "rosetta", "bundey street", "69", "village")
    shared = {"mobiles": ("13800001111",), "landlines": ("057188880000",), "address": home}
    pair = [
        _latin("a", "john", "smith", keys=("crm:2519977",), **shared),
        _latin("b", "mary", "smith", keys=("crm:2519978",), **shared),
    ]
    assert _groups(resolve(pair)) == {("a",), ("b",)}


def test_an_equal_certain_number_joins_people_who_changed_their_names() -> None:
    number = _resident("110101199003077715")
    found = resolve([_person("a", "张娟", certain=number), _person("b", "张慧敏", certain=number)])
    assert _groups(found) == {("a", "b")}


def test_judgements_win_over_scores_and_taking_them_back_restores_all() -> None:
    said = [_person("a", "欧阳修远", mobiles=("13800001111",)), _person("b", "欧阳修远", mobiles=("13800001111",)),
            _person("c", "李娜"), _person("d", "李娜")]  # fmt: skip
    before = _groups(resolve(said))
    assert before == {("a", "b"), ("c",), ("d",)}
    judgements = [
        Judgement("a", "b", Verdict.DIFFERENT, "agent-1", _NOON),
        Judgement("d", "c", Verdict.SAME, "agent-1", _NOON),
    ]
    found = resolve(said, judgements=judgements)
    assert _groups(found) == {("a",), ("b",), ("c", "d")}
    assert [tie.conflict for tie in found.broken()] == [Conflict.JUDGED_DIFFERENT]
    assert _groups(resolve(said)) == before


def test_a_judgement_on_what_is_not_there_is_refused() -> None:
    with pytest.raises(JudgementUnknown, match="KD-N102"):
        resolve([_person("a", "李娜")], judgements=[Judgement("a", "x", Verdict.SAME, "agent-1", _NOON)])


def test_the_bound_of_wrong_joins_holds_in_95_of_100_runs() -> None:
    held, runs, wrong, joined = 0, 20, 0, 0
    for seed in range(runs):
        said = list(customers(1_200, seed=100 + seed))
        truth = {one.id: customer for one, customer in said}
        ties = list(resolve([one for one, _ in said], threads=1).ties())
        bad = [tie for tie in ties if truth[tie.left] != truth[tie.right]]
        drawn = sample(ties, 200, random.Random(seed))
        stated = bound(len(drawn), sum(tie in bad for tie in drawn))
        held += len(bad) / len(ties) <= stated.upper
        wrong, joined = wrong + len(bad), joined + len(ties)
    assert held >= 0.95 * runs
    assert bound(joined, wrong, confidence=0.5).upper < 0.001


def test_weights_are_learnt_where_the_case_is_big_enough(
    world: tuple[list[Comparable], dict[str, int]],
) -> None:
    found = resolve(world[0], learn_from=500)
    assert found.models.person.learnt
    assert found.models.person.weights != resolve([]).models.person.weights
    assert quality(found.clusters(), world[1]).precision >= 0.995
