"""The search language."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.access.errors import (
    BracketOpen,
    FilterMisplaced,
    NothingToSearch,
    OperandMissing,
    QueryTooLong,
    QuoteOpen,
)
from kedang.access.query import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Expression,
    Filter,
    Phrase,
    Query,
    parse_query,
    phrases,
)
from kedang.records.errors import KedangError, code_texts

FIELDS = {"class": "class", "类别": "class", "year": "year", "customer": "customer"}


def word(*runs: str) -> Phrase:
    return Phrase(runs)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("合同", word("合同")),
        ("合同 退款", AllOf((word("合同"), word("退款")))),
        ('"售后 服务"', word("售后服务")),
        ("“售后服务”", word("售后服务")),
        ("「售后服务」", word("售后服务")),
        ("合同 -草稿", AllOf((word("合同"),), (word("草稿"),))),
        ("合同 －草稿", AllOf((word("合同"),), (word("草稿"),))),
        ("--合同", word("合同")),
        ("-草稿", AllOf((), (word("草稿"),))),
        ("退款 OR 退货", AnyOf((word("退款"), word("退货")))),
        ("退款|退货", AnyOf((word("退款"), word("退货")))),
        ("甲方 (退款 OR 退货)", AllOf((word("甲方"), AnyOf((word("退款"), word("退货")))))),
        ("（退款）", word("退款")),
        ("ORDER for", AllOf((word("order"), word("for")))),
        ("warr*", Phrase(("warr",), prefix=True)),
        ("A座301", word("a", "座", "301")),
        ("时间:10:30", word("时间", "10", "30")),
        ("138-0013-8000", word("13800138000")),
        ("合同 ——", word("合同")),
    ],
)
def test_typed_words_become_a_tree(typed: str, expected: Expression) -> None:
    assert parse_query(typed).expression == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("class:contract", Query(EVERYTHING, (Filter("class", ("contract",)),))),
        ("类别：合同，服务 退款", Query(word("退款"), (Filter("class", ("合同", "服务")),))),
        ("-year:2023 退款", Query(word("退款"), (Filter("year", ("2023",), excluded=True),))),
        ('customer:"上海 某公司"', Query(EVERYTHING, (Filter("customer", ("上海 某公司",)),))),
    ],
)
def test_known_fields_become_filters(typed: str, expected: Query) -> None:
    assert parse_query(typed, fields=FIELDS) == expected


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("合" * 501, QueryTooLong),
        ("合 " * 51, QueryTooLong),
        ('合同 "售后', QuoteOpen),
        ("(合同", BracketOpen),
        ("合同)", BracketOpen),
        ("(" * 30 + "合" + ")" * 30, BracketOpen),
        ("class:contract OR 退款", FilterMisplaced),
        ("(class:contract 退款)", FilterMisplaced),
        ("", NothingToSearch),
        ("—— 。", NothingToSearch),
        ("()", NothingToSearch),
        ("退款 OR", OperandMissing),
        ("OR 退款", OperandMissing),
        ("class:", OperandMissing),
        ("(-) 合", OperandMissing),
    ],
)
def test_a_malformed_query_is_refused_with_its_code_and_without_its_words(
    typed: str, error: type[KedangError]
) -> None:
    with pytest.raises(error) as raised:
        parse_query(typed, fields=FIELDS)
    assert "合" not in str(raised.value)
    assert code_texts()[error.code].next_step("zh")


@given(st.text('合同ab1 "“()（-OR|:：class*,\n', max_size=60))
def test_whatever_is_typed_is_read_or_refused_with_a_code(typed: str) -> None:
    with contextlib.suppress(KedangError):
        query = parse_query(typed, fields=FIELDS)
        assert all(phrase.runs for phrase in phrases(query.expression))
