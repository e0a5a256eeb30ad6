"""Attachments inside winmail.dat (MS-OXTNEF), as Outlook sends them to other programs.

Order: signature and key, then attributes of level, id, length, data, checksum. An attribute "rendering data"
begins the next attachment.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from kedang.accession.containers.whole import in_pieces, whole_bytes
from kedang.accession.members import NOT_OPENED, TRUNCATED, Damage, Member, MemberKind, Opening
from kedang.accession.names import hinted_name, readable_name

_SIGNATURE = 0x223E9F78
_TITLE, _DATA, _RENDERING, _PROPERTIES = 0x00018010, 0x0006800F, 0x00069002, 0x00069005
_LONG_NAME = 0x3707
_STRINGS = {0x1E: None, 0x1F: "utf-16-le"}
_FIXED_BYTES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x0D, 0x1E, 0x1F, 0x102}


@dataclass(slots=True)
class _Attached:
    title: bytes = b""
    long_name: str = ""
    octets: bytes | None = None


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The attachments in order; the mail's own text is read by its text reader."""
    octets = whole_bytes(opening)
    if octets is None or len(octets) < 6 or struct.unpack_from("<I", octets)[0] != _SIGNATURE:
        yield Damage(0, NOT_OPENED)
        return
    attached: list[_Attached] = []
    broken = False
    for identifier, value in _attributes(octets):
        if identifier is None:
            broken = True
        elif identifier == _RENDERING:
            attached.append(_Attached())
        elif attached:
            _note(attached[-1], identifier, value)
    ordinal = -1
    for ordinal, one in enumerate(attached):
        if ordinal > opening.start_after:
            yield _member(opening, ordinal, one)
    if broken:
        yield Damage(ordinal + 1, TRUNCATED)


def _attributes(octets: bytes) -> Iterator[tuple[int | None, bytes]]:
    """(id, data) of each attribute; id None where the file breaks off."""
    position = 6
    while position < len(octets):
        if position + 9 > len(octets):
            yield None, b""
            return
        identifier, length = struct.unpack_from("<II", octets, position + 1)
        value = octets[position + 9 : position + 9 + length]
        if len(value) < length:
            yield None, b""
            return
        yield identifier, value
        position += 9 + length + 2


def _note(attached: _Attached, identifier: int, value: bytes) -> None:
    if identifier == _TITLE:
        attached.title = value.rstrip(b"\0")
    elif identifier == _DATA:
        attached.octets = value
    elif identifier == _PROPERTIES:
        attached.long_name = _long_name(value)


def _long_name(block: bytes) -> str:
    """The long file name among the MAPI properties of an attachment; empty when there is none."""
    try:
        (count,) = struct.unpack_from("<I", block)
        position = 4
        for _ in range(count):
            kind, tag = struct.unpack_from("<HH", block, position)
            position += 4
            if tag >= 0x8000 or kind not in _VARIABLE:
                if kind not in _FIXED_BYTES or tag >= 0x8000:
                    return ""
                position += _FIXED_BYTES[kind]
                continue
            values, length = struct.unpack_from("<II", block, position)
            if values != 1:
                return ""
            value = block[position + 8 : position + 8 + length]
            position += 8 + length + (-length % 4)
            if tag == _LONG_NAME and kind in _STRINGS:
                if kind == 0x1F:
                    return value.decode("utf-16-le", "replace").rstrip("\0")
                return readable_name(value.rstrip(b"\0"))
    except struct.error:
        return ""
    return ""


def _member(opening: Opening, ordinal: int, attached: _Attached) -> Member | Damage:
    name = attached.long_name or hinted_name(attached.title, opening.charset)
    octets = attached.octets
    if octets is None:
        return Damage(ordinal, TRUNCATED, attached.title, name)
    return Member(
        ordinal=ordinal,
        raw_name=attached.title,
        name=name or f"part-{ordinal + 1}",
        kind=MemberKind.ATTACHMENT,
        chunks=lambda: opening.metered(in_pieces(octets)),
        size_bytes=len(octets),
    )
