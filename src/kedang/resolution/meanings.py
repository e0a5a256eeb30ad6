"""What a column of a table can hold, and what its header says of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from kedang.records.identifiers import FULL_WIDTH_TO_ASCII
from kedang.records.traditional import simplified

EXACT = 0.9
ENDING = 0.8
_WITHIN = 0.7
_LONGEST_HEADER = 60  # characters
_HAN = re.compile(r"[\u3400-\u9fff]")
_BRACKETED = re.compile(r"\([^()]*\)")
_MARKS = re.compile(r"[\s*:：#·、,，/\\\"'“”]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class Meaning(StrEnum):
    """What the cells of a column are."""

    NAME = "name"
    PERSON = "person"
    ORGANISATION = "organisation"
    SURNAME = "surname"
    GIVEN_NAME = "given_name"
    ALIAS = "alias"
    CONTACT = "contact"
    HANDLER = "handler"
    OTHER_PARTY = "other_party"
    MOBILE = "mobile"
    PHONE = "phone"
    EMAIL = "email"
    RESIDENT_ID = "resident_id"
    CREDIT_CODE = "credit_code"
    ADDRESS = "address"
    ADDRESS_PART = "address_part"
    BIRTH_DATE = "birth_date"
    AMOUNT = "amount"
    DATE = "date"
    ORDER_NUMBER = "order_number"
    INVOICE_NUMBER = "invoice_number"
    CUSTOMER_NUMBER = "customer_number"
    ACCOUNT = "account"
    WECHAT = "wechat"
    QQ = "qq"
    NOTE = "note"
    IGNORED = "ignored"
    """Known, and nothing by which a customer is told: quantity, product, status."""
    UNKNOWN = "unknown"


NAMES = frozenset({Meaning.NAME, Meaning.PERSON, Meaning.ORGANISATION})
"""Columns that name whom the row is about."""


def called(meaning: Meaning) -> tuple[str, str]:
    """The meaning in words for people, Chinese and English."""
    zh, en = _table()["called"][meaning.value]
    return zh, en


def header_form(header: str) -> str:
    """A header as it is compared: 客户 联系电话(必填)* → 客户联系电话, CustomerPhone → customer phone."""
    plain = simplified(header.translate(FULL_WIDTH_TO_ASCII)).strip()
    plain = _BRACKETED.sub("", plain) or plain
    if _HAN.search(plain):
        return _MARKS.sub("", plain).casefold()
    return _NOT_LETTERS.sub(" ", _CAMEL.sub(" ", plain).casefold()).strip()


@lru_cache(maxsize=4096)
def meaning_of_header(header: str) -> tuple[Meaning, float, str]:
    """What a header says: the meaning, how sure (0..1), and the word that says it; `UNKNOWN`, 0, "" when it says nothing."""
    form = header_form(header)
    if not form or len(form) > _LONGEST_HEADER:
        return Meaning.UNKNOWN, 0.0, ""
    words = _meanings_by_word()
    if form in words:
        return words[form], EXACT, form
    for meaning, parts in _table()["within"].items():
        part = next((one for one in parts if one in form), None)
        if part is not None and _names_somebody(form):
            return Meaning(meaning), _WITHIN, part
    for start in range(1, len(form)):
        ending = form[start:]
        if ending in words and len(ending) > 1 and _begins_word(form, start):
            return words[ending], ENDING, ending
    return Meaning.UNKNOWN, 0.0, ""


def is_header_word(cell: str) -> bool:
    """Whether a cell is, as a whole, a word that stands above columns."""
    return header_form(cell) in _meanings_by_word()


def _names_somebody(form: str) -> bool:
    """快递公司 does, 银行账号 and 快递单号 are numbers."""
    return not form.endswith(
        (
            "号",
            "号码",
            "编号",
            "日期",
            "时间",
            "电话",
            "手机",
            "方式",
            "金额",
            "地址",
            "结果",
            "类型",
            "状态",
            "意见",
            "内容",
            "情况",
        )
    )


def _begins_word(form: str, start: int) -> bool:
    return bool(_HAN.match(form[start])) or not form[start - 1].isascii() or form[start - 1] == " "


@cache
def _meanings_by_word() -> Mapping[str, Meaning]:
    return {
        header_form(word): Meaning(meaning) for meaning, words in _table()["words"].items() for word in words
    }


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = (files("kedang.resolution") / "columns.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {name: table[name] for name in ("words", "within", "called")}
