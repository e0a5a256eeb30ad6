"""Records in another hand than the rules: precision, recall, class and grade may not fall below what was measured."""

from __future__ import annotations

import pytest

from kedang.appraisal import errors
from kedang.appraisal.name_model import name_model
from kedang.records.content import RecordClass
from kedang.resolution.links import Own, founds_customer
from kedang.resolution.mentions import mentions_of
from tests.appraisal.unseen_texts import (
    MANY_HANDS,
    UNTUNED,
    Measured,
    Unseen,
    appraised,
    halves,
    measure,
    unseen,
)

LEAST_RECORDS = 220
NEVER_CUSTOMERS = frozenset({"工资表201804.xlsx", "教师花名册.xlsx", "校区物业租约.docx", "考勤.xlsx"})


@pytest.fixture(scope="module", params=["tuned", "looked-at", "untuned", "many-hands"])
def measured(request: pytest.FixtureRequest) -> Measured:
    tuned, looked_at = halves()
    records = {
        "tuned": tuned,
        "looked-at": looked_at,
        "untuned": unseen(UNTUNED),
        "many-hands": unseen(MANY_HANDS),
    }[request.param]
    return measure(records, name_model().persons)


def test_the_world_is_large_enough_to_say_something() -> None:
    assert len(unseen()) >= LEAST_RECORDS


def test_findings_keep_their_precision_and_recall(measured: Measured) -> None:
    assert measured.all_findings.precision >= 0.98
    assert measured.all_findings.recall >= 0.80


@pytest.mark.parametrize(
    "category", ["resident_id", "bank_card", "mobile_phone", "credit_code", "licence_plate"]
)
def test_numbers_are_neither_missed_nor_invented(measured: Measured, category: str) -> None:
    score = measured.score(category)
    assert len(score.wrong) <= 1
    assert len(score.missed) <= 1


def test_class_accounting_and_grade_are_a_persons(measured: Measured) -> None:
    assert len(measured.wrong_class) <= 0.07 * measured.records
    assert len(measured.wrong_accounting) <= 0.05 * measured.records
    assert len(measured.wrong_sensitivity) <= 0.09 * measured.records


def test_facts_are_read_right(measured: Measured) -> None:
    assert measured.facts.precision >= 0.90
    assert measured.facts.recall >= 0.90


def test_few_records_are_asked_about(measured: Measured) -> None:
    assert len(measured.asked) <= 0.20 * measured.records


def test_a_wrong_class_is_mostly_asked_about_and_a_guess_is_written(measured: Measured) -> None:
    silent = [
        name for name, _, _ in measured.wrong_class if name not in {one for one, _, _ in measured.asked}
    ]
    assert len(silent) <= 0.03 * measured.records


@pytest.mark.parametrize(
    "record", [one for one in unseen() if one.name in NEVER_CUSTOMERS], ids=lambda record: record.name
)
def test_staff_and_signers_of_firms_make_no_customers(record: Unseen) -> None:
    founders = {
        mention.raw
        for mention in mentions_of(record.extraction, appraised(record, name_model().persons))
        if founds_customer(mention, Own.of([record.own]))
    }
    assert founders <= record.customers | record.maybe_customers


def test_forty_hands_are_read_nearly_whole() -> None:
    measured = measure(unseen(MANY_HANDS), name_model().persons)
    assert measured.all_findings.precision >= 0.99
    assert measured.all_findings.recall >= 0.95
    assert len(measured.wrong_class) <= 1


@pytest.mark.parametrize("record", unseen(MANY_HANDS), ids=lambda record: record.name)
def test_only_customers_found_customers(record: Unseen) -> None:
    founders = {
        mention.raw
        for mention in mentions_of(record.extraction, appraised(record, name_model().persons))
        if founds_customer(mention, Own.of([record.own]))
    }
    assert record.customers <= founders <= record.customers | record.maybe_customers


def test_a_long_text_about_nobody_is_other_and_not_asked_about() -> None:
    from_nobody = next(record for record in unseen() if record.name == "游记.txt")
    assert appraised(from_nobody).record_class is RecordClass.OTHER


def test_a_guess_that_is_unsure_says_so() -> None:
    unsure = next(record for record in unseen(UNTUNED) if record.name == "招工信息.txt")
    found = appraised(unsure)
    assert found.record_class is RecordClass.OTHER
    assert errors.TOO_FEW_SIGNS in {problem.code for problem in found.problems}
