"""Objects embedded in office documents (OOXML, ODF): whole files that somebody put inside a document.

Members are the files under `embeddings/` and ODF's binary objects. Pictures, charts and other parts of the
document itself are no members. An object in an OLE wrapper is taken out of it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import replace

from kedang.accession.containers.ole import MARK, CompoundFile, OleBroken
from kedang.accession.containers.whole import in_pieces, member_bytes
from kedang.accession.containers.zips import members_of as zip_members
from kedang.accession.contents import BytesContent
from kedang.accession.members import NOT_TAKEN_OUT, Damage, Member, MemberKind, Opening
from kedang.accession.names import readable_name
from kedang.records.errors import KedangError

_EMBEDDED = re.compile(r"(?:(?:word|xl|ppt|visio)/embeddings/[^/]+|Object \d+)", re.IGNORECASE)
_NATIVE = "\x01Ole10Native"
_WRAPPED = ("Package", "CONTENTS")  # streams that hold the file as it is


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The embedded files in the order of the document's zip directory."""
    for step in zip_members(opening):
        if not _EMBEDDED.fullmatch(step.name):
            continue
        if isinstance(step, Damage):
            yield replace(step, range=None)
        elif step.ordinal > opening.start_after:
            yield _taken_out(opening, step)


def _taken_out(opening: Opening, member: Member) -> Member | Damage:
    """The member itself, or the file inside its OLE wrapper."""
    plain = replace(member, kind=MemberKind.EMBEDDED, range=None, verbatim=None)
    try:
        with member.open() as stream:
            wrapped = stream.read(len(MARK)) == MARK
        octets = member_bytes(opening, member) if wrapped else None
    except KedangError as error:
        return Damage(member.ordinal, error.code, member.raw_name, member.name)
    if octets is None:
        return plain
    try:
        ole = CompoundFile(BytesContent(octets))
    except OleBroken:
        return Damage(member.ordinal, NOT_TAKEN_OUT, member.raw_name, member.name)
    if _NATIVE in ole.entries:
        return _native(opening, plain, ole.stream(_NATIVE))
    for name in _WRAPPED:
        if name in ole.entries:
            return _with_bytes(opening, plain, ole.stream(name))
    return plain


def _with_bytes(opening: Opening, member: Member, octets: bytes) -> Member:
    return replace(
        member,
        chunks=lambda: opening.metered(in_pieces(octets), paid=True),
        size_bytes=len(octets),
    )


def _native(opening: Opening, member: Member, octets: bytes) -> Member | Damage:
    """The file in an Ole10Native stream: sizes, label, path, flags, temporary path, bytes."""
    try:
        label, position = _zero_ended(octets, 6)
        _, position = _zero_ended(octets, position)
        (length,) = struct.unpack_from("<I", octets, position + 4)
        position += 8 + length
        (size,) = struct.unpack_from("<I", octets, position)
    except (struct.error, ValueError):
        return Damage(member.ordinal, NOT_TAKEN_OUT, member.raw_name, member.name)
    held = octets[position + 4 : position + 4 + size]
    if len(held) < size:
        return Damage(member.ordinal, NOT_TAKEN_OUT, member.raw_name, member.name)
    folder = member.name.rpartition("/")[0]
    name = f"{folder}/{readable_name(label)}" if label else member.name
    return _with_bytes(opening, replace(member, name=name), held)


def _zero_ended(octets: bytes, start: int) -> tuple[bytes, int]:
    end = octets.index(b"\0", start)
    return octets[start:end], end + 1
