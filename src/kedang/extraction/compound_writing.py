"""A compound file of one stream, for readers that trust the tables of the file they are given.

Version 3 of the form (MS-CFB 2.2) with sectors of 512 bytes: the stream from sector 0 on, then its directory,
then the allocation table, whose sectors the header lists: up to 109, which is 7 MB.
"""

from __future__ import annotations

import struct

from kedang.extraction.compound import MARK, MINI_CUTOFF
from kedang.extraction.errors import LimitExceeded

SECTOR = 512
IN_HEADER = 109
MOST_BYTES = (IN_HEADER * (SECTOR // 4) - IN_HEADER - 1) * SECTOR
END, TABLE, FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def compound_of(name: str, stream: bytes) -> bytes:
    """A compound file that holds the stream, filled up with zeros to whole sectors, under that name."""
    sectors = max(MINI_CUTOFF, len(stream)) + SECTOR - 1
    body = stream.ljust(sectors // SECTOR * SECTOR, b"\x00")
    used = len(body) // SECTOR
    tables = 1
    while tables * (SECTOR // 4) < used + 1 + tables:
        tables += 1
    if tables > IN_HEADER:
        raise LimitExceeded(limit="compound-size")
    chain = [*range(1, used), END, END, *([TABLE] * tables)]
    chain += [FREE] * (tables * (SECTOR // 4) - len(chain))
    places = [used + 1 + number for number in range(tables)]
    header = (
        MARK
        + bytes(16)
        + struct.pack(
            "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, used, 0, MINI_CUTOFF, END, 0, END, 0
        )
    )
    header += struct.pack(f"<{IN_HEADER}I", *places, *([FREE] * (IN_HEADER - tables)))
    directory = _entry("Root Entry", 5, child=1, start=END, size=0) + _entry(
        name, 2, child=FREE, start=0, size=len(body)
    )
    return b"".join(
        (
            header.ljust(SECTOR, b"\x00"),
            body,
            directory.ljust(SECTOR, b"\x00"),
            struct.pack(f"<{len(chain)}I", *chain),
        )
    )


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    """A directory entry without brothers."""
    written = name.encode("utf-16-le")
    head = written.ljust(64, b"\x00") + struct.pack("<HBBIII", len(written) + 2, kind, 1, FREE, FREE, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)
