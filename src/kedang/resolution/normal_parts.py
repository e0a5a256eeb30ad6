"""Mentions in the normal forms in which they are compared."""

from __future__ import annotations

from kedang.records.identifiers import IdentifierKind, birth_date_of
from kedang.resolution.addresses import address_of
from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.mention import Mention, MentionKind
from kedang.resolution.organisation_names import organisation_name_of
from kedang.resolution.person_names import person_name_of
from kedang.resolution.sounds import sound_of, syllables_of

_CERTAIN = frozenset({
    IdentifierKind.RESIDENT_ID, IdentifierKind.PASSPORT, IdentifierKind.TRAVEL_PERMIT, IdentifierKind.CREDIT_CODE,
})  # fmt: skip
_HANDLES = {IdentifierKind.WECHAT_ID: "wechat", IdentifierKind.QQ_ID: "qq"}
_QQ_MAIL = "@qq.com"


def comparable_of(mention: Mention, *, id: str, source: str = "") -> Comparable:
    """A mention in normal forms under the opaque `id`.

    `source` names the system or desk from which the record came: numbers that only a firm's own system gives
    (customer number, foreign key) mean the same within it alone.
    """
    named = _person(mention) if mention.kind is MentionKind.PERSON else _organisation(mention)
    return Comparable(
        id=id,
        kind=mention.kind,
        name=named.name,
        weak_name=named.weak_name,
        surname=named.surname,
        given_name=named.given_name,
        sound=named.sound,
        core=named.core,
        region=named.region,
        industry=named.industry,
        legal_form=named.legal_form,
        branch=named.branch,
        certain=tuple(one for one in mention.identifiers if one.kind in _CERTAIN),
        mobiles=_values(mention, IdentifierKind.MOBILE_PHONE),
        landlines=_values(mention, IdentifierKind.LANDLINE),
        emails=_values(mention, IdentifierKind.EMAIL),
        accounts=tuple(dict.fromkeys((*_values(mention, IdentifierKind.BANK_CARD), *mention.accounts))),
        handles=_handles(mention),
        keys=tuple(f"{source}:{key}" for key in mention.keys),
        address=address_of(mention.address) if mention.address else Address(),
        birth_date=mention.birth_date or _born(mention),
    )


def _person(mention: Mention) -> Comparable:
    name = person_name_of(mention.raw or mention.normalised)
    return Comparable(
        id="",
        kind=mention.kind,
        name=name.full,
        weak_name=name.is_weak and bool(name.full),
        surname=name.surname,
        given_name=name.given_name,
        sound=name.sound,
    )


def _organisation(mention: Mention) -> Comparable:
    name = organisation_name_of(mention.raw or mention.normalised)
    cut = [syllables_of(word) for word in name.core.split()] if name.core.isascii() else [()]
    spelt = " ".join(syllable for some in cut for syllable in some) if all(cut) else ""
    return Comparable(
        id="",
        kind=mention.kind,
        name=name.full,
        sound=spelt or sound_of(name.core),
        core=name.core,
        region=name.region,
        industry=name.industry,
        legal_form=name.legal_form,
        branch=name.branch,
    )


def _values(mention: Mention, kind: IdentifierKind) -> tuple[str, ...]:
    return tuple(one.value for one in mention.identifiers if one.kind is kind)


def _handles(mention: Mention) -> tuple[str, ...]:
    """wechat:… and qq:…; a mail box at qq.com is a QQ number too."""
    said = [f"{_HANDLES[one.kind]}:{one.value}" for one in mention.identifiers if one.kind in _HANDLES]
    boxes = (
        mail.removesuffix(_QQ_MAIL)
        for mail in _values(mention, IdentifierKind.EMAIL)
        if mail.endswith(_QQ_MAIL)
    )
    return tuple(dict.fromkeys((*said, *(f"qq:{box}" for box in boxes if box.isdigit()))))


def _born(mention: Mention) -> str:
    for number in _values(mention, IdentifierKind.RESIDENT_ID):
        born = birth_date_of(number)
        if born is not None:
            return born.isoformat()
    return ""
