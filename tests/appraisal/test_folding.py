"""Folding keeps every position."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kedang.appraisal.folding import fold


def test_full_width_and_traditional_characters_are_folded() -> None:
    assert fold("統一社會信用代碼：９１３３（陳）") == "统一社会信用代码：9133(陈)"


@given(st.text(max_size=80))
def test_the_length_stays(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(alphabet="电话陈客户0123ab：，。", max_size=40))
def test_what_is_folded_stays(text: str) -> None:
    assert fold(text) == text
