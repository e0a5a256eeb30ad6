"""Title, author and dates of a compound file's SummaryInformation stream (MS-OLEPS)."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.compound import CompoundFile
from kedang.extraction.encodings import charset_of, decode

_NAMES = {
    2: "title",
    3: "subject",
    4: "author",
    5: "keywords",
    6: "description",
    8: "last_author",
    12: "created",
    13: "modified",
    18: "application",
}
_CODE_PAGE, _STRING, _WIDE_STRING, _FILE_TIME = 1, 0x1E, 0x1F, 0x40
MAX_PROPERTIES = 200
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def tell_ole_properties(compound: CompoundFile, assembly: TextAssembly) -> None:
    """Add what the stream says; a broken stream says nothing."""
    raw = compound.stream("\x05SummaryInformation")
    if len(raw) < 56:
        return
    try:
        section = struct.unpack_from("<I", raw, 44)[0]
        count = min(struct.unpack_from("<I", raw, section + 4)[0], MAX_PROPERTIES)
        offsets = dict(struct.iter_unpack("<II", raw[section + 8 : section + 8 + 8 * count]))
        for number, name in _NAMES.items():
            if number in offsets:
                assembly.tell(name, _value(raw, section + offsets[number]))
    except struct.error:
        return


def _value(raw: bytes, at: int) -> str | None:
    kind, size = struct.unpack_from("<II", raw, at)
    if kind == _STRING:
        said = raw[at + 8 : at + 8 + size].split(b"\x00")[0]
        charset = charset_of(said, complete=True)
        return decode(said, charset.codec)[0] if charset is not None else None
    if kind == _WIDE_STRING:
        return raw[at + 8 : at + 8 + 2 * size].decode("utf-16-le", "replace").split("\x00")[0]
    if kind == _FILE_TIME:
        ticks = struct.unpack_from("<Q", raw, at + 4)[0]
        if not 0 < ticks < 1 << 62:
            return None
        try:
            return (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat(timespec="seconds")
        except OverflowError:
            return None
    return None
