"""Normal forms: what is one name, and what only looks alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.resolution.forms import organisation_form, person_form


@pytest.mark.parametrize(
    "written",
    [
        "杭州云帆贸易有限公司",
        "杭州雲帆貿易有限公司",
        "杭州云帆贸易有限责任公司",
        "杭州 云帆贸易 有限公司",
        "“杭州云帆贸易有限公司”",
    ],
)
def test_one_company_has_one_form(written: str) -> None:
    assert organisation_form(written) == "杭州云帆贸易有限公司"


def test_brackets_of_either_width_are_one_form() -> None:
    assert organisation_form("云帆（杭州）科技有限公司") == organisation_form("云帆(杭州)科技有限公司")


@pytest.mark.parametrize(
    "other", ["宁波云帆贸易有限公司", "杭州云帆科技有限公司", "杭州云帆贸易股份有限公司"]
)
def test_another_registered_name_has_another_form(other: str) -> None:
    assert organisation_form(other) != organisation_form("杭州云帆贸易有限公司")


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("陈　静", "陈静"),
        ("陳志豪", "陈志豪"),
        ("张伟先生", "张伟"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("John  SMITH", "john smith"),
    ],
)
def test_a_person_has_one_form(written: str, form: str) -> None:
    assert person_form(written) == form


@given(st.text(max_size=30))
def test_forms_do_not_change_when_taken_again(written: str) -> None:
    assert organisation_form(organisation_form(written)) == organisation_form(written)
