"""Digests of bytes as they stream by: the fixity of what was received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from blake3 import blake3

CHUNK_BYTES = 256 * 1024  # one read; larger ones are no faster on disks and cost memory
LARGE_BYTES = 1024 * 1024
"""Longer content has a second digest: checking many gigabytes by SHA-256 takes several times as long."""


@dataclass(frozen=True, slots=True)
class Fixity:
    """Size and digests of a sequence of bytes."""

    size_bytes: int
    sha256: bytes
    blake3: bytes = b""
    """Of more than LARGE_BYTES, else empty."""


class RunningFixity:
    """The fixity of all pieces that were taken in."""

    def __init__(self) -> None:
        self._size = 0
        self._sha256, self._blake3 = sha256(), blake3()

    @property
    def size_bytes(self) -> int:
        """How much there was so far."""
        return self._size

    def update(self, piece: bytes) -> None:
        """Take the next piece in."""
        self._size += len(piece)
        self._sha256.update(piece)
        self._blake3.update(piece)

    def fixity(self) -> Fixity:
        """Of everything so far."""
        faster = self._blake3.digest() if self._size > LARGE_BYTES else b""
        return Fixity(self._size, self._sha256.digest(), faster)


def copy_with_fixity(
    source: BinaryIO, write: Callable[[bytes], object] | None = None, *, most: int | None = None
) -> Fixity:
    """Size and digests of everything left in `source`, which is also given to `write` in order.

    With `most`, reading ends soon after that many bytes.
    """
    running = RunningFixity()
    while (most is None or running.size_bytes <= most) and (chunk := source.read(CHUNK_BYTES)):
        running.update(chunk)
        if write is not None:
            write(chunk)
    return running.fixity()
