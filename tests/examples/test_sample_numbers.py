"""Every number of the sample passes the check it should pass, and the look-alikes fail it."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from examples.sample_company import identifiers
from examples.sample_company.papers.parts import capital


def luhn(number: str) -> bool:
    """True when the card number's check digit is good, reckoned from the right in pairs."""
    digits = [int(char) for char in reversed(number)]
    return (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def test_published_examples_have_the_check_characters_that_are_reckoned() -> None:
    assert identifiers.resident_id_check("11010519491231002") == "X"  # the example of GB 11643-1999
    assert identifiers.luhn_check("7992739871") == "3"  # the example of ISO/IEC 7812-1's usual explanation
    assert identifiers.organisation_check("D2143569") == "X"  # the example of GB 11714-1997


@given(st.integers(0, 2**32))
def test_generated_numbers_pass_their_checks(seed: int) -> None:
    random = Random(seed)
    number = identifiers.resident_id(random, area="3205", born=date(1988, 2, 29), female=True)
    assert number[4:6] == "99"
    assert number[6:14] == "19880229"
    assert int(number[16]) % 2 == 0
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char) * weight for char, weight in zip(number[:17], weights, strict=True))
    assert "10X98765432"[total % 11] == number[17]
    assert len(identifiers.old_resident_id(number)) == 15
    assert luhn(identifiers.bank_card(random))
    assert not luhn(identifiers.card_like_order(random))
    code = identifiers.credit_code(random, area="3205")
    alphabet = identifiers.CREDIT_ALPHABET
    values = [alphabet.index(char) for char in code]
    assert sum(value * 3**place for place, value in enumerate(values[:17])) % 31 == -values[17] % 31


def test_amounts_in_words_are_those_of_cheques() -> None:
    cases = {
        100_000_00: "壹拾万元整",
        1_005_00: "壹仟零伍元整",
        12_345_67: "壹万贰仟叁佰肆拾伍元陆角柒分",
        100_10: "壹佰元壹角",
        5_00: "伍元整",
        10_010_00: "壹万零壹拾元整",
        3_05: "叁元零伍分",
    }
    assert {cents: capital(cents) for cents in cases} == cases
