"""Mails: the head fields a reader sees, then the body. Attachments are received as things of their own.

Of an alternative the plain form is read, unless it is blank. Head fields that are not encoded as RFC 2047
asks (raw GBK, raw UTF-8) are read by the bytes they hold. The head stands in the text too: it is searched.
"""

from __future__ import annotations

import binascii
import email.errors
import re
from email import message_from_bytes
from email._policybase import Compat32
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.encodings import charset_of, declared, decode
from kedang.extraction.errors import PARTLY_READ
from kedang.extraction.html_text import write_html
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

SHOWN = (
    ("from", "From"),
    ("to", "To"),
    ("cc", "Cc"),
    ("bcc", "Bcc"),
    ("date", "Date"),
    ("subject", "Subject"),
)
_PLAIN = frozenset(("text/plain", "text/enriched", "text/markdown", "text/csv"))
MAX_FIELD_CHARACTERS = 64 * 1024  # of a head field; a list of a thousand recipients has fewer
MAX_PARTS = 10_000
# What the standard library raises at malformed mails, a TypeError or AttributeError of its own among them.
_MAIL_FAULTS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    email.errors.MessageError,
    binascii.Error,
    RecursionError,
)
_ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?")
_FOLD = re.compile(r"\r?\n[ \t]*")


class _AsItStands(Compat32):
    """A policy that hands out head fields as they stand, so that raw bytes in them are not lost."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the policy's signature
        """The field's value, untouched."""
        return value


_AS_IT_STANDS = _AsItStands()


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The head and body of one mail."""
    raw = whole_bytes(content, limits)
    if format.name == "emlx":
        raw = _inside_emlx(raw)
    assembly = TextAssembly(limits)
    message = message_from_bytes(raw.lstrip(b"\xef\xbb\xbf\r\n"), policy=_AS_IT_STANDS)
    write_mail(message, assembly)
    return assembly.extraction()


def _inside_emlx(raw: bytes) -> bytes:
    """The mail of an Apple emlx file: its length stands on the first line, a property list follows it."""
    first, _, rest = raw.partition(b"\n")
    length = int(first.strip() or b"0")
    return rest[:length] if 0 < length <= len(rest) else rest


def write_mail(message: Message, assembly: TextAssembly) -> None:
    """Add the head and body of a mail and tell its fields."""
    start = assembly.length
    for field, label in SHOWN:
        value = field_of(message, field)
        if value:
            assembly.line(f"{label}: {value}")
        assembly.tell(field, iso_date(value) if field == "date" else value)
    for field in ("message-id", "in-reply-to"):
        assembly.tell(field, field_of(message, field))
    assembly.mark("header", "header", start)
    if assembly.length > start:
        assembly.line("")
    start = assembly.length
    plain, pages = _bodies(message, assembly)
    if _is_torn(message):
        assembly.problem(PARTLY_READ, part="mail")
    for text in plain:
        assembly.line(text.rstrip("\r\n"))
    if not any(text.strip() for text in plain):
        for page in pages:
            write_html(page, assembly, title=False)
    assembly.mark("body", "body", start)


def _is_torn(message: Message) -> bool:
    """Whether the mail ends before its parts do."""
    return any(
        isinstance(
            defect, email.errors.CloseBoundaryNotFoundDefect | email.errors.StartBoundaryNotFoundDefect
        )
        for defect in message.defects
    )


def field_of(message: Message, name: str) -> str:
    """A head field as a reader sees it; several of one name are joined; empty when there is none."""
    values = [read_field(str(value)) for value in message.get_all(name, [])]
    return ", ".join(value for value in values if value)


def read_field(value: str) -> str:
    """A head field's value: unfolded, encoded words read, raw bytes read by what they are."""
    value = _FOLD.sub(" ", value[:MAX_FIELD_CHARACTERS]).strip()
    raw = value.encode("utf-8", "surrogateescape")
    if not raw.isascii():
        charset = charset_of(raw, complete=True)
        value = decode(raw, charset.codec if charset is not None else "utf-8")[0]
    if not _ENCODED_WORD.search(value):
        return value
    try:
        pieces = decode_header(value)
    except _MAIL_FAULTS:
        return value
    return _joined(pieces) or value


def _joined(pieces: list[tuple[bytes | str, str | None]]) -> str:
    """The pieces of a field; neighbours of one charset are joined first, as writers cut characters in two."""
    said: list[str] = []
    waiting, waiting_for = b"", ""
    for piece, charset in [*pieces, ("", None)]:
        name = (charset or "").lower()
        if isinstance(piece, bytes) and name and (not waiting or name == waiting_for):
            waiting, waiting_for = waiting + piece, name
            continue
        if waiting:
            said.append(_decoded(waiting, waiting_for))
            waiting = b""
        if isinstance(piece, bytes) and name:
            waiting, waiting_for = piece, name
        elif isinstance(piece, bytes):
            said.append(_decoded(piece, ""))
        else:
            said.append(piece)
    return "".join(said).strip()


def _decoded(raw: bytes, label: str) -> str:
    """Bytes under the charset they are said to have, or under the one they are seen to have."""
    codec = declared(label) if label else None
    if codec is not None and codec != "cp1252":
        text, sound = decode(raw, codec)
        if sound:
            return text
    return _seen(raw, codec)[0]


def _seen(raw: bytes, codec: str | None) -> tuple[str, bool]:
    """Bytes as they look; a label of Latin letters is overruled only by what is beyond doubt."""
    seen = charset_of(raw, complete=True)
    if seen is not None and (seen.sure or codec is None):
        return decode(raw, seen.codec)
    return decode(raw, codec or "utf-8")


def iso_date(value: str) -> str:
    """The date as ISO 8601; as it stands when it cannot be understood."""
    try:
        return parsedate_to_datetime(value).isoformat()
    except _MAIL_FAULTS:
        return value


def _bodies(message: Message, assembly: TextAssembly) -> tuple[list[str], list[str]]:
    """The plain texts and the pages that make up the body."""
    plain: list[str] = []
    pages: list[str] = []
    for number, part in enumerate(_parts(message)):
        if number > MAX_PARTS:
            assembly.problem(PARTLY_READ, part="mail")
            break
        kind = _media_type(part)
        if kind == "text/html":
            pages.append(_body_of(part, assembly))
        elif kind in _PLAIN:
            plain.append(_body_of(part, assembly))
    return plain, pages


def _parts(message: Message) -> list[Message]:
    """The leaf parts of the body, without attachments and mails inside; no recursion, trees may be deep."""
    found: list[Message] = []
    waiting: list[Message] = [message]
    while waiting and len(found) <= MAX_PARTS + 1:
        part = waiting.pop()
        payload = part.get_payload()
        if part is not message and _is_attachment(part):
            continue
        if isinstance(payload, list):
            if _media_type(part).startswith("multipart/"):
                waiting += [inner for inner in reversed(payload) if isinstance(inner, Message)]
        else:
            found.append(part)
    return found


def _media_type(part: Message) -> str:
    try:
        return part.get_content_type()
    except _MAIL_FAULTS:
        return "text/plain"


def _is_attachment(part: Message) -> bool:
    try:
        kept_apart = part.get_content_disposition() == "attachment" or part.get_filename() is not None
    except _MAIL_FAULTS:
        return True
    return kept_apart or part.get_content_maintype() == "message"


def _body_of(part: Message, assembly: TextAssembly) -> str:
    try:
        raw = part.get_payload(decode=True)
        label = part.get_content_charset() or ""
    except _MAIL_FAULTS:
        raw, label = None, ""
    if not isinstance(raw, bytes):
        assembly.problem(PARTLY_READ, part="mail-body")
        return str(part.get_payload())
    codec = declared(label) if label else None
    if codec is not None and codec != "cp1252":
        text, sound = decode(raw, codec)
        if sound:
            return text
    text, sound = _seen(raw, codec)
    if not sound:
        assembly.unsure_charset(replaced=text.count("\ufffd"))
    return text
