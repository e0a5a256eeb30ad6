"""The archiving standard: every clause has words and a source, and a record fails exactly the clauses it does not meet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kedang.catalogue.errors import StandardMalformed
from kedang.catalogue.standard import Description, read_standard, shipped_standard

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
    standard = shipped_standard()
    assert standard.not_met(WHOLE) == ()
    for one in standard.clauses:
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
    assert [one.id for one in shipped_standard().not_met(wrong)] == [clause]


@pytest.mark.parametrize(
    "table",
    [
        "name = 1 1",
        'name = "x"',
        'name = "x"\n' + CLAUSE.format(kind="guessed", field="title"),
        'name = "x"\n' + CLAUSE.format(kind="required", field="nothing"),
        'name = "x"\n' + 2 * CLAUSE.format(kind="required", field="title"),
    ],
)
def test_a_standard_that_cannot_be_read_is_none(table: str) -> None:
    with pytest.raises(StandardMalformed):
        read_standard(table)
