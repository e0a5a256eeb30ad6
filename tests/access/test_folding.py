"""Folding gives one spelling to what a searcher takes for the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.access.folding import _PUNCTUATION, _simple, fold, fold_with_origins


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("約翰學華", "约翰学华"),
        ("Résumé", "resume"),
        ("re\u0301sume\u0301", "resume"),
        ("STRASSE Straße", "strasse strasse"),
        ("⾦額", "金额"),  # a Kangxi radical, as PDF fonts give it
        ("ﬁne ㈱", "fine (株)"),
        ("张\u200b三\ufe0f", "张三"),
        ("著名看着", "着名看着"),
        ("1\u20132", "1-2"),
        ("İ", "i"),
        ("𠮷野家", "𠮷野家"),
        ("䲰", "𪉂"),  # a traditional character whose simplified form lies beyond the BMP
    ],
)
def test_characters_that_look_or_mean_the_same_are_folded_together(written: str, searched: str) -> None:
    assert fold(written) == searched


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_every_folded_character_leads_back_to_its_original(text: str) -> None:
    folded, origins = fold_with_origins(text)
    assert folded == fold(text)
    assert len(origins) == len(folded) + 1
    assert list(origins) == sorted(origins)
    assert origins[-1] == len(text)
    for place, character in enumerate(folded):
        assert character in fold(text[origins[place]])


def test_characters_that_are_skipped_fold_to_themselves() -> None:
    for character in _simple() + _PUNCTUATION:
        assert fold_with_origins(character)[0] == character == fold(character)
