"""Who is named in running text and in forms, and in the headers and signatures of messages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.utils import getaddresses

from kedang.records import identifiers as shapes
from kedang.records.content import Finding, FindingCategory
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.days import day_of
from kedang.resolution.forms import organisation_form, person_form
from kedang.resolution.mention import (
    ORGANISATIONS_OWN,
    Mention,
    MentionKind,
    identifier_in,
    is_name,
    named,
)
from kedang.resolution.roles import Role, role_of_label

_BLOCK_LENGTH = 400  # characters behind an organisation's name in which its numbers may stand
_PERSON_REACH = 120  # characters behind a person's name in which his numbers may stand
_LABEL_REACH = 14
_REPRESENTATIVE = re.compile(
    r"(?:方|人|单位)(?:授权)?(?:委托)?代表(?:人)?(?:[(（][^()（）\n]{0,10}[)）])?[ :：\t]*$|[Ff]or the (?:Buyer|Seller)[ :：]*$"
)
_BARE_LABEL = re.compile(r"([\u4e00-\u9fa5]{2,4}|[A-Z][a-z]+)(?:[(（][^()（）\n]{0,10}[)）])?[ :：\t]*\Z")
_HAN_END = re.compile(r"[\u4e00-\u9fa5]\Z")
_SINGLE_PARTY = re.compile(r"[\u4e00-\u9fa5]人(?:[(（][^()（）\n]{0,10}[)）])?(?:姓名|签字)?[ :：\t\n]*$")
_SIGNATURE = re.compile(
    r"^[ \t]*(?:--[ ]?|_{5,}|此致.{0,8}|敬礼[!！]?|顺颂商祺.{0,4}|祝商祺.{0,4}|祝好[!！。]?|谢谢[!！。]?|(?:Best|Kind|Warm)? ?[Rr]egards,?|Sincerely.{0,6}|Thanks.{0,6})[ \t]*$",
    re.MULTILINE,
)
_SIGNATURE_LENGTH = 400  # characters below the closing words
_QUOTED = re.compile(
    r"^(?:>|-{2,} ?(?:原始邮件|Original Message|转发)|发件人[:：]|From:|在 .{4,60}写道)", re.MULTILINE
)
_HEADERS = re.compile(r"(?:From|To|发件人|收件人)[:：]")
_FIRM = re.compile(r"公司|集团|商行|银行|店$|部$|中心$")


def in_headers(metadata: Sequence[tuple[str, str]]) -> Iterator[Mention]:
    """Senders and receivers of a message: the name with its address."""
    for field, role in (("from", Role.SENDER), ("to", Role.RECIPIENT), ("cc", Role.RECIPIENT)):
        values = [value for name, value in metadata if name == field]
        for display, address in getaddresses(values):
            email = shapes.email_of(address)
            if email is None:
                continue
            organisation = bool(_FIRM.search(display))
            yield Mention(
                kind=MentionKind.ORGANISATION if organisation else MentionKind.PERSON,
                start=0,
                end=0,
                raw=display,
                normalised=organisation_form(display) if organisation else person_form(display),
                role=role,
                identifiers=(Identifier(IdentifierKind.EMAIL, email),),
            )


class TextMentions:
    """The mentions of a text outside of tables. `is_contract` and `is_message` say what kind of record it is."""

    def __init__(self, text: str, *, is_contract: bool, is_message: bool) -> None:
        self._text = text
        self._is_contract = is_contract
        self._signature = _signature(text) if is_message else (0, 0)

    def of(self, findings: Sequence[Finding]) -> Iterator[Mention]:
        """The mentions of these findings, in their order."""
        names = [finding for finding in findings if is_name(finding)]
        owned = self._owned(findings, names)
        firms: set[str] = set()
        for name in names:
            role, label = self._role(name), self._label(name)
            if name.category is FindingCategory.ORGANISATION_NAME:
                firms |= {label} if label else set()
            elif role in (Role.CONTRACT_PARTY, Role.BUYER) and label in firms:
                role = Role.CONTACT  # the label has named a firm before: this is who signs for it
            mine = owned.get(name.start, ())
            yield self._with_facts(named(self._text, name, role, self._numbers(mine)), mine)

    def _owned(self, findings: Sequence[Finding], names: Sequence[Finding]) -> dict[int, list[Finding]]:
        """What belongs to each name, by where the name stands."""
        owned: dict[int, list[Finding]] = {}
        signed = [name for name in names if self._is_signed(name)]
        persons = [name for name in signed if name.category is FindingCategory.PERSON_NAME]
        for finding in findings:
            if is_name(finding):
                continue
            owner = self._owner(finding, names)
            if owner is not None:
                owned.setdefault(owner.start, []).append(finding)
            theirs = finding.category in (FindingCategory.MOBILE_PHONE, FindingCategory.EMAIL)
            if theirs and len(persons) == 1 and owner is not persons[0] and self._is_signed(finding):
                owned.setdefault(persons[0].start, []).append(finding)  # his firm stands between
        return owned

    def _numbers(self, findings: Sequence[Finding]) -> list[Identifier]:
        found = (identifier_in(self._text, finding) for finding in findings)
        return [number for number in found if number is not None]

    def _with_facts(self, mention: Mention, findings: Sequence[Finding]) -> Mention:
        """The mention with the address and birth date that stand behind its name."""
        said = {finding.category: self._text[finding.start : finding.end] for finding in reversed(findings)}
        address = said.get(FindingCategory.ADDRESS, "")
        born = day_of(said.get(FindingCategory.BIRTH_DATE, ""))
        return replace(mention, address=address, birth_date=born) if address or born else mention

    def _is_signed(self, finding: Finding) -> bool:
        return self._signature[0] <= finding.start < self._signature[1]

    def _label(self, name: Finding) -> str:
        """The bare word of the label before a name, empty when there is none."""
        found = _BARE_LABEL.search(self._text, max(0, name.start - _LABEL_REACH), name.start)
        return found.group(1) if found else ""

    def _owner(self, number: Finding, names: Sequence[Finding]) -> Finding | None:
        """The name a number belongs to: the last fitting one before it in the same block; None when it is not plain.

        An address behind a contact is his firm's; of a birth date there is none but a person's.
        """
        if number.category is FindingCategory.ADDRESS:
            return self._last(number, names, wants_organisation=True) or self._last(
                number, names, wants_organisation=False
            )
        if number.category is FindingCategory.BIRTH_DATE:
            names = [name for name in names if name.category is FindingCategory.PERSON_NAME]
        return self._last(number, names, wants_organisation=number.category in ORGANISATIONS_OWN)

    def _last(self, number: Finding, names: Sequence[Finding], *, wants_organisation: bool) -> Finding | None:
        place = bisect_right([name.start for name in names], number.start) - 1
        while place >= 0 and number.start - names[place].end <= _BLOCK_LENGTH:
            name = names[place]
            between = self._text[name.end : number.start]
            organisation = name.category is FindingCategory.ORGANISATION_NAME
            if "\n\n\n" in between:
                return None
            if organisation:
                return name
            if not wants_organisation:
                return name if len(between) <= _PERSON_REACH and between.count("\n") <= 3 else None
            place -= 1
        return None

    def _role(self, name: Finding) -> Role:
        before = self._text[max(0, name.start - _LABEL_REACH) : name.start]
        role = role_of_label(before) or Role.NAMED
        if role is Role.BUYER and name.category is FindingCategory.PERSON_NAME and _HAN_END.search(before):
            return Role.NAMED  # 老客户胡景行住在…: a sentence, and no field of a form
        if name.category is FindingCategory.PERSON_NAME and _REPRESENTATIVE.search(before):
            return Role.CONTACT  # he signs for a party and is none
        if role is Role.BUYER and self._is_contract:
            return Role.CONTRACT_PARTY
        if role is Role.CONTRACT_PARTY and not self._is_contract and _SINGLE_PARTY.search(before):
            return Role.NAMED  # 借款人 of a pay slip, 委托人 of a power of attorney
        return Role.SIGNATURE if role is Role.NAMED and self._is_signed(name) else role


def _signature(text: str) -> tuple[int, int]:
    """Where the first signature of a message stands, before what it quotes."""
    body = text.find("\n\n") + 1 if _HEADERS.match(text) else 0
    quoted = _QUOTED.search(text, body)
    end = quoted.start() if quoted else len(text)
    closings = list(_SIGNATURE.finditer(text, body, end))
    return (closings[-1].end(), min(end, closings[-1].end() + _SIGNATURE_LENGTH)) if closings else (0, 0)
