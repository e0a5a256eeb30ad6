from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.catalogue.errors import ReferenceCodeMalformed
from kedang.catalogue.reference_codes import ReferenceCode, Series

# The examples that go with DA/T 13-2022, and two of this product.
EXAMPLES = {
    "J019-ZY·JC·CC·2019·D30-001-001": ("J019", ("ZY", "JC", "CC"), 2019, "D30", None, "001", "001"),
    "J019-KU·01·2017-001-001": ("J019", ("KU", "01"), 2017, None, None, "001", "001"),
    "K021-ZP·2019·D30-025-005": ("K021", ("ZP",), 2019, "D30", None, "025", "005"),
    "X032-KJ·JJ·02-005-054": ("X032", ("KJ", "JJ", "02"), None, None, None, "005", "054"),
    "A439-WS·2015·D30·003-005": ("A439", ("WS",), 2015, "D30", "003", None, "005"),
    "Z109-WS·2011·Y·办公室-0001": ("Z109", ("WS",), 2011, "Y", "办公室", None, "0001"),
    "Z008-WS·2019·Y-037": ("Z008", ("WS",), 2019, "Y", None, None, "037"),
    "C015-WY·TZGG·2019·D10-00001": ("C015", ("WY", "TZGG"), 2019, "D10", None, None, "00001"),
    "Q001-KH·HT·2025·D10-00042": ("Q001", ("KH", "HT"), 2025, "D10", None, None, "00042"),
    "Q001-KU·PZ·2025·D30-0007-0023": ("Q001", ("KU", "PZ"), 2025, "D30", None, "0007", "0023"),
}
OLD_FORMS = {
    "Z109-WS·2011-Y-BGS-0001": "Z109-WS·2011·Y·BGS-0001",
    "Z109-WS·2011-D30-0001": "Z109-WS·2011·D30-0001",
    "Z109-WS•2011・Y－0001": "Z109-WS·2011·Y-0001",
    "  Q001-KH·HT·2025·D10–00042 ": "Q001-KH·HT·2025·D10-00042",
}
WRONG = [
    "",
    "Q001",
    "Q001-KH",
    "Q001-KH·HT·2025·D10",
    "Q001--00042",
    "Q001-KH·HT·2025·D10-",
    "Q001-KH·HT·2025·D10-42a",
    "Q001-KH·HT·2025·D10-1234567890",
    "q001-kh·ht·2025·d10-00042",
    "张三-KH·HT·2025·D10-00042",
    "Q001-2025·D10-00042",
    "Q001-KH·HT·2025·D10·A·B-00042",
    "Q001-KH·HT·2025·D10-1-2-3",
    "Q001-KH··2025·D10-00042",
    "Q001-KH·HT·2025·D10-0004２",
    "Z109-WS·2011-Y-BGS-X-0001",
    "Q001-KH·HT·2025·D10-00042" + "0" * 100,
]


@pytest.mark.parametrize(("text", "elements"), EXAMPLES.items())
def test_the_standards_examples_are_taken_apart_and_put_together(
    text: str, elements: tuple[object, ...]
) -> None:
    code = ReferenceCode.parse(text)
    series = code.series
    found = (series.fonds, series.codes, series.year, series.retention, series.office, code.volume, code.item)
    assert found == elements
    assert str(code) == text


@pytest.mark.parametrize(("old", "new"), OLD_FORMS.items())
def test_the_2015_form_is_read_and_the_2022_form_written(old: str, new: str) -> None:
    assert str(ReferenceCode.parse(old)) == new


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_reference_code_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ReferenceCodeMalformed, match="KD-C101") as caught:
        ReferenceCode.parse(text)
    assert "张三" not in str(caught.value)


def codes() -> st.SearchStrategy[str]:
    return st.text(string.ascii_uppercase, min_size=1, max_size=4).filter(lambda code: code not in {"Y"})


SERIES = st.builds(
    Series,
    fonds=st.from_regex(r"[A-Z][0-9]{3}", fullmatch=True),
    codes=st.lists(codes(), min_size=1, max_size=3).map(tuple),
    year=st.integers(1900, 2099),
    retention=st.sampled_from(["Y", "D30", "D10"]),
    office=st.none() | codes() | st.sampled_from(["办公室", "人事"]),
)
SERIALS = st.from_regex(r"[0-9]{1,9}", fullmatch=True)


@given(SERIES, st.none() | SERIALS, SERIALS)
def test_parse_and_format_are_inverse(series: Series, volume: str | None, item: str) -> None:
    code = ReferenceCode(series, volume, item)
    assert ReferenceCode.parse(str(code)) == code
    assert str(ReferenceCode.parse(str(code))) == str(code)


@pytest.mark.parametrize(
    "series",
    [
        Series("Q001", (), 2025, "D10"),
        Series("Q001", ("2025",), None, "D10"),
        Series("Q001", ("KH",), 25, "D10"),
        Series("Q001", ("KH",), 2025, "D100"),
        Series("Q001", ("KH",), None, None, "BGS"),
        Series("Q001", ("KH",), 2025, "D10", "Y"),
        Series("Q001", ("KH",), None, "D10", "bgs"),
        Series("Q001", ("KH",), 2025, None, "2024"),
        Series("Q-01", ("KH",), 2025, "D10"),
    ],
)
def test_elements_that_could_not_be_read_back_are_refused(series: Series) -> None:
    with pytest.raises(ReferenceCodeMalformed):
        ReferenceCode(series, None, "0001")
