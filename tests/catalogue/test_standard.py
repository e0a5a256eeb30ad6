"""The archiving standard: every clause has words and a source, and a record fails exactly the clauses it does not meet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kedang.catalogue.errors import StandardMalformed
from kedang.catalogue.standard import Description, read_standards, shipped_standards, usual_standard

WHOLE = Description(
    title="办公设备采购合同",
    record_class="contract",
    class_permille=1000,
    date="2023-10-21",
    retention="until",
    sensitivity="personal",
    provenance="known",
    fixity="known",
    format="docx",
    questions=0,
    series="known",
)
CLAUSE = '[[clause]]\nid = "A1"\nkind = "{kind}"\nfield = "{field}"\nzh = "一"\nen = "a"\nmend_zh = "二"\nmend_en = "b"\nsource = "三"\n'


def test_a_whole_record_meets_every_clause_and_each_has_words_and_a_source() -> None:
    for standard in shipped_standards().values():
        assert standard.not_met(WHOLE) == ()
        assert all((standard.said("zh"), standard.said("en"), standard.about("zh"), standard.about("en")))
    for one in {one for standard in shipped_standards().values() for one in standard.clauses}:
        assert all((one.said("zh"), one.said("en"), one.mend("zh"), one.mend("en"), one.source))


@pytest.mark.parametrize(
    ("lacking", "clause"),
    [
        ({"title": " "}, "A1"),
        ({"class_permille": 599}, "A2"),
        ({"date": ""}, "A3"),
        ({"retention": ""}, "A4"),
        ({"sensitivity": ""}, "A5"),
        ({"provenance": ""}, "A6"),
        ({"fixity": ""}, "A7"),
        ({"format": "encrypted-ooxml"}, "B1"),
        ({"questions": 1}, "C1"),
        ({"series": ""}, "C2"),
    ],
)
def test_what_is_lacking_fails_its_own_clause_and_no_other(lacking: dict[str, object], clause: str) -> None:
    wrong = replace(WHOLE, **lacking)  # type: ignore[arg-type]
    assert [one.id for one in usual_standard().not_met(wrong)] == [clause]


STANDARD = (
    '[[standard]]\nname = "x"\nzh = "一"\nen = "a"\nabout_zh = "二"\nabout_en = "b"\nclauses = ["A1"]\n'
)


@pytest.mark.parametrize(
    "table",
    [
        "name = 1 1",
        STANDARD,
        STANDARD + CLAUSE.format(kind="guessed", field="title"),
        STANDARD + CLAUSE.format(kind="required", field="nothing"),
        STANDARD + 2 * CLAUSE.format(kind="required", field="title"),
        2 * STANDARD + CLAUSE.format(kind="required", field="title"),
        STANDARD.replace("A1", "Z9") + CLAUSE.format(kind="required", field="title"),
    ],
)
def test_a_standard_that_cannot_be_read_is_none(table: str) -> None:
    with pytest.raises(StandardMalformed):
        read_standards(table)
    assert read_standards(STANDARD + CLAUSE.format(kind="required", field="title"))


def test_the_strict_standard_wants_a_persons_word_and_an_open_format() -> None:
    strict = shipped_standards()["kedang-strict-1"]
    assert [one.id for one in strict.not_met(replace(WHOLE, class_permille=999, format="wps"))] == [
        "A8",
        "B2",
    ]


def test_a_case_leaves_out_what_it_may_and_never_what_numbers_need() -> None:
    usual = usual_standard()
    assert usual.may_leave_out() == {"A1", "A2", "A3", "A5", "A6", "B1"}
    left = usual.without({"A3", "C1", "C2"})
    bare = replace(WHOLE, date="", questions=1, series="")
    assert [one.id for one in left.not_met(bare)] == ["C1", "C2"]
