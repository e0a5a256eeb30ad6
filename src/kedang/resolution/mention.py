"""A mention: one name in one record, in its part, with the numbers beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kedang.records import identifiers as shapes
from kedang.records.content import Finding, FindingCategory
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.forms import organisation_form, person_form
from kedang.resolution.roles import Role


class MentionKind(StrEnum):
    """Whether a person or an organisation is named."""

    PERSON = "person"
    ORGANISATION = "organisation"


_NORMAL_FORMS: Mapping[FindingCategory, tuple[IdentifierKind, str]] = {
    FindingCategory.RESIDENT_ID: (IdentifierKind.RESIDENT_ID, "resident_id_of"),
    FindingCategory.CREDIT_CODE: (IdentifierKind.CREDIT_CODE, "credit_code_of"),
    FindingCategory.TAXPAYER_NUMBER: (IdentifierKind.TAXPAYER_NUMBER, "taxpayer_number_of"),
    FindingCategory.PASSPORT: (IdentifierKind.PASSPORT, "passport_of"),
    FindingCategory.TRAVEL_PERMIT: (IdentifierKind.TRAVEL_PERMIT, "travel_permit_of"),
    FindingCategory.MOBILE_PHONE: (IdentifierKind.MOBILE_PHONE, "mobile_phone_of"),
    FindingCategory.LANDLINE: (IdentifierKind.LANDLINE, "landline_of"),
    FindingCategory.EMAIL: (IdentifierKind.EMAIL, "email_of"),
    FindingCategory.BANK_CARD: (IdentifierKind.BANK_CARD, "bank_card_of"),
    FindingCategory.LICENCE_PLATE: (IdentifierKind.LICENCE_PLATE, "licence_plate_of"),
    FindingCategory.WECHAT_ID: (IdentifierKind.WECHAT_ID, "wechat_id_of"),
    FindingCategory.QQ_ID: (IdentifierKind.QQ_ID, "qq_id_of"),
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One name in one record, with the numbers beside it. `start == end` when it stands in a message's header."""

    kind: MentionKind
    start: int
    end: int
    raw: str
    normalised: str
    role: Role
    identifiers: tuple[Identifier, ...] = ()
    row: tuple[int, int] | None = None
    """Table and row, 0-based, when it stands in a table."""
    address: str = ""
    """As it is written."""
    birth_date: str = ""
    """YYYY-MM-DD."""
    accounts: tuple[str, ...] = ()
    """Accounts that are no payment cards, digits only."""
    keys: tuple[str, ...] = ()
    """Numbers of the firm's own systems, with the table and column that give them: table:column:value."""


def identifier_of(category: FindingCategory, written: str) -> Identifier | None:
    """The normal form of a found number; None when it has none (its check digit fails)."""
    known = _NORMAL_FORMS.get(category)
    if known is None:
        return None
    kind, function = known
    value = getattr(shapes, function)(written)
    return Identifier(kind, value) if value else None


def is_name(finding: Finding) -> bool:
    """Whether a finding names somebody."""
    return finding.category in (FindingCategory.PERSON_NAME, FindingCategory.ORGANISATION_NAME)


def identifier_in(text: str, finding: Finding) -> Identifier | None:
    """The normal form of the number that a finding marks."""
    return identifier_of(finding.category, text[finding.start : finding.end])


def named(
    text: str,
    finding: Finding,
    role: Role,
    numbers: Sequence[Identifier] = (),
    row: tuple[int, int] | None = None,
) -> Mention:
    """The mention of a found name."""
    raw = text[finding.start : finding.end]
    person = finding.category is FindingCategory.PERSON_NAME
    return Mention(
        kind=MentionKind.PERSON if person else MentionKind.ORGANISATION,
        start=finding.start,
        end=finding.end,
        raw=raw,
        normalised=person_form(raw) if person else organisation_form(raw),
        role=role,
        identifiers=tuple(dict.fromkeys(numbers)),
        row=row,
    )


ORGANISATIONS_OWN = frozenset({
    FindingCategory.CREDIT_CODE, FindingCategory.TAXPAYER_NUMBER, FindingCategory.LANDLINE,
})  # fmt: skip
"""Numbers that are an organisation's where one is named beside a person."""
