"""Attachments of an Outlook message file (MS-OXMSG). A message inside it is composed as a mail.

Order: storages `__attach_version1.0_#NNNNNNNN` and `__recip_version1.0_#NNNNNNNN`, each with a stream of
fixed properties and one stream `__substg1.0_TTTTKKKK` for each long one (tag, type).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from kedang.accession.containers import mapi
from kedang.accession.containers.mapi import MapiAttachment, MapiMessage, Properties
from kedang.accession.containers.ole import CompoundFile, OleBroken
from kedang.accession.containers.rendering import rendered
from kedang.accession.members import NOT_TAKEN_OUT, Damage, Member, MemberKind, Opening
from kedang.accession.names import readable_name

_ATTACHMENT, _RECIPIENT, _LONG = "__attach_version1.0_#", "__recip_version1.0_#", "__substg1.0_"
_FIXED = "__properties_version1.0"
_HEADER_BYTES = {"message": 32, "inner": 24, "other": 8}  # before the fixed properties
_NESTED_MESSAGES = 8


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The attachments in the order of their numbers; none when the file cannot be opened as one."""
    try:
        file = CompoundFile(opening.content)
    except OleBroken:
        return
    message = _properties(file, "", "message")
    attached = [entry for entry in file.children("") if entry.name.startswith(_ATTACHMENT)]
    for ordinal, entry in enumerate(attached):
        if ordinal > opening.start_after:
            yield _member(opening, ordinal, _attachment(file, entry.path, message, 0))


def _member(opening: Opening, ordinal: int, attachment: MapiAttachment | None) -> Member | Damage:
    if attachment is None:
        return Damage(ordinal, NOT_TAKEN_OUT)
    raw_name = attachment.name.encode("utf-8", "surrogatepass")
    inner = attachment.message
    name = readable_name(raw_name) or f"part-{ordinal + 1}"
    if inner is None:
        chunks = attachment.chunks
    else:
        name += ".eml"

        def chunks() -> Iterator[bytes]:
            return rendered(inner, origin="msg")

    return Member(
        ordinal=ordinal,
        raw_name=raw_name,
        name=name,
        kind=MemberKind.ATTACHMENT if inner is None else MemberKind.MESSAGE,
        chunks=lambda: opening.metered(chunks(), packed_bytes=opening.content.size_bytes),
        derived=inner is not None,
    )


def _attachment(file: CompoundFile, path: str, message: Properties, level: int) -> MapiAttachment | None:
    """The attachment at a storage; None for an OLE object that is no file."""
    properties = _properties(file, path, "other", message.number(mapi.MESSAGE_CODE_PAGE))
    name = properties.text(mapi.ATTACH_LONG_NAME) or properties.text(mapi.ATTACH_NAME)
    name = name or properties.text(mapi.DISPLAY_NAME)
    media_type = properties.text(mapi.ATTACH_TYPE)
    data = f"{path}/{_LONG}{mapi.ATTACH_DATA:04X}{mapi.BINARY:04X}"
    inner = f"{path}/{_LONG}{mapi.ATTACH_DATA:04X}{mapi.OBJECT:04X}"
    if data not in file.entries and inner not in file.entries:
        return None
    held: MapiMessage | None = None
    if data not in file.entries:
        if properties.number(mapi.ATTACH_METHOD) != mapi.EMBEDDED_MESSAGE or level >= _NESTED_MESSAGES:
            return None
        held = _message(file, inner, level + 1)
    return MapiAttachment(
        name,
        media_type if "/" in media_type else "application/octet-stream",
        properties.text(mapi.ATTACH_CONTENT_ID),
        lambda: file.chunks(data),
        held,
    )


def _message(file: CompoundFile, path: str, level: int) -> MapiMessage:
    properties = _properties(file, path, "inner")
    page = properties.number(mapi.MESSAGE_CODE_PAGE)
    children = file.children(path)
    recipients = tuple(
        _properties(file, entry.path, "other", page)
        for entry in children
        if entry.name.startswith(_RECIPIENT)
    )
    attachments = (
        _attachment(file, entry.path, properties, level)
        for entry in children
        if entry.name.startswith(_ATTACHMENT)
    )
    return MapiMessage(properties, recipients, tuple(one for one in attachments if one is not None))


def _properties(file: CompoundFile, path: str, kind: str, code_page: int | None = None) -> Properties:
    prefix = f"{path}/" if path else ""
    values: dict[int, tuple[int, bytes]] = {}
    fixed = file.stream(prefix + _FIXED)
    for at in range(_HEADER_BYTES[kind], len(fixed) - 15, 16):
        value_type, tag = struct.unpack_from("<HH", fixed, at)
        if value_type in (mapi.INTEGER, mapi.BOOLEAN, mapi.TIME):
            values[tag] = (value_type, fixed[at + 8 : at + 16])
    for entry in file.children(path):
        digits = entry.name[len(_LONG) :]
        if not entry.name.startswith(_LONG) or not entry.is_stream or len(digits) != 8:
            continue
        tag, value_type = int(digits[:4], 16), int(digits[4:], 16)
        if tag != mapi.ATTACH_DATA and value_type in (mapi.STRING8, mapi.UNICODE, mapi.BINARY):
            values[tag] = (value_type, file.stream(entry.path))
    return Properties(values, code_page)
