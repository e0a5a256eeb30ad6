"""OLE compound files: their directory and streams, as far as reading a document needs them.

Order on disk (MS-CFB): a header of 512 bytes names the sectors of the allocation table (FAT); the FAT chains
sectors into streams; the directory is a stream of 128-byte entries; streams under 4,096 bytes lie in the mini
stream, which is the root entry's own stream. Broken chains end where they break.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass

from kedang.extraction.errors import Damaged, LimitExceeded

MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FREE_FROM = 0xFFFFFFF0  # sector numbers from here on are marks, not sectors
MAX_ENTRIES = 100_000  # of the directory; a message with 2,000 attachments has 60,000
MINI_CUTOFF = 4096
MINI_SECTOR = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One storage or stream of the directory, by its path from the root."""

    path: str
    is_stream: bool
    start: int
    size_bytes: int
    class_id: bytes


class CompoundFile:
    """The streams of a compound file held in memory."""

    def __init__(self, raw: bytes) -> None:
        if len(raw) < 512 or not raw.startswith(MARK):
            raise Damaged(reason="compound-header")
        shift, mini_shift = struct.unpack_from("<HH", raw, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise Damaged(reason="compound-sector-size")
        self._raw = raw
        self._sector = 1 << shift
        self._fat = self._read_fat()
        first_directory, mini_fat = struct.unpack_from("<I", raw, 48)[0], struct.unpack_from("<I", raw, 60)[0]
        self._mini_fat = _words(self._chain(mini_fat, None))
        self.entries = self._read_directory(self._chain(first_directory, None))
        root = self.entries.get("")
        self._mini = self._chain(root.start, root.size_bytes) if root is not None else b""

    def __contains__(self, path: str) -> bool:
        return path.lower() in self.entries

    def children(self, path: str) -> list[Entry]:
        """The entries directly under a storage, in the order of the directory."""
        prefix = path.lower() + "/" if path else ""
        return [
            entry
            for key, entry in self.entries.items()
            if key and key.startswith(prefix) and "/" not in key[len(prefix) :]
        ]

    def stream(self, path: str) -> bytes:
        """The bytes of a stream; empty when there is none of that path."""
        entry = self.entries.get(path.lower())
        if entry is None or not entry.is_stream:
            return b""
        if entry.size_bytes >= MINI_CUTOFF:
            return self._chain(entry.start, entry.size_bytes)
        return self._mini_chain(entry.start, entry.size_bytes)

    def _read_fat(self) -> array[int]:
        raw, sector = self._raw, self._sector
        sectors = list(struct.unpack_from("<109I", raw, 76))
        following = struct.unpack_from("<I", raw, 68)[0]
        seen: set[int] = set()
        while following < FREE_FROM and following not in seen:
            seen.add(following)
            block = raw[(following + 1) * sector : (following + 2) * sector]
            if len(block) < sector:
                break
            numbers = struct.unpack(f"<{sector // 4}I", block)
            sectors.extend(numbers[:-1])
            following = numbers[-1]
        blocks = (
            raw[(number + 1) * sector : (number + 2) * sector] for number in sectors if number < FREE_FROM
        )
        return _words(b"".join(blocks))

    def _chain(self, start: int, size: int | None) -> bytes:
        """The bytes of a chain of sectors; it ends at a mark, at a break or where it bites its tail."""
        raw, sector, fat = self._raw, self._sector, self._fat
        pieces: list[bytes] = []
        left = len(raw) // sector + 1 if size is None else min(size // sector + 1, len(raw) // sector + 1)
        while start < FREE_FROM and left > 0:
            pieces.append(raw[(start + 1) * sector : (start + 2) * sector])
            start = fat[start] if start < len(fat) else FREE_FROM
            left -= 1
        joined = b"".join(pieces)
        return joined if size is None else joined[:size]

    def _mini_chain(self, start: int, size: int) -> bytes:
        pieces: list[bytes] = []
        left = size // MINI_SECTOR + 1
        while start < FREE_FROM and left > 0:
            pieces.append(self._mini[start * MINI_SECTOR : (start + 1) * MINI_SECTOR])
            start = self._mini_fat[start] if start < len(self._mini_fat) else FREE_FROM
            left -= 1
        return b"".join(pieces)[:size]

    def _read_directory(self, raw: bytes) -> dict[str, Entry]:
        count = len(raw) // 128
        if count > MAX_ENTRIES:
            raise LimitExceeded(limit="compound-entries")
        if count == 0:
            raise Damaged(reason="compound-directory")
        entries: dict[str, Entry] = {}
        seen: set[int] = set()
        waiting: list[tuple[int, str]] = [(0, "")]
        while waiting:
            number, parent = waiting.pop()
            if number >= count or number in seen:
                continue
            seen.add(number)
            name_size, kind, left, right, child = struct.unpack_from("<HBxIII", raw, number * 128 + 64)
            name = raw[number * 128 : number * 128 + max(0, min(name_size, 64) - 2)].decode(
                "utf-16-le", "replace"
            )
            start, size = struct.unpack_from("<II", raw, number * 128 + 116)
            path = "" if number == 0 else f"{parent}/{name}" if parent else name
            class_id = raw[number * 128 + 80 : number * 128 + 96]
            entries[path.lower()] = Entry(path, kind == 2, start, size, class_id)
            if number:
                waiting += [(right, parent), (left, parent)]
            waiting.append((child, path))
        return entries


def _words(raw: bytes) -> array[int]:
    """The bytes as little-endian 32-bit numbers."""
    numbers = array("I")
    numbers.frombytes(raw[: len(raw) & ~3])
    return numbers
