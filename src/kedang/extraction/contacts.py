"""Contacts (vCard): a table with one row a card, columns in the order people ask for them."""

from __future__ import annotations

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.content_lines import ContentLine, components, content_lines, unescaped
from kedang.extraction.errors import ROWS_CUT
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

_COLUMNS = {
    "FN": "name",
    "N": "name_parts",
    "NICKNAME": "nickname",
    "ORG": "organisation",
    "TITLE": "title",
    "ROLE": "role",
    "TEL": "phone",
    "EMAIL": "email",
    "ADR": "address",
    "LABEL": "address",
    "BDAY": "birthday",
    "URL": "url",
    "IMPP": "chat",
    "X-QQ": "qq",
    "X-WECHAT": "wechat",
    "X-WEIXIN": "wechat",
    "CATEGORIES": "group",
    "NOTE": "note",
}
_COMPOUND = frozenset(("N", "ADR", "ORG"))
_UNREAD = frozenset(
    (
        "BEGIN",
        "END",
        "VERSION",
        "PHOTO",
        "LOGO",
        "SOUND",
        "KEY",
        "PRODID",
        "REV",
        "UID",
        "SORT-STRING",
        "CLASS",
    )
)


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The cards as rows of a table."""
    assembly = TextAssembly(limits)
    lines = content_lines(whole_bytes(content, limits), format.charset or "utf-8")
    cards = _cards(lines)
    if len(cards) > limits.max_rows:
        assembly.problem(ROWS_CUT, rows=len(cards), kept=limits.max_rows)
        cards = cards[: limits.max_rows]
    for card in cards:
        parts = card.pop("name_parts", "")
        card.setdefault("name", parts)
    present = {column for card in cards for column in card}
    order = [*dict.fromkeys(_COLUMNS.values()), "other"]
    headers = tuple(column for column in order if column in present)
    assembly.write_rows(
        "contacts",
        headers,
        (tuple(card.get(column, "") for column in headers) for card in cards),
        first_row=1,
    )
    return assembly.extraction()


def _cards(lines: list[ContentLine]) -> list[dict[str, str]]:
    cards: list[dict[str, str]] = []
    for line in lines:
        if line.name == "BEGIN" and line.value.strip().upper() == "VCARD":
            cards.append({})
        elif cards and line.name not in _UNREAD:
            said = _said(line)
            column = _COLUMNS.get(line.name, "other")
            if said:
                said = f"{line.name.removeprefix('X-')}={said}" if column == "other" else said
                known = cards[-1].get(column, "")
                cards[-1][column] = (
                    f"{known}; {said}" if known and said not in known.split("; ") else known or said
                )
    return cards


def _said(line: ContentLine) -> str:
    if (
        any(parameter in ("ENCODING=B", "ENCODING=BASE64", "BASE64") for parameter in line.parameters)
        or len(line.value) > 20_000
    ):
        return ""
    if line.name not in _COMPOUND:
        return unescaped(line.value).strip().replace("\n", " ")
    parts = components(line.value)
    if line.name == "N":
        family, given, middle, before, after = (parts + [""] * 5)[:5]
        western = " ".join(part for part in (before, given, middle, family, after) if part)
        return western if western.isascii() else before + family + middle + given + after
    return " ".join(part.replace("\n", " ") for part in parts if part)
