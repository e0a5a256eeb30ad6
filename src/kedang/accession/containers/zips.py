"""Members of zip archives.

Members whose regions overlap are refused: no honest program writes them, and they are how a small
zip unpacks to petabytes without nesting. Encrypted members are damage, the plain ones beside them are
read. A zip whose directory is missing is read from its local headers, then ends with one damage.
"""

from __future__ import annotations

import lzma
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

import inflate64

from kedang.accession.containers.codecs import (
    Decompressor,
    Inflater,
    LimitedLzma,
    bzip2,
    checked,
    deflate,
    unpacked,
    zstandard,
)
from kedang.accession.containers.zip_directory import (
    FLAG_DESCRIPTOR,
    FLAG_ENCRYPTED,
    FLAG_UTF8,
    LocalHeader,
    ZipEntry,
    central_entries,
    descriptor_bytes,
    find_directory,
    local_header,
)
from kedang.accession.errors import ContainerTruncated, MemberDamaged, MethodUnsupported
from kedang.accession.members import (
    ENCRYPTED,
    NOT_A_FILE,
    OVERLAPPING,
    TRUNCATED,
    UNSUPPORTED,
    VOLUMES_MISSING,
    Damage,
    Member,
    MemberKind,
    Opening,
    Stretch,
    slices,
)
from kedang.accession.names import hinted_name, readable_name

STORED, DEFLATED, DEFLATE64, BZIP2, LZMA, ZSTD_OLD, ZSTD, AES = 0, 8, 9, 12, 14, 20, 93, 99
_LOCAL_BYTES = 30  # of a local header without its name
_KNOWN = frozenset({STORED, DEFLATED, DEFLATE64, BZIP2, LZMA, ZSTD_OLD, ZSTD})


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The members in the order of the central directory, else of the local headers."""
    with opening.content.open() as stream:
        directory = find_directory(stream, opening.content.size_bytes)
        if directory is None or directory.volumes:
            code = VOLUMES_MISSING if directory is not None else TRUNCATED
            yield from _by_local_headers(opening, stream, code)
            return
        entries = 0
        overlapping: frozenset[int] = frozenset()
        if not _one_after_another(central_entries(stream, directory)):  # needs no memory, is nearly always so
            overlapping = _overlapping(central_entries(stream, directory))
        try:
            for entry in central_entries(stream, directory):
                entries = entry.ordinal + 1
                if entry.is_folder or entry.ordinal <= opening.start_after:
                    continue
                yield _member(opening, stream, entry, overlaps=entry.ordinal in overlapping)
        except EOFError:
            yield Damage(entries, TRUNCATED)


def _overlapping(entries: Iterator[ZipEntry]) -> frozenset[int]:
    """Ordinals of entries that share bytes with another."""
    regions = []
    try:
        for entry in entries:
            end = entry.header_offset + _LOCAL_BYTES + len(entry.raw_name) + entry.packed_bytes
            regions.append((entry.header_offset, end, entry.ordinal))
    except EOFError:
        pass  # the walk over the members meets the same place and reports it
    regions.sort()
    shared: set[int] = set()
    reach, holder = -1, -1
    for start, end, ordinal in regions:
        if start < reach:
            shared |= {ordinal, holder}
        if end > reach:
            reach, holder = end, ordinal
    return frozenset(shared)


def _one_after_another(entries: Iterator[ZipEntry]) -> bool:
    """Whether the members stand in the order of the directory, none reaching into the next."""
    reach = 0
    try:
        for entry in entries:
            if entry.header_offset < reach:
                return False
            reach = entry.header_offset + _LOCAL_BYTES + len(entry.raw_name) + entry.packed_bytes
    except EOFError:
        pass  # as far as it can be read
    return True


def _member(opening: Opening, stream: BinaryIO, entry: ZipEntry, *, overlaps: bool) -> Member | Damage:
    name = _name(opening, entry)
    header = local_header(stream, entry.header_offset)
    if header is None:
        return Damage(entry.ordinal, TRUNCATED, entry.raw_name, name, size_bytes=entry.size_bytes)
    whole = _range(stream, entry, header)
    code = OVERLAPPING if overlaps else _refusal(entry, whole, opening.content.size_bytes)
    if code is not None:
        return Damage(
            entry.ordinal,
            code,
            entry.raw_name,
            name,
            range=None if code in (OVERLAPPING, TRUNCATED) else whole,
            facts={"method": entry.method} if code == UNSUPPORTED else {},
            size_bytes=entry.size_bytes,
            modified=entry.modified,
        )
    data = Stretch(header.data_offset, entry.packed_bytes)
    return Member(
        ordinal=entry.ordinal,
        raw_name=entry.raw_name,
        name=name,
        kind=MemberKind.FILE,
        chunks=lambda: opening.metered(
            checked(_decoded(opening, entry, data), size=entry.size_bytes, crc=entry.crc),
            packed_bytes=entry.packed_bytes,
        ),
        size_bytes=entry.size_bytes,
        modified=entry.modified,
        range=whole,
        verbatim=data if entry.method == STORED else None,
    )


def _name(opening: Opening, entry: ZipEntry) -> str:
    if entry.unicode_name is not None:
        name = readable_name(entry.unicode_name)
    elif entry.flags & FLAG_UTF8:
        name = readable_name(entry.raw_name)
    else:
        name = hinted_name(entry.raw_name, opening.charset)
    return name if "/" in name else name.replace("\\", "/")


def _range(stream: BinaryIO, entry: ZipEntry, header: LocalHeader) -> Stretch:
    end = header.data_offset + entry.packed_bytes
    if entry.flags & FLAG_DESCRIPTOR:
        end += descriptor_bytes(stream, end, entry.crc)
    return Stretch(entry.header_offset, end - entry.header_offset)


def _refusal(entry: ZipEntry, whole: Stretch, container_bytes: int) -> str | None:
    if whole.offset + whole.length > container_bytes:
        return TRUNCATED
    if entry.flags & FLAG_ENCRYPTED or entry.method == AES:
        return ENCRYPTED
    if stat.S_IFMT(entry.unix_mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return NOT_A_FILE
    return None if entry.method in _KNOWN else UNSUPPORTED


def _decoded(opening: Opening, entry: ZipEntry, data: Stretch) -> Iterator[bytes]:
    packed = slices(opening.content, data)
    if entry.method == STORED:
        return packed
    if entry.method == LZMA:
        return _lzma(packed, opening.limits.memory_bytes)
    start = _DECODERS.get(entry.method)
    if start is None:
        raise MethodUnsupported(method=entry.method)
    return unpacked(packed, start, many=False)


class _Inflate64:
    """Deflate64 in the shape of the other decompressors."""

    def __init__(self) -> None:
        self._inner = inflate64.Inflater()
        self.unused_data = b""
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:  # noqa: ARG002
        # It has no bound for one step; slices of 256 KiB bound it to 512 MiB at the worst.
        return bytes(self._inner.inflate(data))


_DECODERS: dict[int, Callable[[], Decompressor]] = {
    DEFLATED: deflate,
    DEFLATE64: _Inflate64,
    BZIP2: bzip2,
    ZSTD_OLD: zstandard,
    ZSTD: zstandard,
}


def _lzma(packed: Iterator[bytes], memory_bytes: int) -> Iterator[bytes]:
    """LZMA in zip: two version bytes, the length of the properties, the properties, the stream."""
    first = next(packed, b"")
    if len(first) < 9:
        raise EOFError
    (length,) = struct.unpack_from("<H", first, 2)
    alone = first[4 : 4 + length] + b"\xff" * 8  # the .lzma form with unknown size

    def joined() -> Iterator[bytes]:
        yield alone + first[4 + length :]
        yield from packed

    return unpacked(joined(), lambda: LimitedLzma(lzma.FORMAT_ALONE, memory_bytes), many=False)


def _by_local_headers(opening: Opening, stream: BinaryIO, code: str) -> Iterator[Member | Damage]:
    """What local headers alone show, then one Damage with `code`."""
    offset, ordinal = 0, 0
    while (header := local_header(stream, offset)) is not None:
        entry = _entry_of(ordinal, offset, header)
        if header.flags & FLAG_DESCRIPTOR and header.packed_bytes == 0:
            length = _found_length(opening, header)
            if length is None:
                break
            entry = replace(entry, packed_bytes=length[0], size_bytes=length[1], crc=length[2])
        whole = _range(stream, entry, header)
        if whole.offset + whole.length > opening.content.size_bytes:
            break
        if not entry.is_folder:
            yield _member(opening, stream, entry, overlaps=False)
        offset, ordinal = whole.offset + whole.length, ordinal + 1
    raw_name = header.raw_name if header is not None else b""
    yield Damage(ordinal, code, raw_name, hinted_name(raw_name, opening.charset))


def _entry_of(ordinal: int, offset: int, header: LocalHeader) -> ZipEntry:
    return ZipEntry(
        ordinal=ordinal,
        raw_name=header.raw_name,
        flags=header.flags,
        method=header.method,
        crc=header.crc,
        packed_bytes=header.packed_bytes,
        size_bytes=header.size_bytes,
        header_offset=offset,
        unix_mode=0,
        modified=header.modified,
        unicode_name=None,
    )


def _found_length(opening: Opening, header: LocalHeader) -> tuple[int, int, int] | None:
    """(packed, size, crc) of deflated data whose header does not say; None when it breaks off."""
    if header.method != DEFLATED or header.flags & FLAG_ENCRYPTED:
        return None
    rest = Stretch(header.data_offset, opening.content.size_bytes - header.data_offset)
    counted = _Counting(slices(opening.content, rest))
    inflater = Inflater(-15)
    size, crc = 0, 0
    try:
        for chunk in opening.metered(unpacked(counted, lambda: inflater, many=False)):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    except (ContainerTruncated, MemberDamaged):
        return None
    return counted.given - len(inflater.unused_data), size, crc


class _Counting:
    """Pieces passed on and counted."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self.given += len(piece)
        return piece
