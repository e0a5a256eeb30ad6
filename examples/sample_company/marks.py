"""Personal data marked while a text is written, so that the truth table cannot differ from the text.

A marked value stands in the text as STX, one letter of its category, the value, ETX; writers get the text
without the marks.
"""

from __future__ import annotations

import re
from typing import Final

CATEGORIES: Final = (
    "resident_id",
    "mobile_phone",
    "landline",
    "email",
    "bank_card",
    "credit_code",
    "passport",
    "travel_permit",
    "licence_plate",
    "address",
    "person_name",
    "organisation_name",
    "birth_date",
    "wechat_id",
    "qq_id",
    "taxpayer_number",
    "invoice_number",
)
_LETTER: Final = {category: chr(ord("a") + place) for place, category in enumerate(CATEGORIES)}
_CATEGORY: Final = {letter: category for category, letter in _LETTER.items()}
_MARK: Final = re.compile("\x02([a-q])([^\x02\x03]*)\x03")

Marked = str
"""A text that may hold marks."""


def letter_of(category: str) -> str:
    """The letter that marks the category."""
    return _LETTER[category]


def mark(category: str, value: str) -> Marked:
    """The value, marked as personal data of the category."""
    return f"\x02{_LETTER[category]}{value}\x03"


def plain(text: Marked) -> str:
    """The text as a reader sees it."""
    return _MARK.sub(r"\2", text) if "\x02" in text else text


def marked_values(text: Marked) -> list[tuple[str, str]]:
    """Each marked value with its category, in the order of the text."""
    return [(_CATEGORY[letter], value) for letter, value in _MARK.findall(text)]


def person(name: str) -> Marked:
    """A person's name, marked."""
    return mark("person_name", name)


def organisation(name: str) -> Marked:
    """An organisation's name, marked."""
    return mark("organisation_name", name)


def mobile(number: str) -> Marked:
    """A mobile number, marked."""
    return mark("mobile_phone", number)


def landline(number: str) -> Marked:
    """A land-line number, marked."""
    return mark("landline", number)


def email(address: str) -> Marked:
    """An e-mail address, marked."""
    return mark("email", address)


def address(place: str) -> Marked:
    """A postal address, marked."""
    return mark("address", place)


def credit_code(code: str) -> Marked:
    """A unified social credit code, marked."""
    return mark("credit_code", code)


def taxpayer(code: str) -> Marked:
    """A taxpayer number, marked: today the credit code under another label."""
    return mark("taxpayer_number", code)


def resident_id(number: str) -> Marked:
    """A resident id, marked."""
    return mark("resident_id", number)


def card(number: str) -> Marked:
    """A bank card number, marked."""
    return mark("bank_card", number)
