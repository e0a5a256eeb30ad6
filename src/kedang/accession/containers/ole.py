"""OLE compound files (MS-CFB): their streams, read in place from a content of any size.

Order: a header of 512 bytes; the allocation table (FAT) chains sectors into streams; the directory is a
stream of 128-byte entries; streams under 4,096 bytes lie in the mini stream, which is the root entry's
own stream. No chain is followed further than the file has sectors, so a chain that bites its tail ends.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from kedang.records.content import Content

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END_FROM = 0xFFFFFFFA  # marks, not sectors, from here on
_MINI_CUTOFF, _MINI_SECTOR = 4096, 64
_ENTRIES = 200_000  # a message with 4,000 attachments has about 100,000
_STREAM = 2


class OleBroken(ValueError):
    """The bytes are no compound file or its tables are damaged."""


@dataclass(frozen=True, slots=True)
class OleEntry:
    """A storage or stream, by its path from the root."""

    path: str
    name: str
    is_stream: bool
    start: int
    size_bytes: int


class CompoundFile:
    """The streams of a compound file by path; storages are joined by "/"."""

    def __init__(self, content: Content) -> None:
        """Raises OleBroken."""
        self._content = content
        header = content.head(512)
        if len(header) < 512 or not header.startswith(MARK):
            raise OleBroken
        shift = struct.unpack_from("<H", header, 30)[0]
        if shift not in (9, 12):
            raise OleBroken
        self._sector = 1 << shift
        self._sectors = content.size_bytes // self._sector + 1
        directory, mini_fat, further = (struct.unpack_from("<I", header, at)[0] for at in (48, 60, 68))
        self._fat = self._read_fat(struct.unpack_from("<109I", header, 76), further)
        self._mini_fat = _words(b"".join(self._chain(mini_fat, None)))
        self.entries = self._directory(b"".join(self._chain(directory, None)))
        self._children: dict[str, list[OleEntry]] = {}
        for entry in self.entries.values():
            if entry.path:
                self._children.setdefault(entry.path[: -len(entry.name) - 1], []).append(entry)
        root = self.entries.get("")
        if root is None:
            raise OleBroken
        self._mini = b"".join(self._chain(root.start, root.size_bytes))

    def children(self, path: str) -> list[OleEntry]:
        """What lies directly in a storage, by name."""
        return sorted(self._children.get(path, ()), key=lambda entry: entry.name)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a stream piece by piece; nothing when there is no such stream."""
        entry = self.entries.get(path)
        if entry is None or not entry.is_stream:
            return iter(())
        if entry.size_bytes >= _MINI_CUTOFF:
            return self._chain(entry.start, entry.size_bytes)
        return iter((self._mini_stream(entry),))

    def stream(self, path: str) -> bytes:
        """The bytes of a stream at once."""
        return b"".join(self.chunks(path))

    def _read_fat(self, first: tuple[int, ...], further: int) -> array[int]:
        numbers = [number for number in first if number < _END_FROM]
        for _ in range(self._sectors):
            if further >= _END_FROM:
                break
            block = self._read_sector(further)
            words = struct.unpack(f"<{len(block) // 4}I", block[: len(block) & ~3])
            if not words:
                break
            numbers.extend(number for number in words[:-1] if number < _END_FROM)
            further = words[-1]
        if len(numbers) > self._sectors:
            raise OleBroken
        return _words(b"".join(self._read_sector(number) for number in numbers))

    def _read_sector(self, number: int) -> bytes:
        with self._content.open() as stream:
            stream.seek((number + 1) * self._sector)
            return stream.read(self._sector)

    def _chain(self, start: int, size: int | None) -> Iterator[bytes]:
        """The sectors of a chain, cut to `size`; neighbouring sectors are read together."""
        left = self._sectors * self._sector if size is None else size
        with self._content.open() as stream:
            for _ in range(self._sectors):
                if start >= min(_END_FROM, len(self._fat)) or left <= 0:
                    return
                run = 1
                while (
                    run < 256 and start + run < len(self._fat) and self._fat[start + run - 1] == start + run
                ):
                    run += 1
                stream.seek((start + 1) * self._sector)
                octets = stream.read(min(left, run * self._sector))
                if not octets:
                    return
                yield octets
                left -= len(octets)
                start = self._fat[start + run - 1]

    def _mini_stream(self, entry: OleEntry) -> bytes:
        parts: list[bytes] = []
        number = entry.start
        for _ in range(entry.size_bytes // _MINI_SECTOR + 1):
            if number >= len(self._mini_fat):
                break
            parts.append(self._mini[number * _MINI_SECTOR : (number + 1) * _MINI_SECTOR])
            number = self._mini_fat[number]
        return b"".join(parts)[: entry.size_bytes]

    def _directory(self, raw: bytes) -> dict[str, OleEntry]:
        count = len(raw) // 128
        if not 0 < count <= _ENTRIES:
            raise OleBroken
        entries: dict[str, OleEntry] = {}
        seen: set[int] = set()
        waiting = [(0, "")]
        while waiting:
            number, parent = waiting.pop()
            if number >= count or number in seen:
                continue
            seen.add(number)
            at = number * 128
            name_size, kind, left, right, child = struct.unpack_from("<HBxIII", raw, at + 64)
            name = raw[at : at + max(0, min(name_size, 64) - 2)].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", raw, at + 116)
            path = "" if number == 0 else f"{parent}/{name}" if parent else name
            entries[path] = OleEntry(path, name, kind == _STREAM, start, size)
            if number:
                waiting += [(left, parent), (right, parent)]
            waiting.append((child, path))
        return entries


def _words(raw: bytes) -> array[int]:
    """The bytes as little-endian 32-bit numbers."""
    numbers = array("I")
    numbers.frombytes(raw[: len(raw) & ~3])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
