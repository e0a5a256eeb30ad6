from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from kedang.disposition.errors import ReckoningMalformed
from kedang.disposition.explanation import explain
from kedang.disposition.stored import reckoning_from_json, reckoning_to_json
from tests.disposition.test_reckoning import CASES, SCHEDULE, Case, reckoned

by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@by_name
def test_a_reckoning_is_read_back_from_its_json(case: Case) -> None:
    reckoning = reckoned(replace(case.facts, holds=("h" * 32,)))
    stored = json.dumps(reckoning_to_json(reckoning), ensure_ascii=False)
    assert reckoning_from_json(json.loads(stored)) == reckoning


@by_name
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reckoning_can_be_said(case: Case, language: str) -> None:
    reckoning = reckoned(case.facts)
    sentences = explain(reckoning, language, schedule=SCHEDULE)
    text = "\n".join(sentences)
    assert len(sentences) == (
        1 + len(reckoning.applied) + (reckoning.restricted_from is not None) + len(reckoning.legal_review)
    )
    assert all(rule in text for rule in reckoning.rules)
    assert "{" not in text
    assert "None" not in text
    assert text.isascii() == (language == "en")
    assert not re.search(r"\d{4}-\d\d-\d\d", text)


def test_the_sentences_name_the_law_the_day_and_the_winner() -> None:
    invoice = next(case for case in CASES if case.name == "an invoice is kept as a voucher")
    outcome, winner, *others = explain(reckoned(invoice.facts), "zh-CN", schedule=SCHEDULE)
    assert (
        outcome
        == "须保管至2055年12月31日（含当日），以法定最低期限中最长者为准；届满后须经鉴定，不自动销毁。"
    )
    assert winner == (
        "【适用】RS-ACC-VOUCHER 会计凭证（《会计档案管理办法》附表一 原始凭证、记账凭证；法定最低期限）：30年，"
        "自凭证、报表或资料所属日期（2025年3月10日）所属会计年度2025年终了后第一天起算，至2055年12月31日。"
    )
    assert all(sentence.startswith("【参考】") for sentence in others)


def test_what_is_unverified_says_so() -> None:
    case = next(
        case for case in CASES if case.name == "where an unverified minimum decides a lawyer must look"
    )
    text = "".join(explain(reckoned(case.facts), "zh", schedule=SCHEDULE))
    assert "依据尚未核实" in text
    assert "需法律审核：所依据的条文尚未核实。" in text


def stored() -> dict[str, Any]:
    return reckoning_to_json(reckoned(CASES[0].facts))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"until": "soon"},
        {"ground": "whim"},
        {"period": "thirty years"},
        {"rules": [{}]},
        {"rules": None},
        {"questions": [{}]},
        {"reckoned_on": 20261122},
    ],
)
def test_a_damaged_reckoning_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ReckoningMalformed, match="KD-D106"):
        reckoning_from_json({**stored(), **change})


def test_a_reckoning_with_a_part_missing_is_refused() -> None:
    for key in stored():
        with pytest.raises(ReckoningMalformed):
            reckoning_from_json({name: value for name, value in stored().items() if name != key})
