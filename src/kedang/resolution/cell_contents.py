"""What the cells of a column look like, whatever stands above them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kedang.records import identifiers as shapes
from kedang.resolution.addresses import address_of
from kedang.resolution.meanings import Meaning
from kedang.resolution.organisation_names import organisation_name_of
from kedang.resolution.person_names import surname_of, surname_share

_DATE = re.compile(r"(?:19|20)\d{2}[-/.年](?:1[0-2]|0?[1-9])(?:[-/.月](?:3[01]|[12]\d|0?[1-9])日?)?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?Z?)?|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")  # fmt: skip
_AMOUNT = re.compile(r"[-+¥￥$(]{0,2}(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{1,4}\)?元?|[¥￥$]\d+|\d+(?:\.\d+)?元")
_WHOLE = re.compile(r"\d{1,9}")
_CODE = re.compile(r"(?=[A-Za-z0-9-]*\d{3})[A-Za-z]{1,6}[-_]?\d[\dA-Za-z-]{2,24}|\d{10,24}")
_HAN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
_FIRM_END = re.compile(r"(?:公司|集团|事务所|商行|经营部|合作社|合伙企业|厂|店|中心|医院|学校|银行|超市|工作室|门市部|批发部|酒店|餐厅)$|(?:\b(?:ltd|inc|llc|gmbh|corp|limited)\.?)$", re.IGNORECASE)  # fmt: skip
_LONG_TEXT = 16  # characters on the average make a note
_LONGEST = 100  # characters of a cell that is no running text
CHECKED = frozenset({Meaning.RESIDENT_ID, Meaning.CREDIT_CODE, Meaning.EMAIL, Meaning.MOBILE})
"""Shapes that are hardly ever met by chance."""


@dataclass(frozen=True, slots=True)
class Look:
    """What most of a column's cells look like, and which share of them (0..1)."""

    meaning: Meaning
    share: float


def look_of(cells: Sequence[str]) -> Look:
    """The commonest look of the filled cells; `UNKNOWN` when there are none."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return Look(Meaning.UNKNOWN, 0.0)
    counts = Counter(look_of_cell(cell) for cell in filled)
    counts.pop(Meaning.UNKNOWN, None)
    if not counts:
        return Look(_note_or_nothing(filled), 1.0)
    meaning, count = counts.most_common(1)[0]
    both = counts[Meaning.PERSON] + counts[Meaning.ORGANISATION]
    if both > count and min(counts[Meaning.PERSON], counts[Meaning.ORGANISATION]) * 10 >= both:
        meaning, count = Meaning.NAME, both
    numbers = counts[Meaning.MOBILE] + counts[Meaning.PHONE]
    if meaning is Meaning.PHONE or (meaning is Meaning.MOBILE and count < numbers):
        meaning, count = Meaning.PHONE, numbers
    if meaning is Meaning.ORDER_NUMBER and len(set(filled)) * 2 < len(filled):
        return Look(Meaning.UNKNOWN, 0.0)  # codes that come again and again number no orders
    return Look(meaning, count / len(filled))


def look_of_cell(cell: str) -> Meaning:
    """What one cell looks like. Names only by their form: 王伟, 云帆贸易有限公司."""
    if len(cell) > _LONGEST:
        return Meaning.UNKNOWN
    if shapes.email_of(cell):
        return Meaning.EMAIL
    if any(sign.isdigit() for sign in cell):
        return _look_of_number(cell)
    if _FIRM_END.search(cell) and len(cell) >= 4 and organisation_name_of(cell).core:
        return Meaning.ORGANISATION
    if _HAN_NAME.fullmatch(cell):
        surname = surname_of(cell)
        return Meaning.PERSON if surname and (surname_share(surname) or len(surname) > 1) else Meaning.UNKNOWN
    return Meaning.ADDRESS if _is_address(cell) else Meaning.UNKNOWN


def _look_of_number(cell: str) -> Meaning:
    for meaning, is_one in (
        (Meaning.MOBILE, shapes.mobile_phone_of),
        (Meaning.RESIDENT_ID, shapes.resident_id_of),
        (Meaning.CREDIT_CODE, shapes.credit_code_of),
    ):
        if is_one(cell):
            return meaning
    if _DATE.fullmatch(cell):
        return Meaning.DATE
    if shapes.bank_card_of(cell, issued_in_china=True):
        return Meaning.ACCOUNT
    if _AMOUNT.fullmatch(cell):
        return Meaning.AMOUNT
    if not _WHOLE.fullmatch(cell) and shapes.landline_of(cell):
        return Meaning.PHONE
    if _CODE.fullmatch(cell):
        return Meaning.ORDER_NUMBER
    return Meaning.ADDRESS if _is_address(cell) else Meaning.UNKNOWN


def _is_address(cell: str) -> bool:
    if not 5 <= len(cell) <= 80:
        return False
    place = address_of(cell)
    parts = (place.province, place.district, place.street, place.number, place.room)
    return bool((place.city or place.district) and place.street) or sum(map(bool, parts)) >= 3


def _note_or_nothing(filled: Sequence[str]) -> Meaning:
    return Meaning.NOTE if sum(map(len, filled)) / len(filled) >= _LONG_TEXT else Meaning.UNKNOWN
