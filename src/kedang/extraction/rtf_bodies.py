"""Compressed RTF as Outlook keeps message bodies (MS-OXRTFCP), unpacked and read."""

from __future__ import annotations

import struct

from kedang.extraction.errors import Damaged, LimitExceeded
from kedang.extraction.limits import Limits
from kedang.extraction.rtf import text_of_rtf

COMPRESSED, STORED = b"LZFu", b"MELA"
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
WINDOW = 4096


def body_of_rtf(packed: bytes, limits: Limits) -> str:
    """The text of a message body kept as compressed RTF."""
    rtf = unpacked(packed, limits)
    return text_of_rtf(rtf)


def unpacked(packed: bytes, limits: Limits) -> bytes:
    """The RTF bytes; what is broken ends where it breaks."""
    if len(packed) < 16:
        raise Damaged(reason="compressed-rtf")
    size, kind = struct.unpack_from("<I4s", packed, 4)
    if kind == STORED:
        return packed[16 : 16 + size]
    if kind != COMPRESSED:
        raise Damaged(reason="compressed-rtf")
    if size > limits.max_inflated_bytes:
        raise LimitExceeded(limit="max_inflated_bytes")
    window = bytearray(_DICTIONARY.ljust(WINDOW, b"\x00"))
    return _inflate(packed[16:], size, window)


def _inflate(packed: bytes, size: int, window: bytearray) -> bytes:
    out = bytearray()
    write = len(_DICTIONARY)
    at = 0
    while at < len(packed) and len(out) < size:
        control = packed[at]
        at += 1
        for bit in range(8):
            if at >= len(packed) or len(out) >= size:
                break
            if not control >> bit & 1:
                piece = packed[at : at + 1]
                at += 1
            else:
                reference = int.from_bytes(packed[at : at + 2], "big")
                at += 2
                read, length = reference >> 4, (reference & 0xF) + 2
                if read == write:
                    return bytes(out)
                piece = _copied(window, read, write, length)
            for byte in piece:
                window[write] = byte
                write = (write + 1) % WINDOW
            out += piece
    return bytes(out)


def _copied(window: bytearray, read: int, write: int, length: int) -> bytes:
    """Bytes from the window; a run may overlap what it writes."""
    fresh = bytearray()
    for step in range(length):
        place = (read + step) % WINDOW
        ahead = (place - write) % WINDOW
        fresh.append(fresh[ahead] if ahead < len(fresh) else window[place])
    return bytes(fresh)
