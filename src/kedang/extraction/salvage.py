"""What is left of a zip whose directory is lost: its members one after another, each as far as it inflates.

Every member begins with a local header: "PK" 3 4, flags at 6, method at 8, packed size at 18, the lengths of
its name and extra field at 26 and 28, the name at 30 (APPNOTE.TXT 4.3.7). A member of unknown size ends where
its stream does.
"""

from __future__ import annotations

import struct
import zlib

from kedang.extraction.errors import LimitExceeded
from kedang.extraction.limits import Limits

LOCAL_HEADER = b"PK\x03\x04"
HEADER_BYTES = 30
STORED, DEFLATED = 0, 8
ENCRYPTED = 0x1
UTF8_NAME = 0x800


def salvaged(raw: bytes, limits: Limits) -> dict[str, bytes]:
    """The members that can be inflated, wholly or in part, by their names."""
    found: dict[str, bytes] = {}
    left = limits.max_inflated_bytes
    at = raw.find(LOCAL_HEADER)
    while 0 <= at <= len(raw) - HEADER_BYTES and len(found) < limits.max_members:
        flags, method = struct.unpack_from("<HH", raw, at + 6)
        packed_size, name_length, extra_length = struct.unpack_from("<I4xHH", raw, at + 18)
        start = at + HEADER_BYTES + name_length + extra_length
        name = raw[at + HEADER_BYTES : at + HEADER_BYTES + name_length]
        following = start + packed_size if packed_size else start
        if not flags & ENCRYPTED and method in (STORED, DEFLATED):
            packed = raw[start:following] if packed_size else raw[start:]
            part = packed if method == STORED else inflated_as_far(packed, left)
            left -= len(part)
            if left < 0:
                raise LimitExceeded(limit="max_inflated_bytes")
            if part:
                found[name.decode("utf-8" if flags & UTF8_NAME else "cp437", "replace")] = part
        at = raw.find(LOCAL_HEADER, max(following, at + 4))
    return found


def inflated_as_far(packed: bytes, most: int) -> bytes:
    """What a deflated stream gives before it breaks or ends; `most` bytes and one at the utmost."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    length = 0
    for start in range(0, len(packed), 4096):  # small steps: an error loses the step it is in
        try:
            piece = inflater.decompress(packed[start : start + 4096], most + 1 - length)
        except zlib.error:
            break
        pieces.append(piece)
        length += len(piece)
        if inflater.eof or length > most:
            break
    return b"".join(pieces)
