"""Packed single files (gz, bz2, xz, lzma, zst) and the tar archives that are packed this way."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from kedang.accession.containers.codecs import (
    Decompressor,
    bzip2,
    gzip,
    lzma_or_xz,
    unpacked,
    zstandard,
)
from kedang.accession.containers.tar_headers import BLOCK, is_tar
from kedang.accession.containers.tars import streamed_members
from kedang.accession.members import Damage, Member, MemberKind, Opening, Stretch, slices
from kedang.accession.names import hinted_name
from kedang.records.errors import KedangError


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The members of the tar inside, or the one file that is packed."""
    pieces = _unpacked(opening)
    begun: list[bytes] = []
    try:
        for piece in pieces:
            begun.append(piece)
            if sum(map(len, begun)) >= BLOCK:
                break
    except KedangError as error:
        if not begun:
            yield Damage(0, error.code)
            return
    if is_tar(b"".join(begun)):
        yield from streamed_members(opening, itertools.chain(begun, pieces))
        return
    yield _single(opening)


def _unpacked(opening: Opening) -> Iterator[bytes]:
    content = opening.content
    packed = slices(content, Stretch(0, content.size_bytes))
    return opening.metered(unpacked(packed, _decoder(opening), many=True), packed_bytes=content.size_bytes)


def _decoder(opening: Opening) -> Callable[[], Decompressor]:
    if opening.fmt_name in ("xz", "lzma"):
        return lzma_or_xz(opening.limits.memory_bytes)
    return {"gzip": gzip, "bzip2": bzip2, "zstd": zstandard}[opening.fmt_name]


def _single(opening: Opening) -> Member:
    raw_name, modified = _gzip_header(opening) if opening.fmt_name == "gzip" else (b"", None)
    name = hinted_name(raw_name, opening.charset) if raw_name else _without_suffix(opening.name)
    return Member(
        ordinal=0,
        raw_name=raw_name,
        name=name,
        kind=MemberKind.FILE,
        chunks=lambda: _unpacked(opening),
        modified=modified,
    )


def _without_suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and suffix.lower() in ("gz", "bz2", "xz", "lzma", "zst") else name


def _gzip_header(opening: Opening) -> tuple[bytes, datetime | None]:
    """The original name and time of a gzip member (RFC 1952, section 2.3)."""
    head = opening.content.head(64 * 1024)
    if len(head) < 10:
        return b"", None
    flags, seconds = head[3], int.from_bytes(head[4:8], "little")
    position = 10
    if flags & 4 and len(head) >= 12:
        position = 12 + int.from_bytes(head[10:12], "little")
    raw_name = head[position:].split(b"\0", 1)[0] if flags & 8 else b""
    return raw_name, datetime.fromtimestamp(seconds, UTC) if seconds else None
