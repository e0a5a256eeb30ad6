"""Where the hashes of a ledger are read from: the Protocol, its in-memory twin, and stored rows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from kedang.ledger.errors import LeavesMissing, OutOfRange
from kedang.ledger.tree import TILE_BITS, Frontier, fold

TILE_WIDTH = 256  # hashes in a full tile; C2SP tlog-tiles, tile height 8
LEVEL_BITS = TILE_BITS
TILES_KEPT = 64  # 512 KB of hashes; a proof over 2^40 leaves needs ten


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


class StoredLevels:
    """A ledger whose leaf hashes and nodes are stored one by one, such as rows of a database.

    `read(level, start, end)` gives what is stored of [start, end), in order. Whole tiles are read and the
    last of them kept, so that one proof asks once or twice a level. A node that is not stored is made
    from the level below.
    """

    def __init__(self, size: int, read: Callable[[int, int, int], Sequence[bytes]]) -> None:
        self._size = size
        self._read = read
        self._tiles: OrderedDict[tuple[int, int], Sequence[bytes]] = OrderedDict()

    @property
    def size(self) -> int:
        return self._size

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """As in `LedgerStorage`.

        Raises:
            LeavesMissing: a leaf below the size is not stored.
        """
        check_range(self._size, level, start, end)
        found: list[bytes] = []
        while start < end:
            index = start // TILE_WIDTH
            first = index * TILE_WIDTH
            last = min(end, first + TILE_WIDTH)
            found += self._tile(level, index)[start - first : last - first]
            start = last
        return found

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        known = self._tiles.get((level, index))
        if known is None:
            first = index * TILE_WIDTH
            last = min(first + TILE_WIDTH, self._size >> (LEVEL_BITS * level))
            known = self._read(level, first, last)
            if len(known) != last - first:
                if level == 0:
                    raise LeavesMissing(size=first + len(known), expected=self._size)
                known = [self._made(level, place) for place in range(first, last)]
            self._tiles[level, index] = known
            if len(self._tiles) > TILES_KEPT:
                self._tiles.popitem(last=False)
        return known

    def _made(self, level: int, place: int) -> bytes:
        first = place * TILE_WIDTH
        return Frontier().extended(self.hashes(level - 1, first, first + TILE_WIDTH)).root


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
