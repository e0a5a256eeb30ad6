from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.catalogue.errors import SeriesFull
from kedang.catalogue.numbering import Numbering, NumberingFault, check_codes
from kedang.catalogue.reference_codes import ReferenceCode, Series
from kedang.catalogue.scheme import shipped_scheme

SCHEME = shipped_scheme()
CONTRACTS = Series("Q001", ("KH", "HT"), 2025, "D10")
VOUCHERS = Series("Q001", ("KU", "PZ"), 2025, "D30")
EARLIER = Series("Q001", ("KH", "HT"), 2024, "D10")
ALL = [CONTRACTS, VOUCHERS, EARLIER]


def test_each_series_counts_for_itself_from_one() -> None:
    codes, after = Numbering(5).assigned([CONTRACTS, VOUCHERS, CONTRACTS, EARLIER])
    assert list(map(str, codes)) == [
        "Q001-KH·HT·2025·D10-00001",
        "Q001-KU·PZ·2025·D30-00001",
        "Q001-KH·HT·2025·D10-00002",
        "Q001-KH·HT·2024·D10-00001",
    ]
    assert after.last == {CONTRACTS: 2, VOUCHERS: 1, EARLIER: 1}


def test_numbering_goes_on_from_the_stored_state() -> None:
    (code,), after = Numbering(5, {CONTRACTS: 41}).assigned([CONTRACTS])
    assert str(code) == "Q001-KH·HT·2025·D10-00042"
    assert after.last == {CONTRACTS: 42}


def test_the_state_before_is_left_as_it_was() -> None:
    before = Numbering(5, {CONTRACTS: 7})
    before.assigned([CONTRACTS])
    assert before.last == {CONTRACTS: 7}


@given(st.lists(st.lists(st.sampled_from(ALL), max_size=20), max_size=5))
def test_numbers_have_no_gap_and_no_double_in_whatever_portions(portions: list[list[Series]]) -> None:
    numbering, given_codes = Numbering(5), list[ReferenceCode]()
    for portion in portions:
        codes, numbering = numbering.assigned(portion)
        assert [code.series for code in codes] == portion
        given_codes += codes
    for series, count in Counter(code.series for code in given_codes).items():
        numbers = [code.item_number for code in given_codes if code.series == series]
        assert numbers == list(range(1, count + 1))
    assert check_codes([str(code) for code in given_codes], scheme=SCHEME, fonds="Q001") == ()


def test_numbers_beyond_the_digits_grow_and_are_read_back() -> None:
    (code,), _ = Numbering(5, {CONTRACTS: 99_999}).assigned([CONTRACTS])
    assert str(code).endswith("-100000")
    assert ReferenceCode.parse(str(code)) == code


def test_a_full_series_gives_nothing() -> None:
    with pytest.raises(SeriesFull, match="KD-C104"):
        Numbering(5, {CONTRACTS: 999_999_999}).assigned([VOUCHERS, CONTRACTS])


def test_the_check_finds_every_kind_of_fault() -> None:
    faults = check_codes(
        [
            "Q001-KH·HT·2025·D10-00001",
            "Q001-KH·HT·2025·D10-00004",
            "Q001-KH·HT·2025·D10-00004",
            "not a code",
            "Q001-KH·HT·2024-D10-00001",
            "Q002-KH·HT·2025·D10-00001",
            "Q001-WS·2025·D10-00001",
            "Q001-KH·HT·2025·D5-00001",
        ],
        scheme=SCHEME,
        fonds="Q001",
    )
    assert faults == (
        NumberingFault("double", 2, 4),
        NumberingFault("gap", 2, 2),
        NumberingFault("gap", 2, 3),
        NumberingFault("malformed", 3),
        NumberingFault("old-form", 4),
        NumberingFault("foreign", 5),
        NumberingFault("foreign", 6),
        NumberingFault("foreign", 7),
    )
