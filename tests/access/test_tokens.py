"""Runs and index words."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.access.folding import fold
from kedang.access.tokens import EVERY, canonical, index_words, phrase_runs, runs

HAN = st.text("张三李四合同", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张　三", ["张三"]),
        ("有限公\n司", ["有限公司"]),
        ("有限公\r\n司", ["有限公司"]),
        ("约翰·史密斯 阿卜杜拉•买买提", ["约翰史密斯阿卜杜拉买买提"]),
        ("张三\t李四", ["张三", "李四"]),  # cells of a table stay apart
        ("一段\n\n二段", ["一段", "二段"]),
        ("138-0013-8000", ["13800138000"]),
        ("138 0013 8000", ["13800138000"]),
        ("6222 0212 3456 7890 123", ["6222021234567890123"]),
        ("HT-2023-001", ["ht2023001"]),
        ("沪A·12345", ["沪", "a12345"]),
        ("1,234,567.00", ["1234567", "00"]),
        ("12,13", ["12", "13"]),
        ("2023/05/06 2023-05-06", ["2023050620230506"]),
        ("long-term", ["long", "term"]),
        ("zhang.san@163.com", ["zhang", "san", "163", "com"]),
        ("\ue863某", ["\ue863某"]),  # a private-use name character of GBK systems
        ("𠮷某", ["𠮷某"]),
        ("——，。!", []),
        ("\x00\ud800", []),
    ],
)
def test_text_is_cut_into_runs(text: str, expected: list[str]) -> None:
    assert runs(fold(text)) == expected


def test_index_words_are_pairs_words_and_grams_one_for_each_position() -> None:
    assert index_words("张三abc 13800").split() == [
        EVERY, "=张", "张三", "三", "abc", "=1", "_1380", "_3800", "_800", "_00", "_0",
    ]  # fmt: skip
    assert index_words("abc 7，张三x李，四\n12").split() == [
        EVERY, "abc", "=7", "_7", "=张", "张三", "三", "x", "=李", "李", "=四", "四", "=1", "_12", "_2",
    ]  # fmt: skip
    assert index_words("").split() == [EVERY]


@given(st.text("张三𠮷·aé1② -,/\n", max_size=40))
def test_words_of_a_text_are_those_of_its_runs_in_their_order(text: str) -> None:
    each = [index_words(run).split()[1:] for run in runs(fold(text))]
    assert index_words(text).split() == [EVERY, *chain.from_iterable(each)]


def test_a_million_characters_are_cut() -> None:
    text = "甲方应当于13800138000日内交付，warranty 12个月。" * 33_000
    assert index_words(text).count("甲方") == 33_000


@given(HAN, HAN, HAN)
def test_an_ideographic_phrase_occurs_exactly_where_a_plain_scan_finds_it(
    before: str, phrase: str, after: str
) -> None:
    text = before + phrase + after
    plain = [(at, at + len(phrase)) for at in range(len(text)) if text.startswith(phrase, at)]
    assert list(canonical(text).occurrences(phrase_runs(phrase))) == plain


@given(st.text("0123456789", min_size=1, max_size=20), st.data())
def test_any_stretch_of_a_number_occurs_in_it(number: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(number) - 1))
    end = data.draw(st.integers(start + 1, len(number)))
    spans = list(canonical(f"电话{number}。").occurrences(phrase_runs(number[start:end])))
    assert (start + 2, end + 2) in spans


@pytest.mark.parametrize(
    ("text", "phrase", "prefix", "found"),
    [
        ("party", "art", False, []),
        ("art", "art", False, ["art"]),
        ("warranty", "warr", False, []),
        ("warranty", "warr", True, ["warr"]),
        ("iPhone15 Pro", "phone", False, ["Phone"]),
        ("iPhone15 Pro", "15 pro", False, ["15 Pro"]),
        ("电话：138-0013-8000", "13800138000", False, ["138-0013-8000"]),
        ("張　三、李四", "张三李四", False, []),
        ("張　三、李四", "“张三” 李四", False, ["張　三、李四"]),
        ("Ａ座", "a座", False, ["Ａ座"]),
        ("㈱山田", "株", False, ["㈱"]),
    ],
)
def test_occurrences_are_spans_of_the_original(
    text: str, phrase: str, prefix: bool, found: list[str]
) -> None:
    spans = canonical(text).occurrences(phrase_runs(phrase), prefix=prefix)
    assert [text[start:end] for start, end in spans] == found
