"""The headers of a tar archive, walked without trusting them.

Order (POSIX ustar, GNU, pax): blocks of 512 bytes; a header, its data padded to a block, the next
header; extension headers (`L`, `K`, `x`, `g`) belong to the header that follows; two zero blocks end
the archive. Sizes are never negative and names never longer than `NAME_BYTES`.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

BLOCK = tarfile.BLOCKSIZE
NAME_BYTES = 1024 * 1024  # an extension header longer than this is no name
_EXTENSIONS = {b"L", b"K", b"x", b"X", b"g"}
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE}


class TarBroken(ValueError):
    """No header stands where one must."""


@dataclass(frozen=True, slots=True)
class TarEntry:
    """One member as its headers describe it. Offsets count from the start of the tar."""

    ordinal: int
    raw_name: bytes
    kind: bytes
    size_bytes: int
    modified: datetime | None
    offset: int
    """Where its first (extension) header stands."""
    data_offset: int
    sparse: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is only a folder's name."""
        return self.kind == tarfile.DIRTYPE or (
            self.kind == tarfile.AREGTYPE and self.raw_name.endswith(b"/")
        )

    @property
    def is_file(self) -> bool:
        """Whether it has bytes of its own, and is no link, device or pipe."""
        return self.kind in _FILES or self.kind not in tarfile.SUPPORTED_TYPES

    @property
    def padded_bytes(self) -> int:
        """The data with its padding to whole blocks."""
        return (self.size_bytes + BLOCK - 1) // BLOCK * BLOCK


def tar_entries(read: Callable[[int], bytes], skip: Callable[[int], bool]) -> Iterator[TarEntry]:
    """The entries of a tar; the caller consumes or skips `padded_bytes` after each.

    `read(n)` gives exactly n bytes or fewer at the end; `skip(n)` tells whether n bytes were there.

    Raises:
        EOFError: the archive breaks off; TarBroken: a header is damaged.
    """
    walk = _Walk(read, skip)
    while (entry := walk.next_entry()) is not None:
        yield entry


@dataclass(slots=True)
class _Walk:
    read: Callable[[int], bytes]
    skip: Callable[[int], bool]
    position: int = 0
    ordinal: int = 0

    def next_entry(self) -> TarEntry | None:
        """The next entry, None at the end mark or where the archive ends between entries."""
        first = self.position
        name: bytes | None = None
        words: dict[str, bytes] = {}
        while True:
            block = self.read(BLOCK)
            if not block and self.position == first:
                return None
            if len(block) < BLOCK:
                raise EOFError
            if not any(block):
                return None
            header = _parsed(block)
            self.position += BLOCK
            if header.type not in _EXTENSIONS:
                break
            value = self._extension(header)
            if header.type == b"L":
                name = value.rstrip(b"\0")
            elif header.type in (b"x", b"X"):
                words.update(_pax_words(value))
        return self._entry(header, first, name, words)

    def _extension(self, header: tarfile.TarInfo) -> bytes:
        if header.size > NAME_BYTES:
            raise TarBroken
        padded = (header.size + BLOCK - 1) // BLOCK * BLOCK
        octets = self.read(padded)
        if len(octets) < padded:
            raise EOFError
        self.position += padded
        return octets[: header.size]

    def _entry(
        self, header: tarfile.TarInfo, first: int, name: bytes | None, words: dict[str, bytes]
    ) -> TarEntry:
        raw_name = words.get("GNU.sparse.name") or words.get("path") or name
        size = int(words["size"]) if "size" in words else header.size
        if size < 0:
            raise TarBroken
        sparse = header.type == tarfile.GNUTYPE_SPARSE or any(
            word.startswith("GNU.sparse.") for word in words
        )
        if header.type == tarfile.GNUTYPE_SPARSE:
            self._sparse_headers(header)
        entry = TarEntry(
            ordinal=self.ordinal,
            raw_name=raw_name if raw_name is not None else _raw(header.name),
            kind=header.type,
            size_bytes=size if header.type not in _SIZELESS else 0,
            modified=_moment(words.get("mtime"), header.mtime),
            offset=first,
            data_offset=self.position,
            sparse=sparse,
        )
        self.position += entry.padded_bytes
        self.ordinal += 1
        return entry

    def _sparse_headers(self, header: tarfile.TarInfo) -> None:
        """Pass over the further blocks of an old GNU sparse map."""
        more = bool(header._sparse_structs[1])  # type: ignore[attr-defined]
        while more:
            block = self.read(BLOCK)
            if len(block) < BLOCK:
                raise EOFError
            self.position += BLOCK
            more = bool(block[504])


# Links, devices, pipes and folders have no data whatever their size field says.
_SIZELESS = {
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
}


def _parsed(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise TarBroken from error
    if header.size < 0:
        raise TarBroken
    return header


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _pax_words(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """Records of the form `length keyword=value\\n`, the length counting itself."""
    at = 0
    while (blank := octets.find(b" ", at, at + 9)) > at:
        digits = octets[at:blank]
        if not digits.isdigit() or int(digits) <= len(digits) + 1:
            return
        keyword, equals, value = octets[blank + 1 : at + int(digits) - 1].partition(b"=")
        at += int(digits)
        if equals:
            yield keyword.decode("utf-8", "replace"), value


def _moment(pax: bytes | None, seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(pax) if pax else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def is_tar(head: bytes) -> bool:
    """Whether 512 bytes are a tar header with a right checksum."""
    if len(head) < BLOCK or not any(head[:BLOCK]):
        return False
    try:
        _parsed(head[:BLOCK])
    except TarBroken:
        return False
    return True
