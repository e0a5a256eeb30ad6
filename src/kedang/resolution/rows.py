"""Comparables as rows of plain columns: what the tables of DuckDB and Spark are filled with.

A mention with several telephones has several rows (facets), the first numbers in the first: the best facet speaks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from kedang.records.identifiers import IdentifierKind
from kedang.resolution.comparable import Comparable
from kedang.resolution.mentions import MentionKind

OFFICIAL = {
    MentionKind.PERSON: IdentifierKind.RESIDENT_ID,
    MentionKind.ORGANISATION: IdentifierKind.CREDIT_CODE,
}
"""The number that everybody of this kind has exactly one of."""

TEXT_COLUMNS = (
    "name", "core", "mobile", "landline", "birth", "key", "given", "family", "born", "road", "flat",
    "suburb", "town",
)  # fmt: skip
"""Compared letter by letter; all others only for equality, and kept as numbers."""
COLUMNS = (
    "name", "core", "mobile", "birth", "surname", "sound", "region", "industry", "legal_form", "branch", "official",
    "landline", "email", "account", "handle", "key", "key_system", "city", "district", "street", "number", "room", "numbers",
    "given", "family", "words", "born", "road", "flat", "suburb", "town",
)  # fmt: skip
"""The last eight repeat what is written in Latin letters, and are empty for all else."""
_NOT_IN_LATIN = ("",) * 8
_MOST_FACETS = 8  # numbers of one kind beside one mention; who has more is a list


def rows_of(one: Comparable) -> Iterator[tuple[str, ...]]:
    """The rows of a mention, values in the order of `COLUMNS`; empty where it says nothing."""
    numbers = (one.mobiles, one.landlines, one.emails, one.accounts, one.handles, one.keys)
    if max(map(len, numbers)) <= 1:
        yield _row(one, *(values[0] if values else "" for values in numbers))
        return
    for place, facet in enumerate(zip_longest(*numbers, fillvalue="")):
        if place == _MOST_FACETS:
            return
        yield _row(one, *facet)


def _row(
    one: Comparable, mobile: str, landline: str, email: str, account: str, handle: str, key: str
) -> tuple[str, ...]:
    address, birth = one.address, one.birth_date or _born(one)
    latin = one.kind is MentionKind.PERSON and bool(one.name) and one.name.isascii()
    return (
        one.name, one.core, mobile, birth, one.surname, one.sound,
        one.region, one.industry, one.legal_form, one.branch, official_of(one),
        landline, email, account, handle, key, key.rpartition(":")[0],
        address.city, address.district, address.street, address.number, address.room, _numbers(one),
        *(_in_latin(one, birth) if latin else _NOT_IN_LATIN),
    )  # fmt: skip


def _in_latin(one: Comparable, birth: str) -> tuple[str, ...]:
    """Names and places once more as they are spelt, to be compared by their letters."""
    address = one.address
    places = (address.street, address.room, address.district, address.city)
    words = " ".join(sorted(one.name.split()))
    return one.given_name, one.surname, words, birth, *(place if place.isascii() else "" for place in places)


def official_of(one: Comparable) -> str:
    """The resident id or credit code of a mention, empty when it says none."""
    if not one.certain:
        return ""
    return next((number.value for number in one.certain if number.kind is OFFICIAL[one.kind]), "")


def _born(one: Comparable) -> str:
    """The day of birth that the resident id says."""
    number = official_of(one) if one.kind is MentionKind.PERSON else ""
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if len(number) == 18 else ""


def _numbers(one: Comparable) -> str:
    """All certain numbers: mentions that share a row agree in them."""
    if not one.certain:
        return ""
    return " ".join(sorted(f"{number.kind.value}:{number.value}" for number in one.certain))
