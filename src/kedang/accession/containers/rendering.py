"""A message of pst or msg as a mail (RFC 5322), the same bytes every time.

Outlook does not keep the mail that arrived, so this is composed from what it kept: the transport headers
word for word where they exist (but for those that describe the old parts), else headers from the
properties; the texts as they stand; every attachment. `X-Kedang-Derived` says so in the mail. All parts
are base64, so that no text can look like a boundary.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from email.header import Header
from email.utils import format_datetime

from kedang.accession.containers import mapi
from kedang.accession.containers.mapi import MapiAttachment, MapiMessage, Properties

_LINE_OCTETS = 57  # 76 characters of base64 (RFC 2045, section 6.8)
_PIECE_OCTETS = _LINE_OCTETS * 1024
_OLD_PARTS = re.compile(r"(content-[\w-]*|mime-version)\s*:", re.IGNORECASE)
_FIELD = re.compile(r"[!-9;-~]+[ \t]*:")
_RECIPIENT_FIELDS = {1: "To", 2: "Cc", 3: "Bcc"}
_NESTED_MESSAGES = 8  # messages in messages in one rendering; deeper ones are left out


def rendered(message: MapiMessage, *, origin: str, level: int = 0) -> Iterator[bytes]:
    """The mail piece by piece. `origin` names the container's format in X-Kedang-Derived."""
    fields = [*_fields(message), f"X-Kedang-Derived: {origin}"]
    message_class = message.properties.text(mapi.MESSAGE_CLASS)
    if message.incomplete:
        fields.append("X-Kedang-Incomplete: recipients, attachments and long texts could not be reached")
    if message_class:
        fields.append(_field("X-Kedang-Message-Class", message_class))
    head = "\r\n".join(fields)
    seed = hashlib.sha256(f"{level}\0{head}".encode("utf-8", "replace")).hexdigest()[:32]
    boundary = f"=_kedang_{seed}"
    yield _wire(
        f'{head}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
    )
    mark = f"--{boundary}\r\n".encode()
    bodies = list(_bodies(message))
    if len(bodies) > 1:
        inner = f"=_alternative_{seed}"
        yield mark + f'Content-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode()
        for kind, octets in bodies:
            yield f"--{inner}\r\n".encode()
            yield from _part(f"Content-Type: {kind}", iter((octets,)))
        yield f"--{inner}--\r\n".encode()
    for kind, octets in bodies if len(bodies) == 1 else ():
        yield mark
        yield from _part(f"Content-Type: {kind}", iter((octets,)))
    for attachment in message.attachments:
        yield mark
        yield from _attached(attachment, origin, level)
    yield f"--{boundary}--\r\n".encode()


def _attached(attachment: MapiAttachment, origin: str, level: int) -> Iterator[bytes]:
    name = _encoded_parameter(attachment.name)
    disposition = f"Content-Disposition: attachment{name}"
    if attachment.message is not None and level < _NESTED_MESSAGES:
        yield _wire(f"Content-Type: message/rfc822\r\n{disposition}\r\n\r\n")
        yield from rendered(attachment.message, origin=origin, level=level + 1)
        yield b"\r\n"
        return
    head = f"Content-Type: {attachment.media_type}\r\n{disposition}"
    if attachment.content_id:
        head += "\r\n" + _field("Content-ID", f"<{attachment.content_id}>")
    yield from _part(head, attachment.chunks())


def _part(head: str, octets: Iterator[bytes]) -> Iterator[bytes]:
    yield _wire(f"{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    kept = b""
    for piece in octets:
        kept += piece
        while len(kept) >= _PIECE_OCTETS:
            yield _base64(kept[:_PIECE_OCTETS])
            kept = kept[_PIECE_OCTETS:]
    yield _base64(kept)


def _base64(octets: bytes) -> bytes:
    lines = (octets[at : at + _LINE_OCTETS] for at in range(0, len(octets), _LINE_OCTETS))
    return b"".join(binascii.b2a_base64(line, newline=False) + b"\r\n" for line in lines)


def _bodies(message: MapiMessage) -> Iterator[tuple[str, bytes]]:
    text = message.properties.text(mapi.BODY)
    details = _details(message)
    if text or details or not (message.html or message.rtf):
        yield "text/plain; charset=utf-8", (text + details).encode("utf-8", "replace")
    if message.html:
        charset = (
            "utf-8" if message.properties.values[mapi.HTML][0] == mapi.UNICODE else _html_charset(message)
        )
        yield f"text/html{charset and f'; charset={charset}'}", message.html
    elif message.rtf and not text:
        yield "application/rtf", message.rtf


def _html_charset(message: MapiMessage) -> str:
    page = message.properties.number(mapi.INTERNET_CODE_PAGE)
    return mapi.codec_of(page).replace("latin-1", "iso-8859-1").replace("cp", "windows-") if page else ""


def _details(message: MapiMessage) -> str:
    """What contacts, appointments and tasks hold beside their text, one line each."""
    if message.properties.text(mapi.MESSAGE_CLASS).upper().startswith(("IPM.NOTE", "REPORT.")):
        return ""
    found = ((label, message.properties.text(tag)) for tag, label in mapi.DETAILS.items())
    lines = [f"{label}: {value}\r\n" for label, value in found if value]
    return "\r\n" + "".join(lines) if lines else ""


def _fields(message: MapiMessage) -> Iterator[str]:
    properties = message.properties
    kept = list(_transport_fields(properties.text(mapi.TRANSPORT_HEADERS)))
    yield from kept
    known = {field.partition(":")[0].strip().lower() for field in kept}
    for name, value in _composed(properties, message.recipients):
        if value and name.lower() not in known:
            yield _field(name, value) if name not in _ADDRESSES else f"{name}: {value}"


_DISPLAYED = {"To": mapi.DISPLAY_TO, "Cc": mapi.DISPLAY_CC}
_ADDRESSES = frozenset({"From", "Sender", "To", "Cc", "Bcc"})


def _composed(properties: Properties, recipients: tuple[Properties, ...]) -> Iterator[tuple[str, str]]:
    sent = (
        properties.moment(mapi.SENT) or properties.moment(mapi.RECEIVED) or properties.moment(mapi.MODIFIED)
    )
    yield "Date", format_datetime(sent) if sent is not None else ""
    author = _address(properties, mapi.REPRESENTING_NAME, mapi.REPRESENTING_SMTP, mapi.REPRESENTING_ADDRESS)
    sender = _address(properties, mapi.SENDER_NAME, mapi.SENDER_SMTP, mapi.SENDER_ADDRESS)
    yield "From", author or sender
    yield "Sender", sender if author and sender != author else ""
    for number, name in _RECIPIENT_FIELDS.items():
        of_kind = [one for one in recipients if (one.number(mapi.RECIPIENT_KIND) or 1) & 15 == number]
        addresses = [_address(one, mapi.DISPLAY_NAME, mapi.SMTP_ADDRESS, mapi.ADDRESS) for one in of_kind]
        shown = properties.text(_DISPLAYED[name]) if not recipients and name in _DISPLAYED else ""
        addresses += [_named(one) for one in shown.split(";")]
        yield name, ",\r\n ".join(address for address in addresses if address)
    yield "Subject", properties.text(mapi.SUBJECT)
    yield "Message-ID", properties.text(mapi.MESSAGE_ID)
    yield "In-Reply-To", properties.text(mapi.IN_REPLY_TO)


def _named(text: str) -> str:
    """A recipient of whom only the name shown is known."""
    shown = _one_line(text).strip("'\" ")
    if not shown:
        return ""
    return f"<{shown}>" if re.fullmatch(r"[!-~]+@[!-~]+", shown) else f"{_phrase(shown)} <>"


def _phrase(name: str) -> str:
    return _words(name) if not name.isascii() else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _address(properties: Properties, name_tag: int, smtp_tag: int, address_tag: int) -> str:
    name = _one_line(properties.text(name_tag)).strip("'\" ")
    address = _one_line(properties.text(smtp_tag) or properties.text(address_tag)).strip("<> ")
    if not name or name == address:
        return f"<{address}>" if address else ""
    return f"{_phrase(name)} <{address}>"


def _transport_fields(text: str) -> Iterator[str]:
    """The fields as they came, folded lines kept together, without those of the old parts."""
    field = ""
    for line in text.splitlines():
        if not line.strip():
            if field:
                break
            continue
        if line[:1] in " \t":
            field += f"\r\n{line}" if field else ""
            continue
        if field:
            yield field
        field = line if _FIELD.match(line) and not _OLD_PARTS.match(line) else ""
    if field:
        yield field


def _field(name: str, value: str) -> str:
    line = _one_line(value)
    return f"{name}: {line if line.isascii() else _words(line)}"


def _words(value: str) -> str:
    return Header(value, "utf-8").encode(linesep="\r\n")


def _encoded_parameter(name: str) -> str:
    line = _one_line(name)
    if not line:
        return ""
    if line.isascii():
        return '; filename="' + re.sub(r'(["\\])', r"\\\1", line) + '"'
    return "; filename*=utf-8''" + "".join(
        chr(octet) if chr(octet).isalnum() and octet < 128 else f"%{octet:02X}"
        for octet in line.encode("utf-8", "replace")
    )


def _one_line(value: str) -> str:
    return " ".join(value.replace("\0", "").split())


def _wire(text: str) -> bytes:
    """Headers as bytes; raw non-ASCII letters of old transport headers stay as UTF-8 (RFC 6532)."""
    return text.encode("utf-8", "replace")
