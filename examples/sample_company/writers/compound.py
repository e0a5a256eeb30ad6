"""OLE compound files (MS-CFB version 3): what msg and encrypted Office documents are kept in."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SECTOR = 512
MINI_SECTOR = 64
MINI_LIMIT = 4096  # smaller streams live in the mini stream
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
NO_ENTRY = 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
NO_CLASS = bytes(16)


@dataclass(slots=True)
class Storage:
    """A folder of a compound file: streams by name, storages by name."""

    entries: dict[str, bytes | Storage] = field(default_factory=dict)
    class_id: bytes = NO_CLASS


@dataclass(slots=True)
class _Entry:
    name: str
    kind: int
    payload: bytes
    class_id: bytes
    child: int = NO_ENTRY
    right: int = NO_ENTRY
    start: int = END


def compound(root: Storage) -> bytes:
    """The storage as a compound file."""
    entries = [_Entry("Root Entry", ROOT, b"", root.class_id)]
    _collect(root, entries, 0)
    mini = bytearray()
    mini_fat: list[int] = []
    sectors, fat = bytearray(), list[int]()
    for entry in entries[1:]:
        if entry.kind == STREAM and 0 < len(entry.payload) < MINI_LIMIT:
            entry.start = _chain(entry.payload, mini, mini_fat, MINI_SECTOR)
    for entry in entries[1:]:
        if entry.kind == STREAM and len(entry.payload) >= MINI_LIMIT:
            entry.start = _chain(entry.payload, sectors, fat, SECTOR)
    if mini:
        entries[0].payload = bytes(mini)
        entries[0].start = _chain(bytes(mini), sectors, fat, SECTOR)
    mini_start = _chain(_table(mini_fat), sectors, fat, SECTOR) if mini_fat else END
    directory_start = _chain(_directory(entries), sectors, fat, SECTOR)
    fat_count = 1
    while fat_count * 128 < len(fat) + fat_count:
        fat_count += 1
    fat_start = len(fat)
    fat += [FAT_SECTOR] * fat_count
    header = _header(fat_start, fat_count, directory_start, mini_start, len(mini_fat))
    return header + bytes(sectors) + _table(fat)[: fat_count * SECTOR].ljust(fat_count * SECTOR, b"\xff")


def _order(name: str) -> tuple[int, str]:
    return len(name.encode("utf-16-le")), name.upper()


def _collect(storage: Storage, entries: list[_Entry], parent: int) -> None:
    """Put the children behind each other: as siblings they form a list, a legal if lopsided tree."""
    previous = None
    for name in sorted(storage.entries, key=_order):
        content = storage.entries[name]
        number = len(entries)
        if isinstance(content, Storage):
            entries.append(_Entry(name, STORAGE, b"", content.class_id, start=0))
        else:
            entries.append(_Entry(name, STREAM, content, NO_CLASS))
        if previous is None:
            entries[parent].child = number
        else:
            entries[previous].right = number
        previous = number
        if isinstance(content, Storage):
            _collect(content, entries, number)


def _chain(payload: bytes, target: bytearray, table: list[int], size: int) -> int:
    """Append the payload in sectors and its chain to the table; gives the first sector."""
    count = -(-len(payload) // size)
    first = len(table)
    table += [first + place + 1 for place in range(count - 1)] + [END]
    target += payload.ljust(count * size, b"\0")
    return first


def _table(values: list[int]) -> bytes:
    packed = struct.pack(f"<{len(values)}I", *values)
    return packed.ljust(-(-len(packed) // SECTOR) * SECTOR, b"\xff")


def _directory(entries: list[_Entry]) -> bytes:
    target = bytearray()
    for entry in entries:
        name = entry.name.encode("utf-16-le") + b"\0\0"
        target += name.ljust(64, b"\0") + struct.pack("<HBB", len(name), entry.kind, 1)
        target += struct.pack("<III", NO_ENTRY, entry.right, entry.child) + entry.class_id
        target += struct.pack("<IQQIQ", 0, 0, 0, entry.start, len(entry.payload))
    empty = bytes(64) + struct.pack("<HBBIII", 0, 0, 0, NO_ENTRY, NO_ENTRY, NO_ENTRY) + bytes(48)
    while len(target) % SECTOR:
        target += empty
    return bytes(target)


def _header(fat_start: int, fat_count: int, directory: int, mini_start: int, mini_count: int) -> bytes:
    mini_sectors = -(-mini_count * 4 // SECTOR)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_count, directory)
    head += struct.pack("<IIIIII", 0, MINI_LIMIT, mini_start, mini_sectors, END, 0)
    places = [fat_start + number for number in range(fat_count)]
    if len(places) > 109:
        raise ValueError("a compound file of this writer holds at most 109 table sectors (about 7 MB)")
    return head + struct.pack("<109I", *(places + [FREE] * (109 - len(places))))
