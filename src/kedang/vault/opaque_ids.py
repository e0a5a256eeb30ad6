"""Ids as the 16 bytes that stand in packs and key pages."""

from __future__ import annotations

from kedang.records.ids import ID_BYTES


def id_bytes(opaque_id: str) -> bytes:
    """The 16 bytes of an id of 32 lower-case hexadecimal digits; ValueError for any other text."""
    found = bytes.fromhex(opaque_id)
    if len(found) != ID_BYTES or found.hex() != opaque_id:
        raise ValueError(f"an id is {2 * ID_BYTES} lower-case hexadecimal digits")
    return found
