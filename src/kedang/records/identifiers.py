"""Numbers and codes that name one person or organisation: check digits, plausible shapes, normal forms.

Every `…_of` function takes one written form (full width, blanks and dashes allowed) and gives the normal form,
or None when the writing cannot be such a number. Whether a plausible number *is* one is for the context to say.

Sources: GB 11643-1999 (resident id, ISO 7064 MOD 11-2), GB/T 2260 (region codes), GB 32100-2015 (credit code),
GB/T 15694.1 and ISO/IEC 7812-1 (card numbers, Luhn), numbering plan of the 工业和信息化部 (telephones),
GA 36-2018 (licence plates), 国家税务总局公告 2014 年第 43 号 and 2021 年全电发票试点公告 (invoice numbers).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FULL_WIDTH_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
"""One code point for one, so that positions stay."""

_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―·.]+")

# GB/T 2260: the first two digits are the province, the next two its prefecture: 01-20 and 51-70 cities, 21-50 regions
# and autonomous prefectures, 90 counties directly under the province. Which of them exist changes every year, and an id
# keeps the code of the day it was given, so only the ranges are asked: 5102 (Chongqing in Sichuan) is as good as 5001.
_PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82", "83",
})  # fmt: skip
_PREFECTURES = frozenset(range(1, 71)) | {90}
_WITHOUT_PREFECTURES = frozenset({"71", "81", "82", "83"})  # residence permits: 810000, 820000, 830000

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {letter: value for value, letter in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_EARLIEST_BIRTH_YEAR = 1900
_CENTURY_IS_OPEN_BEFORE = 20  # two-digit year of a 15-digit id

_MOBILE = re.compile(r"(?:\+?86|0086)?(1(?:3\d|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8})")
_AREA_CODES_OF_THREE = frozenset({"010", "020", "021", "022", "023", "024", "025", "027", "028", "029"})
# Area codes of four digits: 03xx-09xx; the second and third digits that are in use.
_AREA_CODE_OF_FOUR = re.compile(r"0(?:3[1-579]\d|4[1-8]\d|5[1-9]\d|6[36]\d|7[0-9]\d|8[1-9]\d|9[0-9]\d)")
_LANDLINE = re.compile(
    r"(?:(?:\+|00)?86[\s-]?)?[(（]?(0?\d{2,3})[)）]?[\s-]{0,3}(\d{3,4}[\s-]?\d{4})(?:[\s-]*(?:转|x|ext\.?|[-－])\s*(\d{1,6}))?",
    re.IGNORECASE,
)
_PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"([{_PLATE_PROVINCES}][A-HJ-NP-Z])[·•・.\s-]?"
    r"((?:[DFABCEGHJK][A-HJ-NP-Z0-9]\d{4}|\d{5}[DFABCEGHJK])|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳])"
)
_PASSPORT_OF_CHINA = re.compile(r"(?:[GDSP]\d{8}|E[A-HJ-NP-Z0-9]\d{7}|1[45]\d{7}|(?:DE|SE|PE|MA|K)\d{7,8})")
_PASSPORT_ABROAD = re.compile(r"(?=[A-Z0-9]*\d{4})[A-Z0-9]{7,9}")
_TRAVEL_PERMIT = re.compile(r"(?:[HM]\d{8}(?:\d{2})?|[CW][A-HJ-NP-Z0-9]\d{7}|[LT]\d{8}|\d{8}|\d{10}[A-Z]?)")
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,18}"
)
_WECHAT = re.compile(r"[A-Za-z][A-Za-z0-9_\-]{5,19}")
_QQ = re.compile(r"[1-9]\d{4,10}")
_CARD_OF_CHINA = re.compile(
    r"(?:62\d{14,17}|9558\d{15}|9559\d{15}|95555\d{11}|103\d{16}|60(?:1428|1382)\d{11,13})"
)
_CARD_ABROAD = re.compile(
    r"(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}|3[47]\d{13}|35\d{14}"
    r")"
)
_INVOICE_NUMBER = re.compile(r"(?:\d{8}|\d{20})")


class IdentifierKind(StrEnum):
    """Kinds of numbers by which customers are tied together."""

    RESIDENT_ID = "resident_id"
    CREDIT_CODE = "credit_code"
    TAXPAYER_NUMBER = "taxpayer_number"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    MOBILE_PHONE = "mobile_phone"
    LANDLINE = "landline"
    EMAIL = "email"
    BANK_CARD = "bank_card"
    LICENCE_PLATE = "licence_plate"
    WECHAT_ID = "wechat_id"
    QQ_ID = "qq_id"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier in its normal form."""

    kind: IdentifierKind
    value: str


def compact(written: str) -> str:
    """`written` in half width and upper case, without blanks, dots and dashes."""
    return _SEPARATORS.sub("", written.translate(FULL_WIDTH_TO_ASCII)).upper()


def region_is_plausible(code: str) -> bool:
    """Whether the first four digits of `code` can be a prefecture of GB/T 2260, now or formerly."""
    if code[:2] not in _PROVINCES or not code[2:4].isdigit():
        return False
    prefecture = int(code[2:4])
    return prefecture in _PREFECTURES or (prefecture == 0 and code[:2] in _WITHOUT_PREFECTURES)


def _birth_of(digits: str) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return born if born.year >= _EARLIEST_BIRTH_YEAR else None


def resident_check_digit(first_seventeen: str) -> str:
    """The 18th character that belongs to 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def looks_like_resident_id(written: str, *, latest_birth_year: int = 2100) -> bool:
    """Whether 15 or 18 characters have a region and a birth date where an id has them; the check digit is not asked."""
    number = compact(written)
    if not (number[:-1].isdigit() and number[:-1].isascii()) or number[-1] not in "0123456789X":
        return False
    if len(number) == 15 and number.isdigit():
        return region_is_plausible(number) and _birth_of("19" + number[6:12]) is not None
    if len(number) != 18 or not region_is_plausible(number):
        return False
    born = _birth_of(number[6:14])
    return born is not None and born.year <= latest_birth_year


def resident_id_of(written: str) -> str | None:
    """The 18 characters of a resident id whose region, birth date and check digit hold; 15 digits become 18.

    15 digits do not tell the century: where 19yy would mean a birth before 1920 they have no normal form.
    """
    number = compact(written)
    if len(number) not in (15, 18) or not looks_like_resident_id(number):
        return None
    if len(number) == 15:
        if int(number[6:8]) < _CENTURY_IS_OPEN_BEFORE:
            return None
        first = f"{number[:6]}19{number[6:]}"
        return first + resident_check_digit(first)
    return number if resident_check_digit(number[:17]) == number[17] else None


def birth_date_of(resident_id: str) -> date | None:
    """The birth date written in a normal 18-character resident id."""
    return _birth_of(resident_id[6:14]) if len(resident_id) == 18 else None


def credit_check_character(first_seventeen: str) -> str:
    """The 18th character that belongs to the 17 of a unified social credit code (GB 32100 annex A)."""
    total = sum(
        _CREDIT_VALUES[letter] * weight
        for letter, weight in zip(first_seventeen, _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def looks_like_credit_code(written: str) -> bool:
    """Whether 18 characters have the parts of a credit code; the check character is not asked."""
    code = compact(written)
    if len(code) != 18 or code[0] not in "123456789ANY" or not code[2:8].isdigit():
        return False
    known_region = code[2:4] in _PROVINCES or code[2:4] == "10"
    return known_region and all(letter in _CREDIT_VALUES for letter in code)


def credit_code_of(written: str) -> str | None:
    """The 18 characters of a unified social credit code whose check character holds."""
    code = compact(written)
    if not looks_like_credit_code(code) or credit_check_character(code[:17]) != code[17]:
        return None
    return code


def taxpayer_number_of(written: str) -> str | None:
    """A taxpayer number of 15, 17, 18 or 20 characters; only its shape can be checked."""
    number = compact(written)
    if len(number) not in (15, 17, 18, 20) or not (number.isalnum() and number.isascii()):
        return None
    return number if number[:6].isdigit() or looks_like_credit_code(number) else None


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of those before it."""
    if not (digits.isdigit() and digits.isascii()) or len(digits) < 2:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def bank_card_of(written: str, *, issued_in_china: bool = False) -> str | None:
    """The digits of a payment card: issuer prefix, length and Luhn digit hold.

    `issued_in_china` asks for a prefix of Chinese issuers, which is what a number without a label needs.
    """
    number = compact(written)
    if not luhn_holds(number):
        return None
    if _CARD_OF_CHINA.fullmatch(number):
        return number
    return None if issued_in_china or not _CARD_ABROAD.fullmatch(number) else number


def looks_like_bank_card(written: str) -> bool:
    """Whether the length and the issuer prefix are those of a card; the Luhn digit is not asked."""
    number = compact(written)
    return bool(_CARD_OF_CHINA.fullmatch(number) or _CARD_ABROAD.fullmatch(number))


def mobile_phone_of(written: str) -> str | None:
    """The 11 digits of a mobile number of mainland China, without 86."""
    found = _MOBILE.fullmatch(compact(written).replace("(", "").replace(")", ""))
    return found.group(1) if found else None


def area_code_is_known(code: str) -> bool:
    """Whether `code` (with its leading 0) is an area code of mainland China."""
    return code in _AREA_CODES_OF_THREE or (len(code) == 4 and bool(_AREA_CODE_OF_FOUR.fullmatch(code)))


def landline_of(written: str) -> str | None:
    """`0571-88886666` or `0571-88886666-8001`: a land-line number with a known area code."""
    found = _LANDLINE.fullmatch(written.translate(FULL_WIDTH_TO_ASCII).strip())
    if found is None:
        return None
    area, local, extension = found.groups()
    area = area if area.startswith("0") else "0" + area
    local = compact(local)
    if not area_code_is_known(area) or local[0] in "01":
        return None
    if len(area) == 3 and len(local) != 8:
        return None
    return f"{area}-{local}" + (f"-{extension}" if extension else "")


def passport_of(written: str, *, issued_in_china: bool = False) -> str | None:
    """A passport number; only the shape can be checked, so a label must stand beside it."""
    number = compact(written)
    if _PASSPORT_OF_CHINA.fullmatch(number):
        return number
    return None if issued_in_china or not _PASSPORT_ABROAD.fullmatch(number) else number


def travel_permit_of(written: str) -> str | None:
    """The number of a 港澳通行证, 回乡证, 台胞证 or 往来台湾通行证; shape only."""
    number = compact(written).replace("(", "").replace(")", "")
    return number if _TRAVEL_PERMIT.fullmatch(number) else None


def licence_plate_of(written: str) -> str | None:
    """A plate such as 浙A12345 or 浙AD12345 without dot or blank."""
    found = _PLATE.fullmatch(written.translate(FULL_WIDTH_TO_ASCII).strip().upper())
    return found.group(1) + found.group(2) if found else None


def email_of(written: str) -> str | None:
    """An e-mail address in lower case."""
    address = written.translate(FULL_WIDTH_TO_ASCII).strip()
    return address.lower() if _EMAIL.fullmatch(address) and ".." not in address else None


def wechat_id_of(written: str) -> str | None:
    """A WeChat id: a letter, then 5 to 19 letters, digits, _ or -."""
    name = written.translate(FULL_WIDTH_TO_ASCII).strip()
    return name.lower() if _WECHAT.fullmatch(name) else None


def qq_id_of(written: str) -> str | None:
    """A QQ number: 5 to 11 digits."""
    number = compact(written)
    return number if _QQ.fullmatch(number) else None


def invoice_number_of(written: str) -> str | None:
    """An invoice number: 8 digits, or 20 of a fully digital invoice, whose first four tell year and province."""
    number = compact(written)
    if not _INVOICE_NUMBER.fullmatch(number):
        return None
    if len(number) == 20 and not (20 <= int(number[:2]) <= 60 and number[2:4] in _PROVINCES):
        return None
    return number
