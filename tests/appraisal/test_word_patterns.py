"""Patterns of many words match what a plain list of words matches."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from kedang.appraisal.word_patterns import any_of

WORDS = st.lists(st.text(alphabet="甲乙丙a(.", min_size=1, max_size=4), min_size=1, max_size=8)


@given(WORDS, st.text(alphabet="甲乙丙a(.", max_size=30))
def test_the_tree_finds_the_longest_word_as_a_sorted_list_does(words: list[str], text: str) -> None:
    listed = "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
    assert re.findall(any_of(words), text) == re.findall(listed, text)
