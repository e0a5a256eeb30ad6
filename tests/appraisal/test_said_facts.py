"""Facts that a person has said: his word stands for a kind, and a value is one of its kind or none."""

from __future__ import annotations

import pytest

from kedang.appraisal.said_facts import facts_that_hold, normal_value
from kedang.records.content import Fact

READ = (
    Fact("party", "苏州样禾有限公司", 3, 11, 0.9),
    Fact("signed_on", "2023-05-01", 20, 30, 0.95),
    Fact("amount", "450.00", 40, 46, 0.9),
)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("signed_on", " 2024-02-29 ", "2024-02-29"),
        ("signed_on", "2023-02-29", None),
        ("signed_on", "1850-01-01", None),
        ("signed_on", "昨天", None),
        ("amount", "￥12,345.6元", "12345.60"),
        ("amount", "-3", "-3.00"),
        ("amount", "1.005", None),
        ("amount", "NaN", None),
        ("amount", "1e999999", None),
        ("warranty", "12个月", "P12M"),
        ("warranty", "P3Y", "P3Y"),
        ("warranty", "很久", None),
        ("party", "苏州  样禾有限公司", "苏州 样禾有限公司"),
        ("party", "", None),
        ("party", "字" * 201, None),
        ("party", "有\x00控制符", None),
        ("nonsense", "x", None),
    ],
)
def test_a_value_is_written_as_facts_are_or_is_none(kind: str, typed: str, value: str | None) -> None:
    assert normal_value(kind, typed) == value


def test_a_persons_word_stands_for_its_kind_and_keeps_its_place_in_the_text() -> None:
    said = {"signed_on": [["2021-03-04", "2023-05-01"]], "amount": [["450.00", "450.00"], ["12.00", ""]]}
    found = facts_that_hold(READ, said)
    assert [(one.kind, one.value, one.start) for one in found] == [
        ("party", "苏州样禾有限公司", 3),
        ("signed_on", "2021-03-04", 20),
        ("amount", "450.00", 40),
        ("amount", "12.00", 0),
    ]
    assert [one.confidence for one in found] == [0.9, 1.0, 0.9, 1.0]


def test_what_is_read_later_adds_nothing_to_a_kind_of_which_a_person_has_spoken() -> None:
    later = (*READ, Fact("signed_on", "2024-09-09", 60, 70, 0.95))
    assert not [one for one in facts_that_hold(later, {"signed_on": []}) if one.kind == "signed_on"]
    assert facts_that_hold(later, {}) == later
