"""Small containers whose reader needs all bytes at once, within the memory that is allowed."""

from __future__ import annotations

from collections.abc import Iterator

from kedang.accession.fixity import CHUNK_BYTES
from kedang.accession.members import Member, Opening


def whole_bytes(opening: Opening) -> bytes | None:
    """All bytes of the container, None when they are more than the memory allowed."""
    if opening.content.size_bytes > opening.limits.memory_bytes:
        return None
    with opening.content.open() as stream:
        return stream.read()


def member_bytes(opening: Opening, member: Member) -> bytes | None:
    """All bytes of a member, None when they are more than the memory allowed."""
    parts: list[bytes] = []
    size = 0
    for chunk in member.chunks():
        parts.append(chunk)
        size += len(chunk)
        if size > opening.limits.memory_bytes:
            return None
    return b"".join(parts)


def in_pieces(octets: bytes) -> Iterator[bytes]:
    """Bytes that are in memory, piece by piece."""
    for start in range(0, len(octets), CHUNK_BYTES):
        yield octets[start : start + CHUNK_BYTES]
