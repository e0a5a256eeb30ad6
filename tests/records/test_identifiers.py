"""Check digits, shapes and normal forms of identifiers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.records import identifiers as ids

CREDIT_CODES = ("91330106MA2CE0J17P", "91440300708461136T", "92330106MA2B1XYT80")
CARDS = ("6222021202012345675", "6228480023456789017", "4367421234567896")


def test_the_example_of_the_standard_holds() -> None:
    # GB 11643-1999 annex A: 11010519491231002X
    assert ids.resident_id_of("11010519491231002X") == "11010519491231002X"


@pytest.mark.parametrize(
    "written", ["11010519491231002x", "110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_a_resident_id_has_one_normal_form(written: str) -> None:
    assert ids.resident_id_of(written) == "11010519491231002X"


@pytest.mark.parametrize(
    "written",
    ["110105194912310021", "110105194913310020", "990105194912310026", "11010519491231002", "ABC", ""],
)
def test_what_is_no_resident_id_is_refused(written: str) -> None:
    assert ids.resident_id_of(written) is None


def test_fifteen_digits_become_eighteen() -> None:
    assert ids.resident_id_of("110105491231002") == "11010519491231002X"


def test_fifteen_digits_with_an_open_century_stay_without_a_normal_form() -> None:
    assert ids.looks_like_resident_id("340199010708133")
    assert ids.resident_id_of("340199010708133") is None


def test_the_birth_date_stands_in_the_id() -> None:
    assert ids.birth_date_of("11010519491231002X") == date(1949, 12, 31)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_changed_digit_breaks_a_resident_id(place: int, shift: int) -> None:
    number = "11010519491231002X"
    changed = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert ids.resident_id_of(changed) is None


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_a_credit_code_holds_and_its_neighbour_does_not(code: str) -> None:
    assert ids.credit_code_of(code.lower()) == code
    other = "2" if code[10] != "2" else "3"
    assert ids.credit_code_of(code[:10] + other + code[11:]) is None


@pytest.mark.parametrize("card", CARDS)
def test_a_card_holds_whatever_its_grouping(card: str) -> None:
    assert ids.bank_card_of(" ".join(card[i : i + 4] for i in range(0, len(card), 4))) == card


@given(st.sampled_from(CARDS), st.integers(0, 15), st.integers(1, 9))
def test_one_changed_digit_breaks_luhn(card: str, place: int, shift: int) -> None:
    changed = card[:place] + str((int(card[place]) + shift) % 10) + card[place + 1 :]
    assert not ids.luhn_holds(changed)


def test_a_card_abroad_needs_a_label() -> None:
    assert ids.bank_card_of("4367421234567896")
    assert ids.bank_card_of("4367421234567896", issued_in_china=True) is None


@pytest.mark.parametrize(
    "written", ["13800138000", "+86 138-0013-8000", "0086 13800138000", "86-13800138000", "138 0013 8000"]
)
def test_a_mobile_number_has_one_normal_form(written: str) -> None:
    assert ids.mobile_phone_of(written) == "13800138000"


@pytest.mark.parametrize(
    "written", ["12800138000", "1380013800", "138001380001", "16012345678", "15412345678"]
)
def test_what_is_no_mobile_number_is_refused(written: str) -> None:
    assert ids.mobile_phone_of(written) is None


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0571-88886666", "0571-88886666"),
        ("（010）62345678", "010-62345678"),
        ("+86-21-61234567", "021-61234567"),
        ("0571 8888 6666转801", "0571-88886666-801"),
    ],
)
def test_a_landline_has_one_normal_form(written: str, normal: str) -> None:
    assert ids.landline_of(written) == normal


@pytest.mark.parametrize("written", ["010-1234567", "0123-4567890", "400-820-8820", "021-11111111"])
def test_what_is_no_landline_is_refused(written: str) -> None:
    assert ids.landline_of(written) is None


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("浙A·12345", "浙A12345"),
        ("粤BD12345", "粤BD12345"),
        ("沪A12345D", "沪A12345D"),
        ("京A1234警", "京A1234警"),
    ],
)
def test_a_licence_plate_has_one_normal_form(written: str, normal: str) -> None:
    assert ids.licence_plate_of(written) == normal


@pytest.mark.parametrize("written", ["浙I12345", "浙A1234", "AA12345", "粤B2-20170001"])
def test_what_is_no_licence_plate_is_refused(written: str) -> None:
    assert ids.licence_plate_of(written) is None


def test_an_invoice_number_has_eight_digits_or_twenty_with_year_and_province() -> None:
    assert ids.invoice_number_of("12345678") == "12345678"
    assert ids.invoice_number_of("23332000000012345678")
    assert ids.invoice_number_of("23992000000012345678") is None
    assert ids.invoice_number_of("1234567") is None


def test_other_numbers_keep_their_shapes() -> None:
    assert ids.passport_of("e12345678") == "E12345678"
    assert ids.travel_permit_of("H1234567801") == "H1234567801"
    assert ids.taxpayer_number_of("330106720012345") == "330106720012345"
    assert ids.email_of("Li.Ming@Example.com") == "li.ming@example.com"
    assert ids.email_of("no at example.com") is None
    assert ids.wechat_id_of("zhang_88") == "zhang_88"
    assert ids.qq_id_of("012345") is None


@pytest.mark.parametrize(
    "region",
    [
        "510202",  # Chongqing, while it was a city of Sichuan (until 1997)
        "512301",  # 涪陵地区 (until 1995)
        "513001",  # 达县地区 (until 1999)
        "422301",  # 咸宁地区 (until 1998)
        "442527",  # 惠阳地区 (until 1988)
        "452701",  # 河池地区 (until 2002)
        "132201",  # 邢台地区 (until 1993)
        "340104",  # a district abolished in 2002
        "810000",  # residence permit of Hong Kong residents
        "830000",
    ],
)
def test_ids_given_in_abolished_regions_stay_good(region: str) -> None:
    first = f"{region}19680912041"
    number = first + ids.resident_check_digit(first)
    assert ids.resident_id_of(number) == number


@pytest.mark.parametrize("region", ["380101", "990101", "007101", "117101", "118901", "110001"])
def test_no_region_ever_had_such_a_code(region: str) -> None:
    first = f"{region}19680912041"
    assert ids.resident_id_of(first + ids.resident_check_digit(first)) is None
