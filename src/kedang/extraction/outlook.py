"""Outlook messages (msg): the same head and body as a mail, from the property streams (MS-OXMSG).

A property's stream is named `__substg1.0_` + id + type; type 001F is UTF-16, 001E bytes in the message's
code page, 0102 binary. Attachments and mails inside are received as things of their own.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.compound import CompoundFile
from kedang.extraction.encodings import charset_of, declared, decode
from kedang.extraction.html_text import write_html
from kedang.extraction.limits import Limits
from kedang.extraction.rtf_bodies import body_of_rtf
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

SUBJECT, BODY, HTML, RTF, MESSAGE_ID, IN_REPLY_TO = 0x0037, 0x1000, 0x1013, 0x1009, 0x1035, 0x1042
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP, SENT_BY_NAME = 0x0C1A, 0x0C1F, 0x5D01, 0x0042
DISPLAY_TO, DISPLAY_CC, DISPLAY_BCC = 0x0E04, 0x0E03, 0x0E02
SUBMITTED, DELIVERED, CREATED = 0x0039, 0x0E06, 0x3007
INTERNET_CODE_PAGE, MESSAGE_CODE_PAGE = 0x3FDE, 0x3FFD
RECIPIENT_NAME, RECIPIENT_ADDRESS, RECIPIENT_SMTP, RECIPIENT_KIND = 0x3001, 0x3003, 0x39FE, 0x0C15
_KINDS = {1: "to", 2: "cc", 3: "bcc"}
TOP_HEADER_BYTES, INNER_HEADER_BYTES = 32, 8
MAX_RECIPIENTS = 5_000
_CODE_PAGES = {
    936: "gb18030",
    54936: "gb18030",
    950: "big5hkscs",
    65001: "utf-8",
    932: "cp932",
    949: "cp949",
    1200: "utf-16-le",
    28591: "cp1252",
    20127: "ascii",
    52936: "hz",
    50220: "iso2022_jp",
}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class _Properties:
    """The properties of the message or of one recipient."""

    def __init__(
        self, compound: CompoundFile, storage: str, header_bytes: int, codec: str | None = None
    ) -> None:
        self._compound = compound
        self._prefix = f"{storage}/" if storage else ""
        raw = compound.stream(f"{self._prefix}__properties_version1.0")[header_bytes:]
        self._fixed = {
            struct.unpack_from("<I", raw, at)[0]: raw[at + 8 : at + 16] for at in range(0, len(raw) - 15, 16)
        }
        page = self.number(MESSAGE_CODE_PAGE)
        self.codec = codec or _codec(page)

    def number(self, identity: int) -> int | None:
        """A 32-bit number."""
        raw = self._fixed.get(identity << 16 | 0x0003)
        return struct.unpack("<I", raw[:4])[0] if raw is not None else None

    def time(self, identity: int) -> str | None:
        """A time as ISO 8601, in UTC."""
        raw = self._fixed.get(identity << 16 | 0x0040)
        ticks = struct.unpack("<Q", raw)[0] if raw is not None else 0
        return (
            (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat(timespec="seconds")
            if 0 < ticks < 1 << 61
            else None
        )

    def text(self, identity: int) -> str:
        """A string; empty when there is none."""
        wide = self._compound.stream(f"{self._prefix}__substg1.0_{identity:04X}001F")
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\x00")
        narrow = self.raw(identity, 0x001E)
        return _narrow(narrow, self.codec).rstrip("\x00") if narrow else ""

    def raw(self, identity: int, kind: int) -> bytes:
        """The bytes of a stream of that type."""
        return self._compound.stream(f"{self._prefix}__substg1.0_{identity:04X}{kind:04X}")


def _codec(page: int | None) -> str | None:
    if page is None:
        return None
    return _CODE_PAGES.get(page) or declared(f"cp{page}")


def _narrow(raw: bytes, codec: str | None) -> str:
    """Bytes in the message's code page, unless they are plainly something else."""
    seen = charset_of(raw.rstrip(b"\x00"), complete=True)
    if codec is not None and codec not in ("cp1252", "ascii"):
        text, sound = decode(raw, codec)
        if sound:
            return text
    return decode(raw, seen.codec if seen is not None else codec or "utf-8")[0]


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The head and body of an Outlook message."""
    compound = CompoundFile(whole_bytes(content, limits))
    message = _Properties(compound, "", TOP_HEADER_BYTES)
    assembly = TextAssembly(limits)
    recipients = _recipients(compound, message.codec)
    fields = (
        ("from", "From", _sender(message)),
        ("to", "To", ", ".join(recipients["to"]) or message.text(DISPLAY_TO)),
        ("cc", "Cc", ", ".join(recipients["cc"]) or message.text(DISPLAY_CC)),
        ("bcc", "Bcc", ", ".join(recipients["bcc"]) or message.text(DISPLAY_BCC)),
        ("date", "Date", message.time(SUBMITTED) or message.time(DELIVERED) or message.time(CREATED) or ""),
        ("subject", "Subject", message.text(SUBJECT)),
    )
    for name, label, value in fields:
        if value.strip():
            assembly.line(f"{label}: {value}")
        assembly.tell(name, value)
    assembly.tell("message-id", message.text(MESSAGE_ID))
    assembly.tell("in-reply-to", message.text(IN_REPLY_TO))
    assembly.mark("header", "header", 0)
    assembly.line("")
    _write_body(message, assembly, limits)
    return assembly.extraction()


def _write_body(message: _Properties, assembly: TextAssembly, limits: Limits) -> None:
    start = assembly.length
    plain = message.text(BODY)
    page = message.raw(HTML, 0x0102) or message.text(HTML).encode()
    if plain.strip():
        assembly.line(plain.rstrip())
    elif page:
        codec = _codec(message.number(INTERNET_CODE_PAGE))
        write_html(_narrow(page, codec), assembly, title=False)
    else:
        packed = message.raw(RTF, 0x0102)
        if packed:
            assembly.line(body_of_rtf(packed, limits).strip())
    assembly.mark("body", "body", start)


def _sender(message: _Properties) -> str:
    name = message.text(SENDER_NAME) or message.text(SENT_BY_NAME)
    return _person(name, message.text(SENDER_SMTP) or message.text(SENDER_ADDRESS))


def _person(name: str, address: str) -> str:
    address = address if "@" in address else ""
    if not address or address.lower() in name.lower():
        return name or address
    return f"{name} <{address}>" if name else address


def _recipients(compound: CompoundFile, codec: str | None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"to": [], "cc": [], "bcc": []}
    storages = sorted(
        entry.path for entry in compound.children("") if entry.path.lower().startswith("__recip_version1.0_")
    )
    for storage in storages[:MAX_RECIPIENTS]:
        person = _Properties(compound, storage, INNER_HEADER_BYTES, codec)
        kind = _KINDS.get(person.number(RECIPIENT_KIND) or 1, "to")
        said = _person(
            person.text(RECIPIENT_NAME), person.text(RECIPIENT_SMTP) or person.text(RECIPIENT_ADDRESS)
        )
        if said:
            found[kind].append(said)
    return found
