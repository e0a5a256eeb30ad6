"""Who is named in a record, as one JSON document that is sealed beside the derived payload.

Whoever compares mentions later reads these and never parses the record anew. They are kept as they are written,
with the numbers beside them: normal forms are made when they are compared, and may grow better.
Format: docs/formats/mentions.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.forms import organisation_form, person_form
from kedang.resolution.links import Own, extends_customer
from kedang.resolution.mention import Mention, MentionKind
from kedang.resolution.roles import Role

MENTIONS_VERSION = 1
FOUNDING = {Role.CUSTOMER_LIST: 0, Role.ALIAS: 1, Role.CONTRACT_PARTY: 2, Role.BUYER: 3}
NEVER = 9


@dataclass(frozen=True, slots=True)
class KeptMention:
    """One mention; `at` is its place among all mentions of the record."""

    at: int
    founding: int
    """When its keys become a customer's, as MentionKeys says."""
    mention: Mention


class _Line(msgspec.Struct, omit_defaults=True):
    at: int
    kind: MentionKind
    role: Role
    start: int
    end: int
    raw: str
    founding: int = NEVER
    numbers: tuple[tuple[IdentifierKind, str], ...] = ()
    row: tuple[int, int] | None = None
    address: str = ""
    birth_date: str = ""
    accounts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class _Document(msgspec.Struct):
    version: int
    mentions: tuple[_Line, ...]


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_Document)


def founding_of(mention: Mention, own: Own) -> int:
    """When the mention's keys become a customer's, as MentionKeys says."""
    return FOUNDING.get(mention.role, NEVER) if extends_customer(mention, own) else NEVER


def encode_mentions(mentions: Sequence[Mention], own: Own) -> bytes:
    """The document of all mentions but the closing company's; empty when there are none."""
    return encode_numbered(enumerate(mentions), own)


def encode_numbered(mentions: Iterable[tuple[int, Mention]], own: Own) -> bytes:
    """The same of mentions that have their numbers, which need not follow one another."""
    lines = [_line(at, mention, own) for at, mention in mentions if not own.is_own(mention)]
    return _ENCODER.encode(_Document(MENTIONS_VERSION, tuple(lines))) if lines else b""


def decode_mentions(payload: bytes) -> tuple[KeptMention, ...]:
    """The mentions read back; every release reads all earlier versions.

    Raises:
        msgspec.MsgspecError: no such document.
    """
    return tuple(map(_read, _DECODER.decode(payload).mentions)) if payload else ()


def _line(at: int, mention: Mention, own: Own) -> _Line:
    return _Line(
        at=at,
        kind=mention.kind,
        role=mention.role,
        start=mention.start,
        end=mention.end,
        raw=mention.raw,
        founding=founding_of(mention, own),
        numbers=tuple((number.kind, number.value) for number in mention.identifiers),
        row=mention.row,
        address=mention.address,
        birth_date=mention.birth_date,
        accounts=mention.accounts,
        keys=mention.keys,
    )


def _read(line: _Line) -> KeptMention:
    form = person_form if line.kind is MentionKind.PERSON else organisation_form
    mention = Mention(
        kind=line.kind,
        start=line.start,
        end=line.end,
        raw=line.raw,
        normalised=form(line.raw),
        role=line.role,
        identifiers=tuple(Identifier(kind, value) for kind, value in line.numbers),
        row=line.row,
        address=line.address,
        birth_date=line.birth_date,
        accounts=line.accounts,
        keys=line.keys,
    )
    return KeptMention(line.at, line.founding, mention)
