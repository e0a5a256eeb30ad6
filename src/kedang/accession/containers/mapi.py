"""Messages as Outlook keeps them (MAPI properties), in pst and msg alike, read into plain values.

Sources: MS-OXPROPS (tags), MS-OXCDATA (types), MS-OXRTFCP (compressed RTF).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MESSAGE_CLASS, SUBJECT, SENT, TRANSPORT_HEADERS, RECEIVED = 0x001A, 0x0037, 0x0039, 0x007D, 0x0E06
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
REPRESENTING_NAME, REPRESENTING_ADDRESS, REPRESENTING_SMTP = 0x0042, 0x0065, 0x5D02
BODY, RTF, HTML, MESSAGE_ID, IN_REPLY_TO = 0x1000, 0x1009, 0x1013, 0x1035, 0x1042
DISPLAY_NAME, ADDRESS, SMTP_ADDRESS, RECIPIENT_KIND = 0x3001, 0x3003, 0x39FE, 0x0C15
DISPLAY_TO, DISPLAY_CC = 0x0E04, 0x0E03
MODIFIED, INTERNET_CODE_PAGE, MESSAGE_CODE_PAGE = 0x3008, 0x3FDE, 0x3FFD
ATTACH_DATA, ATTACH_METHOD = 0x3701, 0x3705
ATTACH_NAME, ATTACH_LONG_NAME, ATTACH_TYPE, ATTACH_CONTENT_ID = 0x3704, 0x3707, 0x370E, 0x3712
EMBEDDED_MESSAGE, OLE_OBJECT = 5, 6  # values of ATTACH_METHOD
STRING8, UNICODE, TIME, INTEGER, BOOLEAN, BINARY, OBJECT = 0x1E, 0x1F, 0x40, 0x03, 0x0B, 0x102, 0x0D

# Properties of contacts, appointments and tasks that a person reads on the screen.
DETAILS: Mapping[int, str] = {
    0x3A06: "Given name",
    0x3A11: "Surname",
    0x3A16: "Company",
    0x3A17: "Title",
    0x3A18: "Department",
    0x3A08: "Business telephone",
    0x3A09: "Home telephone",
    0x3A1C: "Mobile telephone",
    0x3A1B: "Business telephone 2",
    0x3A24: "Business fax",
    0x3A15: "Postal address",
    0x3A29: "Street",
    0x3A27: "City",
    0x3A28: "Province",
    0x3A2A: "Postal code",
    0x3A26: "Country",
    0x3A42: "Birthday",
    0x3A51: "Web page",
    0x0060: "Start",
    0x0061: "End",
}
_CODE_PAGES = {65001: "utf-8", 936: "gb18030", 54936: "gb18030", 20936: "gb18030", 20127: "ascii"}
_CODE_PAGES |= {950: "big5", 28591: "latin-1", 50220: "iso2022_jp", 51936: "gb18030", 52936: "hz"}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Properties:
    """Values of one object by tag: (type, bytes)."""

    values: Mapping[int, tuple[int, bytes]]
    code_page: int | None = None
    """Of the message around a recipient or attachment."""

    def octets(self, tag: int) -> bytes:
        """The bytes of a property, empty when it is not there."""
        return self.values.get(tag, (0, b""))[1]

    def number(self, tag: int) -> int | None:
        """A whole number."""
        octets = self.octets(tag)
        return int.from_bytes(octets[:4], "little", signed=True) if len(octets) >= 4 else None

    def moment(self, tag: int) -> datetime | None:
        """A time, UTC."""
        octets = self.octets(tag)
        if len(octets) < 8:
            return None
        try:
            return _EPOCH + timedelta(microseconds=int.from_bytes(octets[:8], "little") // 10)
        except OverflowError:
            return None

    def text(self, tag: int) -> str:
        """A string, whatever it is encoded in; empty when it is not there."""
        kind, octets = self.values.get(tag, (0, b""))
        if kind == UNICODE:
            return octets.decode("utf-16-le", "replace").rstrip("\0")
        if kind in (STRING8, BINARY):
            return decoded_text(octets, self.charset).rstrip("\0")
        if kind == TIME:
            moment = self.moment(tag)
            return moment.isoformat() if moment is not None else ""
        return ""

    @property
    def charset(self) -> str | None:
        """Codec of 8-bit strings as the message names it."""
        page = self.number(MESSAGE_CODE_PAGE) or self.number(INTERNET_CODE_PAGE) or self.code_page
        return codec_of(page) if page else None


def codec_of(page: int) -> str:
    """The Python codec of a Windows code page; it may not exist."""
    return _CODE_PAGES.get(page, f"cp{page}")


def decoded_text(octets: bytes, charset: str | None) -> str:
    """The text in `charset`, else UTF-8, else GB18030, else Western with what does not fit replaced."""
    for codec in (charset, "utf-8", "gb18030"):
        if codec is None:
            continue
        try:
            return octets.decode(codec)
        except (LookupError, UnicodeDecodeError):
            continue
    return octets.decode("cp1252", "replace")


@dataclass(frozen=True, slots=True)
class MapiAttachment:
    """A file attached to a message, or a message inside it."""

    name: str
    media_type: str
    content_id: str
    chunks: Callable[[], Iterator[bytes]]
    message: MapiMessage | None = None


@dataclass(frozen=True, slots=True)
class MapiMessage:
    """A message with all that is shown of it."""

    properties: Properties
    recipients: tuple[Properties, ...]
    attachments: tuple[MapiAttachment, ...]
    incomplete: bool = False
    """Its recipients, attachments and long texts could not be reached."""

    @property
    def html(self) -> bytes:
        """The HTML body as bytes."""
        kind, octets = self.properties.values.get(HTML, (0, b""))
        if kind == UNICODE:
            return octets.decode("utf-16-le", "replace").encode("utf-8")
        return octets

    @property
    def rtf(self) -> bytes:
        """The RTF body, unpacked; empty when there is none or it is damaged."""
        return unpacked_rtf(self.properties.octets(RTF))


_RTF_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RTF_DICTIONARY = 4096


def unpacked_rtf(packed: bytes) -> bytes:
    """Compressed RTF unpacked (MS-OXRTFCP, section 3.1.3); what can be had when it is damaged."""
    if len(packed) < 16:
        return b""
    _, raw_size, kind, _ = struct.unpack_from("<4I", packed)
    if kind == 0x414C454D:  # "MELA": not compressed
        return packed[16 : 16 + raw_size]
    if kind != 0x75465A4C:  # "LZFu"
        return b""
    ring = bytearray(_RTF_START.ljust(_RTF_DICTIONARY, b"\0"))
    write, out, position = len(_RTF_START), bytearray(), 16
    while position < len(packed):
        control, position = packed[position], position + 1
        for bit in range(8):
            if not control >> bit & 1:
                run = packed[position : position + 1]
                position += 1
            else:
                reference = packed[position : position + 2]
                position += 2
                if len(reference) < 2:
                    return bytes(out)
                word = int.from_bytes(reference, "big")
                offset, length = word >> 4, (word & 15) + 2
                if offset == write:
                    return bytes(out)
                run = b"".join(_copied(ring, write, offset, length))
                write = (write + length) % _RTF_DICTIONARY
                out += run
                continue
            if not run:
                return bytes(out)
            ring[write] = run[0]
            write = (write + 1) % _RTF_DICTIONARY
            out += run
    return bytes(out)


def _copied(ring: bytearray, write: int, offset: int, length: int) -> Iterator[bytes]:
    """Bytes of the ring copied to its writing place; they may overlap."""
    for step in range(length):
        octet = ring[(offset + step) % _RTF_DICTIONARY]
        ring[(write + step) % _RTF_DICTIONARY] = octet
        yield bytes((octet,))
