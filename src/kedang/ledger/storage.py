"""Where the hashes of a ledger are read from: the Protocol, its in-memory twin, and leaf rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Protocol

from kedang.ledger.errors import OutOfRange
from kedang.ledger.tree import Frontier, fold

TILE_WIDTH = 256  # hashes in a full tile; C2SP tlog-tiles, tile height 8
LEVEL_BITS = 8  # each level's hash covers 256 hashes of the level below


class LedgerStorage(Protocol):
    """Reads a ledger that only ever grows.

    What was once read never changes, so answers may be kept. Any number of readers at a time. Reading
    beyond the size raises OutOfRange; a storage that lacks what it should have raises its own error.
    """

    @property
    def size(self) -> int:
        """How many leaves there are."""
        ...

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """Roots [start, end) of the complete subtrees of 256**level leaves; level 0: leaf hashes."""
        ...


class MemoryStorage:
    """A ledger in memory, for tests and for verifying a copy that was read whole."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Put these leaves at the end."""
        self._levels[0].extend(leaf_hashes)
        level = 0
        while len(self._levels[level]) >= TILE_WIDTH:
            if len(self._levels) == level + 1:
                self._levels.append([])
            below, above = self._levels[level], self._levels[level + 1]
            while (len(above) + 1) * TILE_WIDTH <= len(below):
                first = len(above) * TILE_WIDTH
                above.append(Frontier().extended(below[first : first + TILE_WIDTH]).root)
            level += 1

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        check_range(self.size, level, start, end)
        return self._levels[level][start:end] if start < end else []


class DerivedLevels:
    """A ledger over something that has leaf hashes only, such as rows of a database.

    Higher levels are made from the leaves when first asked for and kept in `kept`, which the caller may
    share among readers of the same ledger: they never change. 1,000,000 leaves keep 125 KB of hashes.
    """

    def __init__(
        self,
        size: int,
        leaf_hashes: Callable[[int, int], Sequence[bytes]],
        kept: MutableMapping[tuple[int, int], bytes],
    ) -> None:
        self._size = size
        self._leaf_hashes = leaf_hashes
        self._kept = kept

    @property
    def size(self) -> int:
        return self._size

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        check_range(self._size, level, start, end)
        if level == 0:
            found = self._leaf_hashes(start, end) if start < end else []
            if len(found) != end - start:
                raise OutOfRange(start=start, end=end, size=self._size)
            return found
        return [self._subtree(level, index) for index in range(start, end)]

    def _subtree(self, level: int, index: int) -> bytes:
        known = self._kept.get((level, index))
        if known is None:
            first = index * TILE_WIDTH
            below = self.hashes(level - 1, first, first + TILE_WIDTH)
            known = self._kept[level, index] = Frontier().extended(below).root
        return known


def check_range(size: int, level: int, start: int, end: int) -> None:
    """Refuse a range of subtrees that a ledger of this size does not have.

    Raises:
        OutOfRange: always with the size that there is.
    """
    if level < 0 or not 0 <= start <= end <= size >> (LEVEL_BITS * level):
        raise OutOfRange(level=level, start=start, end=end, size=size)


def peaks(storage: LedgerStorage, start: int, end: int) -> tuple[bytes, ...]:
    """Roots of the complete subtrees that [start, end) is made of, largest first.

    `start` must be a multiple of the largest power of two not above `end - start`. Reads at most 255
    hashes a level.
    """
    roots: list[bytes] = []
    level = max(0, ((end - start).bit_length() - 1) // LEVEL_BITS)
    while start < end:
        bits = LEVEL_BITS * level
        count = (end - start) >> bits
        if count:
            first = start >> bits
            read = storage.hashes(level, first, first + count)
            roots += Frontier().extended(read).peaks
            start += count << bits
        level -= 1
    return tuple(roots)


def root_at(storage: LedgerStorage, size: int) -> bytes:
    """The root that the ledger had when it held its first `size` leaves.

    Raises:
        OutOfRange: the ledger never was that long.
    """
    check_range(storage.size, 0, 0, size)
    return fold(peaks(storage, 0, size))
