"""Checking and marking hits in the opened text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kedang.access.marking import mark_hits, matches, snippet
from kedang.access.query import parse_query
from kedang.access.tokens import canonical, phrase_runs

TEXT = "前言。" * 40 + "客户張　三，电话 138-0013-8000，退款。" + "附言。" * 40


def marked(text: str, typed: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in mark_hits(text, parse_query(typed).expression)]


def test_hits_are_marked_as_they_are_written() -> None:
    assert marked(TEXT, "张三 00138 -草稿") == ["張　三", "0013-8"]
    assert marked(TEXT, "客户 OR 户张") == ["客户張"]
    assert marked(TEXT, "没有") == []


def test_excluded_words_decide_but_are_not_marked() -> None:
    assert not matches(TEXT, parse_query("张三 -退款").expression)
    assert matches(TEXT, parse_query("张三 -草稿").expression)
    assert matches(TEXT, parse_query("没有 OR 退款").expression)


def test_the_snippet_shows_where_most_hits_are() -> None:
    shown = snippet(TEXT, parse_query("张三 退款").expression, length=60)
    assert shown.text == TEXT[shown.start : shown.end]
    assert len(shown.text) == 60
    assert [TEXT[hit.start : hit.end] for hit in shown.hits] == ["張　三", "退款"]
    assert snippet("短", parse_query("没有").expression).text == "短"


@given(st.text("张三ab1-· \n，", max_size=60), st.text("张三ab1-· ", min_size=1, max_size=6))
def test_a_marked_stretch_is_the_phrase_itself(text: str, typed: str) -> None:
    runs = phrase_runs(typed)
    for start, end in canonical(text).occurrences(runs):
        assert phrase_runs(text[start:end]) == runs


@given(st.text("张三合同。，", max_size=300), st.integers(1, 50))
def test_hits_are_sorted_apart_and_within(text: str, length: int) -> None:
    expression = parse_query("张三 OR 三合").expression
    hits = mark_hits(text, expression)
    assert all(one.end < two.start for one, two in pairwise(hits))
    shown = snippet(text, expression, length=length)
    assert all(shown.start <= hit.start < hit.end <= shown.end for hit in shown.hits)
    assert bool(shown.hits) == bool(hits)


def test_a_long_text_with_many_hits_is_marked() -> None:
    text = "张　三与李四\n" * 80_000
    hits = mark_hits(text, parse_query("张三 李四").expression)
    assert len(hits) == 2000
    assert text[hits[-1].start : hits[-1].end] == "李四"
