"""dBASE and FoxPro tables (dbf): fields as headers, rows that are not marked deleted.

Header: byte 0 version, 4..8 number of rows, 8..10 header length, 10..12 row length, 29 code page; then 32
bytes a field (name 0..11, type 11, length 16, decimals 17) up to 0x0D. Memo fields lie in another file and
are left out.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import date, timedelta

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.encodings import charset_of, decode
from kedang.extraction.errors import PARTLY_READ, ROWS_CUT, Damaged
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

_CODE_PAGES = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x13: "cp932",
    0x4D: "gb18030",
    0x4F: "big5hkscs",
    0x7A: "gb18030",
    0x78: "big5hkscs",
    0x79: "cp949",
    0x7B: "cp932",
    0xC8: "cp1250",
    0xC9: "cp1251",
}
DELETED = 0x2A
MAX_FIELDS = 2_048


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: str
    at: int
    length: int


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The rows as a table."""
    raw = whole_bytes(content, limits)
    assembly = TextAssembly(limits)
    claimed, header, width = struct.unpack_from("<IHH", raw, 4)
    fields = _fields(raw[:header])
    if width < 2 or not fields:
        raise Damaged(reason="dbf-header")
    present = (len(raw) - header) // width
    if claimed > present:
        assembly.problem(PARTLY_READ, part="rows")
    count = min(claimed, present)
    most = min(count, limits.max_rows, limits.max_cells // len(fields))
    if most < count:
        assembly.problem(ROWS_CUT, rows=count, kept=most)
    codec = _codec(raw, header, width, most)
    headers = tuple(decode(field.name, codec)[0] for field in fields)
    rows = (raw[header + number * width : header + (number + 1) * width] for number in range(most))
    said = (tuple(_said(row, field, codec) for field in fields) for row in rows if row[0] != DELETED)
    assembly.write_rows("", headers, said, first_row=1)
    return assembly.extraction()


def _fields(header: bytes) -> list[_Field]:
    found: list[_Field] = []
    at = 1
    for offset in range(32, min(len(header), 32 + 32 * MAX_FIELDS), 32):
        if header[offset] == 0x0D or offset + 32 > len(header):
            break
        name = header[offset : offset + 11].split(b"\x00")[0]
        kind = chr(header[offset + 11])
        length = header[offset + 16] + (header[offset + 17] << 8 if kind == "C" else 0)
        found.append(_Field(name, kind, at, length))
        at += length
    return found


def _codec(raw: bytes, header: int, width: int, rows: int) -> str:
    known = _CODE_PAGES.get(raw[29])
    seen = charset_of(
        raw[header : header + min(rows * width, 64 * 1024)].replace(b"\x00", b" "), complete=False
    )
    if seen is not None and seen.sure and (known is None or known == "cp1252"):
        return seen.codec
    return known or (seen.codec if seen is not None else "gb18030")


def _said(row: bytes, field: _Field, codec: str) -> str:
    value = row[field.at : field.at + field.length]
    if field.kind == "M":
        return ""
    if field.kind == "I" and field.length == 4:
        return str(struct.unpack("<i", value)[0]) if len(value) == 4 else ""
    if field.kind == "T" and len(value) == 8:
        days, milliseconds = struct.unpack("<II", value)
        return _moment(days, milliseconds)
    text = decode(value.rstrip(b"\x00 "), codec)[0].strip()
    if field.kind == "D" and len(text) == 8 and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


def _moment(days: int, milliseconds: int) -> str:
    """A FoxPro time: Julian day number and milliseconds of the day."""
    try:
        day = date(2000, 1, 1) + timedelta(days=days - 2_451_545)
    except OverflowError:
        return ""
    seconds = min(milliseconds // 1000, 86_399)
    return f"{day.isoformat()} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" if days else ""
