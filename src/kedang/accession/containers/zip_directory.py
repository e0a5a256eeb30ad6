"""The directory of a zip archive, read so that hostile or broken ones cost little.

Order in the file (PKWARE APPNOTE 6.3.10): local header + data for each member, central directory,
zip64 end record and locator where needed, end record with a comment of up to 65,535 bytes. The
central directory is the truth; when it is missing, the local headers are walked from the start.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
END64 = b"PK\x06\x06"
LOCATOR64 = b"PK\x06\x07"
DESCRIPTOR = b"PK\x07\x08"

_LOCAL = struct.Struct("<4sHHHHHLLLHH")
_CENTRAL = struct.Struct("<4sBBHHHHHLLLHHHHHLL")
_END = struct.Struct("<4sHHHHLLH")
_END64 = struct.Struct("<4sQHHLLQQQQ")
_LOCATOR64 = struct.Struct("<4sLQL")
_END_SEARCH_BYTES = _END.size + 0xFFFF
_ALL_ONES_16, _ALL_ONES_32 = 0xFFFF, 0xFFFFFFFF

FLAG_ENCRYPTED = 0x1
FLAG_DESCRIPTOR = 0x8
FLAG_UTF8 = 0x800


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One member as the directory describes it."""

    ordinal: int
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    header_offset: int
    unix_mode: int
    modified: datetime | None
    unicode_name: bytes | None
    """From the Info-ZIP Unicode path field, when it belongs to this raw name."""

    @property
    def is_folder(self) -> bool:
        """Whether it is only a folder's name."""
        return self.raw_name.endswith((b"/", b"\\")) and self.size_bytes == 0


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory lies."""

    offset: int
    end: int
    shift: int
    """Bytes that stand before the archive (a self-extracting program); added to all offsets."""
    volumes: bool
    """Whether the archive is one of several volumes."""


def find_directory(stream: BinaryIO, size_bytes: int) -> Directory | None:
    """The central directory named by the last end record, None when there is no usable one."""
    start = max(0, size_bytes - _END_SEARCH_BYTES)
    stream.seek(start)
    tail = stream.read(_END_SEARCH_BYTES)
    at = tail.rfind(END)
    while at >= 0:
        if len(tail) - at >= _END.size:
            found = _directory(stream, tail, at, start)
            if found is not None:
                return found
        at = tail.rfind(END, 0, at)
    return None


def _directory(stream: BinaryIO, tail: bytes, at: int, start: int) -> Directory | None:
    _, disk, first_disk, here, total, length, offset, _ = _END.unpack_from(tail, at)
    end = start + at
    if _ALL_ONES_16 in (here, total) or _ALL_ONES_32 in (length, offset):
        wide = _end64(stream, end)
        if wide is not None:
            end, length, offset = wide
    begins = end - length
    shift = begins - offset
    volumes = (disk, first_disk) not in ((0, 0), (_ALL_ONES_16, _ALL_ONES_16))
    if volumes:
        return Directory(offset=offset, end=end, shift=0, volumes=True)
    if begins < 0 or shift < 0:
        return None
    stream.seek(begins)
    if total and stream.read(4) != CENTRAL:
        return None
    return Directory(offset=begins, end=end, shift=shift, volumes=False)


def _end64(stream: BinaryIO, end: int) -> tuple[int, int, int] | None:
    """(where the zip64 end record stands, directory length, directory offset)."""
    if end < _LOCATOR64.size:
        return None
    stream.seek(end - _LOCATOR64.size)
    signature, _, record, _ = _LOCATOR64.unpack(stream.read(_LOCATOR64.size))
    if signature != LOCATOR64:
        return None
    # Right before the locator in practice; `record` is off when something stands before the zip.
    for place in (end - _LOCATOR64.size - _END64.size, record):
        if place < 0:
            continue
        stream.seek(place)
        octets = stream.read(_END64.size)
        if len(octets) == _END64.size and octets.startswith(END64):
            fields = _END64.unpack(octets)
            return place, fields[8], fields[9]
    return None


def central_entries(stream: BinaryIO, directory: Directory) -> Iterator[ZipEntry]:
    """The entries in the directory's order.

    Raises:
        EOFError: the directory breaks off or holds something that is no entry.
    """
    position, ordinal = directory.offset, 0
    while position < directory.end:
        stream.seek(position)
        octets = stream.read(_CENTRAL.size)
        if len(octets) < _CENTRAL.size or not octets.startswith(CENTRAL):
            if octets.startswith((b"PK\x05\x05", END64)):  # digital signature, early zip64 end
                return
            raise EOFError
        fields = _CENTRAL.unpack(octets)
        name_length, extra_length, comment_length = fields[11:14]
        names = stream.read(name_length + extra_length)
        if len(names) < name_length + extra_length:
            raise EOFError
        yield _central_entry(ordinal, fields, names[:name_length], names[name_length:], directory)
        position += _CENTRAL.size + name_length + extra_length + comment_length
        ordinal += 1


def _central_entry(
    ordinal: int, fields: tuple[int, ...], name: bytes, extra: bytes, directory: Directory
) -> ZipEntry:
    _, _, made_by, _, flags, method, clock, day, crc, packed, size = fields[:11]
    external, offset = fields[16], fields[17]
    blocks = dict(_extra_blocks(extra))
    wide = blocks.get(0x0001, b"")
    size, wide = _widened(size, wide)
    packed, wide = _widened(packed, wide)
    offset, wide = _widened(offset, wide)
    return ZipEntry(
        ordinal=ordinal,
        raw_name=name,
        flags=flags,
        method=method,
        crc=crc,
        packed_bytes=packed,
        size_bytes=size,
        header_offset=offset + directory.shift,
        unix_mode=external >> 16 if made_by in (3, 19) else 0,  # Unix, macOS
        modified=_modified(day, clock, blocks),
        unicode_name=_unicode_name(blocks.get(0x7075), name),
    )


def _widened(value: int, wide: bytes) -> tuple[int, bytes]:
    if value != _ALL_ONES_32 or len(wide) < 8:
        return value, wide
    return int.from_bytes(wide[:8], "little"), wide[8:]


def _extra_blocks(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _unicode_name(block: bytes | None, raw_name: bytes) -> bytes | None:
    if block is None or len(block) < 5 or block[0] != 1:
        return None
    belongs = int.from_bytes(block[1:5], "little") == zlib.crc32(raw_name)
    return block[5:] if belongs else None


def _modified(day: int, clock: int, blocks: dict[int, bytes]) -> datetime | None:
    stamp = blocks.get(0x5455, b"")  # extended timestamp: seconds since 1970, UTC
    if len(stamp) >= 5 and stamp[0] & 1:
        return datetime.fromtimestamp(int.from_bytes(stamp[1:5], "little", signed=True), UTC)
    try:
        return datetime(  # noqa: DTZ001 - DOS time names no zone
            1980 + (day >> 9),
            (day >> 5) & 15,
            day & 31,
            clock >> 11,
            (clock >> 5) & 63,
            min((clock & 31) * 2, 59),
        )
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class LocalHeader:
    """A local header and where the data after it begins."""

    flags: int
    method: int
    crc: int
    packed_bytes: int
    size_bytes: int
    raw_name: bytes
    modified: datetime | None
    data_offset: int


def local_header(stream: BinaryIO, offset: int) -> LocalHeader | None:
    """The local header at `offset`, None when none stands there whole."""
    stream.seek(offset)
    octets = stream.read(_LOCAL.size)
    if len(octets) < _LOCAL.size or not octets.startswith(LOCAL):
        return None
    _, _, flags, method, clock, day, crc, packed, size, names, extras = _LOCAL.unpack(octets)
    name, extra = stream.read(names), stream.read(extras)
    if len(name) < names or len(extra) < extras:
        return None
    blocks = dict(_extra_blocks(extra))
    size, wide = _widened(size, blocks.get(0x0001, b""))
    packed, _ = _widened(packed, wide)
    return LocalHeader(flags, method, crc, packed, size, name, _modified(day, clock, blocks), stream.tell())


def descriptor_bytes(stream: BinaryIO, offset: int, entry_crc: int) -> int:
    """How long the data descriptor at `offset` is: it repeats CRC and sizes behind the data."""
    stream.seek(offset)
    octets = stream.read(24)
    crc = entry_crc.to_bytes(4, "little")
    if octets.startswith(DESCRIPTOR):
        follows = octets[16:20]
        return 16 if len(octets) < 24 or follows.startswith(b"PK") else 24
    if octets.startswith(crc):
        return 12 if len(octets) < 20 or octets[12:14] == b"PK" else 20
    return 0
