"""SHA-256 of bytes as they stream by: the fixity of what was received."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

CHUNK_BYTES = 256 * 1024  # one read; larger ones are no faster on disks and cost memory


@dataclass(frozen=True, slots=True)
class Fixity:
    """Size and SHA-256 of a sequence of bytes."""

    size_bytes: int
    sha256: bytes


def copy_with_fixity(
    source: BinaryIO, write: Callable[[bytes], object] | None = None, *, most: int | None = None
) -> Fixity:
    """Size and digest of everything left in `source`, which is also given to `write` in order.

    With `most`, reading ends soon after that many bytes.
    """
    digest = hashlib.sha256()
    size = 0
    while (most is None or size <= most) and (chunk := source.read(CHUNK_BYTES)):
        digest.update(chunk)
        size += len(chunk)
        if write is not None:
            write(chunk)
    return Fixity(size, digest.digest())
