"""Findings on labelled texts: exact spans, precision and recall, traps, tables, positions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.appraisal.findings import PersonModel, find_personal_data
from kedang.appraisal.name_model import name_model
from kedang.records.content import FindingCategory, Table
from tests.appraisal.labelled_texts import ALL, Labelled, labelled

LEAST_PRECISION = 0.985
LEAST_RECALL_BY_RULES = 0.96
LEAST_RECALL_WITH_MODEL = 0.98


def _spans(text: str, model: PersonModel | None = None) -> set[tuple[str, int, int]]:
    return {
        (one.category.value, one.start, one.end)
        for one in find_personal_data(text, person_model=model).findings
    }


def _rates(cases: list[Labelled], model: PersonModel | None) -> tuple[float, float]:
    right = wrong = missed = 0
    for case in cases:
        found = _spans(case.text, model)
        right += len(found & case.found)
        wrong += len(found - case.found)
        missed += len(case.found - found)
    return right / (right + wrong), right / (right + missed)


@pytest.mark.parametrize("case", labelled("traps"), ids=lambda case: case.text[:24])
def test_a_trap_yields_nothing(case: Labelled) -> None:
    assert {(kind, case.text[start:end]) for kind, start, end in _spans(case.text)} == set()


@pytest.mark.parametrize("case", labelled("traps"), ids=lambda case: case.text[:24])
def test_the_name_model_does_not_fall_into_a_trap(case: Labelled) -> None:
    found = _spans(case.text, name_model().persons)
    assert {(kind, case.text[start:end]) for kind, start, end in found} == set()


@pytest.mark.parametrize("case", labelled("numbers"), ids=lambda case: case.text[:24])
def test_numbers_are_found_with_their_exact_span(case: Labelled) -> None:
    assert _spans(case.text) == case.found


@pytest.mark.parametrize("case", labelled("places"), ids=lambda case: case.text[:24])
def test_organisations_and_addresses_are_found_with_their_exact_span(case: Labelled) -> None:
    assert _spans(case.text) == case.found


def test_rules_alone_keep_their_precision_and_recall() -> None:
    precision, recall = _rates([case for name in ALL for case in labelled(name)], None)
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL_BY_RULES


def test_the_name_model_adds_recall_and_costs_no_precision() -> None:
    precision, recall = _rates([case for name in ALL for case in labelled(name)], name_model().persons)
    assert precision >= LEAST_PRECISION
    assert recall >= LEAST_RECALL_WITH_MODEL


def test_a_column_header_tells_what_the_cells_are() -> None:
    headers = ("姓名", "证件号码", "卡号", "备注")
    rows = (("赵敏", "110101199003074477", "6222021202012345675", "6222021202012345675"),)
    text = "\t".join(headers) + "\n" + "\t".join(rows[0])
    start = len("\t".join(headers)) + 1
    found = find_personal_data(text, (Table("客户", headers, rows, 2, (start,)),)).findings
    assert [(one.category, text[one.start : one.end]) for one in found][:3] == [
        (FindingCategory.PERSON_NAME, "赵敏"),
        (FindingCategory.RESIDENT_ID, "110101199003074477"),
        (FindingCategory.BANK_CARD, "6222021202012345675"),
    ]


def test_a_column_of_order_numbers_holds_no_cards_and_no_telephones() -> None:
    headers = ("订单号", "数量")
    rows = (("6222021202012345675", "1"), ("13800138000", "2"))
    text = "\n".join("\t".join(row) for row in rows)
    starts = (0, len("\t".join(rows[0])) + 1)
    assert find_personal_data(text, (Table("订单", headers, rows, 2, starts),)).findings == ()


def test_a_wrong_check_digit_lowers_the_confidence_of_a_labelled_id() -> None:
    right = find_personal_data("身份证号：110101199003074477").findings[0]
    wrong = find_personal_data("身份证号：110101199003074478").findings[0]
    assert right.confidence > 0.9 > 0.6 > wrong.confidence


def test_an_unlabelled_number_with_a_wrong_check_digit_is_nobodys() -> None:
    assert find_personal_data("客户110101199003074478购买").findings == ()


def test_the_model_sees_only_a_few_percent_of_a_long_text() -> None:
    text = "项目组讨论了交付计划，何志强与周婷婷分别介绍了进度，客户提出若干修改意见。" * 100
    found = find_personal_data(text, person_model=name_model().persons)
    assert found.characters_modelled <= 0.06 * len(text)


@given(
    st.text(
        alphabet="张伟手机号：13800620杭州市路号有限公司 \t\n身份证X-，（）微信abcＡ１@.com", max_size=200
    )
)
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    found = find_personal_data(text).findings
    last = 0
    for one in found:
        assert last <= one.start < one.end <= len(text)
        assert 0 < one.confidence <= 1
        last = one.end


def test_an_address_card_gives_name_firm_and_birthday() -> None:
    headers = ("name", "organisation", "phone", "birthday")
    rows = (
        ("John Smith", "ABC Trading", "13800138000", "1980-03-22"),
        ("林小梅", "云帆贸易", "13800138001", ""),
    )
    text = "\n".join("\t".join(row) for row in (headers, *rows))
    starts = (text.index("John"), text.index("林小梅"))
    found = find_personal_data(text, (Table("cards", headers, rows, 2, starts),)).findings
    assert [text[one.start : one.end] for one in found] == [
        "John Smith", "ABC Trading", "13800138000", "1980-03-22", "林小梅", "云帆贸易", "13800138001",
    ]  # fmt: skip


def test_a_column_called_name_of_goods_and_places_holds_no_persons() -> None:
    headers = ("name", "code")
    rows = (("北京市", "11"), ("打印机", "22"), ("白酒", "33"))
    text = "\n".join("\t".join(row) for row in (headers, *rows))
    starts = tuple(text.index(row[0]) for row in rows)
    assert find_personal_data(text, (Table("t", headers, rows, 2, starts),)).findings == ()
