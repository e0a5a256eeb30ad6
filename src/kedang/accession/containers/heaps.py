"""The properties of a message inside a message of a pst, from the block that its attachment holds.

Order (MS-PST, sections 2.3.1 to 2.3.3): a heap of blocks, each beginning with the place of its allocation
table; the first block names the root, a tree of (tag, type, value). A value of up to four bytes stands
there itself, a longer one in the heap; a value too long for the heap lies outside of what is at hand.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from kedang.accession.containers import mapi

_HEAP, _PROPERTY_CONTEXT, _TREE = 0xEC, 0xBC, 0xB5
_BLOCK_BYTES = 8176  # data of a full block (MS-PST, section 2.2.2.8.3.1)
_DEEPEST_TREE = 1  # levels of index above the rows
_MOST_INDEXED = (
    600  # rows of an index in one allocation of 3,580 bytes; together a quarter million properties
)
_INLINE = {mapi.INTEGER, mapi.BOOLEAN}
_IN_HEAP = {mapi.STRING8, mapi.UNICODE, mapi.TIME, mapi.BINARY}


class HeapBroken(ValueError):
    """The block is no heap of properties, or its tables are damaged."""


@dataclass(frozen=True, slots=True)
class HeapProperties:
    """What the block holds, and how many values lie elsewhere."""

    values: dict[int, tuple[int, bytes]]
    unreached: int


def properties_of(block: bytes) -> HeapProperties:
    """The properties in a block.

    Raises:
        HeapBroken: it is no heap of properties.
    """
    try:
        _, signature, client, root = struct.unpack_from("<HBBI", block)
        if (signature, client) != (_HEAP, _PROPERTY_CONTEXT):
            raise HeapBroken
        kind, key_bytes, value_bytes, levels, leaves = struct.unpack("<BBBBI", _allocated(block, root))
        if (kind, key_bytes, value_bytes) != (_TREE, 2, 6) or levels > _DEEPEST_TREE:
            raise HeapBroken
        rows = _rows(block, leaves, levels)
    except struct.error as error:
        raise HeapBroken from error
    values: dict[int, tuple[int, bytes]] = {}
    unreached = 0
    for tag, value_type, value in struct.iter_unpack("<HH4s", rows):
        if value_type in _INLINE:
            values[tag] = (value_type, value)
        elif value_type in _IN_HEAP:
            try:
                values[tag] = (value_type, _allocated(block, int.from_bytes(value, "little")))
            except HeapBroken:
                unreached += 1
    return HeapProperties(values, unreached)


def _rows(block: bytes, identifier: int, levels: int) -> bytes:
    """All leaf rows of a tree, through its index levels."""
    if identifier == 0:
        return b""
    found = _allocated(block, identifier)
    if levels:
        inner = [row for _, row in struct.iter_unpack("<HI", found[: len(found) // 6 * 6])]
        found = b"".join(_rows(block, row, levels - 1) for row in inner[:_MOST_INDEXED])
    return found[: len(found) // 8 * 8]


def _allocated(block: bytes, identifier: int) -> bytes:
    """The bytes of one allocation; nothing for the empty one."""
    if identifier == 0:
        return b""
    if identifier & 0x1F:
        raise HeapBroken  # the number of a node outside of the heap
    base = (identifier >> 16) * _BLOCK_BYTES
    index = identifier >> 5 & 0x7FF
    try:
        (table,) = struct.unpack_from("<H", block, base)
        (count,) = struct.unpack_from("<H", block, base + table)
        start, end = struct.unpack_from("<HH", block, base + table + 4 + 2 * (index - 1))
    except struct.error as error:
        raise HeapBroken from error
    if not 0 < index <= count or not start <= end <= table:
        raise HeapBroken
    return block[base + start : base + end]
