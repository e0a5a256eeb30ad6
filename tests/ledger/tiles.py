"""The hashes of a log that somebody else has published as C2SP tlog-tiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kedang.ledger.storage import LEVEL_BITS, TILE_WIDTH, check_range
from kedang.ledger.tree import HASH_BYTES


class PublishedTiles:
    """A published log of fewer than 256,000 tiles a level, as a `LedgerStorage`."""

    def __init__(self, size: int, log: Path) -> None:
        self._size = size
        self._log = log

    @property
    def size(self) -> int:
        """How many leaves."""
        return self._size

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """As in `LedgerStorage`."""
        check_range(self._size, level, start, end)
        return [self._hash(level, at) for at in range(start, end)]

    def _hash(self, level: int, at: int) -> bytes:
        index, place = divmod(at, TILE_WIDTH)
        width = min(TILE_WIDTH, (self._size >> (LEVEL_BITS * level)) - index * TILE_WIDTH)
        partial = "" if width == TILE_WIDTH else f".p/{width}"
        tile = (self._log / f"tile/{level}/{index:03d}{partial}").read_bytes()
        assert len(tile) == width * HASH_BYTES
        return tile[place * HASH_BYTES : (place + 1) * HASH_BYTES]
