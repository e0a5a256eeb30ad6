"""Messages of a pst or ost, composed as mails: folder by folder, then what no folder names any more.

The folder path stands before each name. Of a message inside a message only its own properties can be had:
its recipients, attachments and long texts are missing, which the mail and a damage say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypff

from kedang.accession.containers import mapi
from kedang.accession.containers.heaps import HeapBroken, properties_of
from kedang.accession.containers.mapi import MapiAttachment, MapiMessage, Properties
from kedang.accession.containers.rendering import rendered
from kedang.accession.fixity import CHUNK_BYTES
from kedang.accession.members import (
    NOT_OPENED,
    NOT_TAKEN_OUT,
    Damage,
    Member,
    MemberKind,
    Opening,
    read_again,
)
from kedang.accession.names import readable_name

_INNER_BLOCK_BYTES = 16 * 1024 * 1024  # properties of one message; its long values lie elsewhere
_ORPHANS = "orphans"  # folder name of messages that no folder names; never shown by Outlook
_WANTED = frozenset(
    {
        mapi.MESSAGE_CLASS, mapi.SUBJECT, mapi.SENT, mapi.TRANSPORT_HEADERS, mapi.RECEIVED, mapi.SENDER_NAME,
        mapi.SENDER_ADDRESS, mapi.SENDER_SMTP, mapi.REPRESENTING_NAME, mapi.REPRESENTING_ADDRESS,
        mapi.REPRESENTING_SMTP, mapi.BODY, mapi.RTF, mapi.HTML, mapi.MESSAGE_ID, mapi.IN_REPLY_TO,
        mapi.DISPLAY_NAME, mapi.DISPLAY_TO, mapi.DISPLAY_CC, mapi.ADDRESS, mapi.SMTP_ADDRESS, mapi.RECIPIENT_KIND, mapi.MODIFIED,
        mapi.INTERNET_CODE_PAGE, mapi.MESSAGE_CODE_PAGE, mapi.ATTACH_METHOD, mapi.ATTACH_NAME,
        mapi.ATTACH_LONG_NAME, mapi.ATTACH_TYPE, mapi.ATTACH_CONTENT_ID, *mapi.DETAILS,
    }
)  # fmt: skip


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The messages in the order of the folders."""
    with opening.content.open() as stream:
        file = pypff.file()
        try:
            file.open_file_object(stream)
        except OSError:
            yield Damage(0, NOT_OPENED)
            return
        reading = _Reading()
        try:
            yield from _in_order(opening, file, reading)
        finally:
            reading.closed = True
            file.close()


@dataclass(slots=True)
class _Reading:
    """Whether the file that messages are read from is closed."""

    closed: bool = False


def _in_order(opening: Opening, file: Any, reading: _Reading) -> Iterator[Member | Damage]:
    ordinal = 0
    for path, message in _messages(file):
        if ordinal > opening.start_after:
            yield _member(opening, ordinal, path, message, reading)
        ordinal += 1
        if message is not None:
            for code in _unreached(message):
                yield Damage(ordinal, code)
                ordinal += 1


def _messages(file: Any) -> Iterator[tuple[str, Any]]:
    """(folder path, message) of every message, None for a message or folder that cannot be opened."""
    waiting = [("", file.get_root_folder())]
    seen: set[int] = set()
    while waiting:
        path, folder = waiting.pop()
        number = _count(folder, "identifier")
        if number and number in seen:
            continue
        seen.add(number)
        for index in range(_count(folder, "number_of_sub_messages")):
            yield path, _got(folder.get_sub_message, index)
        folders = range(_count(folder, "number_of_sub_folders"))
        inner = [_got(folder.get_sub_folder, index) for index in folders]
        yield from ((path, None) for one in inner if one is None)
        waiting += [(_joined(path, one), one) for one in reversed(inner) if one is not None]
    for index in range(_count(file, "number_of_orphan_items")):
        item = _got(file.get_orphan_item, index)
        if item is None or isinstance(item, pypff.message):
            yield _ORPHANS, item


def _joined(path: str, folder: Any) -> str:
    try:
        name = folder.name or ""
    except OSError:
        name = ""
    return f"{path}/{name}" if path and name else path or name


def _count(owner: Any, name: str) -> int:
    try:
        return int(getattr(owner, name) or 0)
    except OSError:
        return 0


def _got(get: Any, index: int) -> Any:
    try:
        return get(index)
    except OSError:
        return None


def _member(opening: Opening, ordinal: int, path: str, message: Any, reading: _Reading) -> Member | Damage:
    if message is None:
        return Damage(ordinal, NOT_OPENED, path.encode("utf-8", "surrogatepass"), path)
    raw_name = f"{path}/{message.identifier}".encode("utf-8", "surrogatepass")
    try:
        subject = " ".join((message.subject or "").split())
        modified = _properties(message).moment(mapi.MODIFIED)
    except OSError:
        subject, modified = "", None
    title = subject.replace("/", "∕") or f"message-{message.identifier}"
    return Member(
        ordinal=ordinal,
        raw_name=raw_name,
        name=readable_name(f"{path}/{title}.eml".encode("utf-8", "replace")),
        kind=MemberKind.MESSAGE,
        chunks=lambda: read_again(opening, ordinal) if reading.closed else opening.metered(_mail(message)),
        modified=modified,
        derived=True,
    )


def _mail(message: Any) -> Iterator[bytes]:
    properties = _properties(message)
    attachments = tuple(
        _attachment(message.get_attachment(index), properties)
        for index in range(_count(message, "number_of_attachments"))
    )
    yield from rendered(MapiMessage(properties, _recipients(message), attachments), origin="pst")


def _properties(item: Any, code_page: int | None = None) -> Properties:
    values: dict[int, tuple[int, bytes]] = {}
    for record_set in item.record_sets:
        values = _values(record_set)
        break  # a message, an attachment have one set
    _without_subject_prefix(values)
    return Properties(values, code_page)


def _values(record_set: Any) -> dict[int, tuple[int, bytes]]:
    """The wanted properties; one whose bytes cannot be read is left out."""
    values: dict[int, tuple[int, bytes]] = {}
    for entry in record_set.entries:
        try:
            tag = entry.entry_type
            if tag in _WANTED and tag not in values:
                values[tag] = (entry.value_type or 0, entry.data or b"")
        except OSError:
            continue
    return values


def _without_subject_prefix(values: dict[int, tuple[int, bytes]]) -> None:
    """A subject may begin with a mark and the length of its "Re: " (MS-PST, section 2.5.3.1.1.1)."""
    kind, octets = values.get(mapi.SUBJECT, (0, b""))
    width = 2 if kind == mapi.UNICODE else 1
    if octets[:width] == b"\x01\0"[:width]:
        values[mapi.SUBJECT] = (kind, octets[2 * width :])


def _recipients(message: Any) -> tuple[Properties, ...]:
    try:
        table = message.recipients
        sets = list(table.record_sets) if table is not None else []
    except OSError:
        return ()
    page = _properties(message).number(mapi.INTERNET_CODE_PAGE)
    return tuple(Properties(_values(record_set), page) for record_set in sets)


def _attachment(attachment: Any, message: Properties) -> MapiAttachment:
    properties = _properties(attachment, message.number(mapi.INTERNET_CODE_PAGE))
    name = (
        properties.text(mapi.ATTACH_LONG_NAME)
        or properties.text(mapi.ATTACH_NAME)
        or properties.text(mapi.DISPLAY_NAME)
    )
    media_type = properties.text(mapi.ATTACH_TYPE)
    inner: MapiMessage | None = None
    if properties.number(mapi.ATTACH_METHOD) == mapi.EMBEDDED_MESSAGE:
        inner = _inner(attachment)
        media_type, name = "application/x-mapi-properties", f"{name}.{'eml' if inner else 'mapi'}"
    return MapiAttachment(
        name,
        media_type if "/" in media_type else "application/octet-stream",
        properties.text(mapi.ATTACH_CONTENT_ID),
        lambda: _data(attachment),
        inner,
    )


def _inner(attachment: Any) -> MapiMessage | None:
    """The message inside, as far as its block tells; None when it is no block of properties."""
    if (attachment.size or 0) > _INNER_BLOCK_BYTES:
        return None
    try:
        held = properties_of(b"".join(_data(attachment)))
    except HeapBroken:
        return None
    _without_subject_prefix(held.values)
    return MapiMessage(Properties(held.values), (), (), incomplete=True)


def _data(attachment: Any) -> Iterator[bytes]:
    left = attachment.size or 0
    attachment.seek_offset(0)
    while left > 0:
        piece = attachment.read_buffer(min(left, CHUNK_BYTES))
        if not piece:
            raise EOFError
        left -= len(piece)
        yield piece


def _unreached(message: Any) -> Iterator[str]:
    """A code for each message inside the message."""
    for index in range(_count(message, "number_of_attachments")):
        attachment = _got(message.get_attachment, index)
        if attachment is None:
            yield NOT_TAKEN_OUT
            continue
        try:
            method = _properties(attachment).number(mapi.ATTACH_METHOD)
        except OSError:
            continue  # reading the message reports it
        if method == mapi.EMBEDDED_MESSAGE:
            yield NOT_TAKEN_OUT
