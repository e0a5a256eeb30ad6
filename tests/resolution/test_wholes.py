"""What could never become one customer is not asked about."""

from __future__ import annotations

from datetime import UTC, datetime

from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.clusters import Conflict
from kedang.resolution.comparable import Comparable
from kedang.resolution.judgements import Judgement, Verdict
from kedang.resolution.mentions import MentionKind
from kedang.resolution.wholes import Wholes


def firm(one: str, core: str = "柘林", *, code: str = "", industry: str = "", branch: str = "") -> Comparable:
    certain = (Identifier(IdentifierKind.CREDIT_CODE, code),) if code else ()
    return Comparable(
        one, MentionKind.ORGANISATION, core=core, industry=industry, branch=branch, certain=certain
    )


def forbids(
    one: list[Comparable], other: list[Comparable], said: list[Judgement] | None = None
) -> Conflict | None:
    mentions = {each.id: each for each in (*one, *other)}
    groups = [[each.id for each in side] for side in (one, other)]
    return Wholes(mentions, said or [], groups).forbids(0, 1)


def test_two_firms_of_different_trades_or_codes_and_parent_and_branch_are_apart_for_good() -> None:
    assert forbids([firm("a", industry="餐饮")], [firm("b", industry="医疗")]) is Conflict.NAME
    assert forbids([firm("a", code="1")], [firm("b", code="2")]) is Conflict.CERTAIN_NUMBER
    assert forbids([firm("a")], [firm("b", branch="上海分公司")]) is Conflict.BRANCH
    assert forbids([firm("a", industry="餐饮")], [firm("b")]) is None


def test_what_one_mention_of_a_customer_forbids_holds_for_all_of_it() -> None:
    short = firm("b")
    assert forbids([firm("a", industry="餐饮"), short], [firm("c", industry="医疗")]) is Conflict.NAME
    assert forbids([firm("a", code="1"), short], [firm("c", code="2")]) is Conflict.CERTAIN_NUMBER


def test_names_that_are_proven_to_be_of_one_may_differ() -> None:
    old, new, bare = firm("a", "云帆", code="1"), firm("b", "柘林", code="1"), firm("c", "云帆")
    assert forbids([old, new], [bare]) is None
    apart = [firm("a", "云帆"), firm("b", "柘林")]
    assert forbids(apart, [bare]) is Conflict.NAME
    said = [Judgement("a", "b", Verdict.SAME, "", datetime(2026, 1, 1, tzinfo=UTC))]
    assert forbids(apart, [bare], said) is None
