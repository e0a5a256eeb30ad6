"""Tiles (C2SP tlog-tiles): the ledger as immutable files, for copies and for readers of other makes.

    tile/<level>/<index>          256 hashes of complete subtrees of 256**level leaves
    tile/<level>/<index>.p/<w>    the first w of them, while there are no more
    tile/entries/<index>[.p/<w>]  the leaves: for each its length (2 bytes, big-endian) and its bytes

Nothing is ever rewritten: a tile that grows gets a new name, and the partial ones may go when it is full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kedang.ledger.errors import LeafTooLarge, TileMalformed, TileMissing
from kedang.ledger.leaves import LEAF_BYTES_MAX
from kedang.ledger.storage import LEVEL_BITS, TILE_WIDTH, LedgerStorage, check_range
from kedang.ledger.tree import HASH_BYTES

LENGTH_BYTES = 2  # before each leaf of a bundle
_INDEX_DIGITS = 1000  # an index is written in groups of three digits


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of the tiles: a row of hashes, or with level None a bundle of leaves."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Its name, with `/` between folders."""
        groups = [f"{self.index % _INDEX_DIGITS:03d}"]
        rest = self.index // _INDEX_DIGITS
        while rest:
            groups.append(f"x{rest % _INDEX_DIGITS:03d}")
            rest //= _INDEX_DIGITS
        kind = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{kind}/{'/'.join(reversed(groups))}{partial}"

    @property
    def start(self) -> int:
        """The first hash of its level, or leaf, that it holds."""
        return self.index * TILE_WIDTH


def tiles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles to write when a ledger has grown from one size to another, lowest level first.

    Bundles of leaves come before the hashes over them.
    """
    levels: list[int | None] = [None, *range((new_size.bit_length() // LEVEL_BITS) + 1)]
    for level in levels:
        shift = LEVEL_BITS * (level or 0)
        old, new = old_size >> shift, new_size >> shift
        if new == old:
            continue
        for index in range(old // TILE_WIDTH, -(-new // TILE_WIDTH)):
            yield Tile(level, index, min(TILE_WIDTH, new - index * TILE_WIDTH))


def tile_bytes(ledger: LedgerStorage, tile: Tile) -> bytes:
    """The content of a tile of hashes."""
    return b"".join(ledger.hashes(tile.level or 0, tile.start, tile.start + tile.width))


def bundle_bytes(leaves: Iterable[bytes]) -> bytes:
    """The content of a bundle of leaves.

    Raises:
        LeafTooLarge: a leaf's length does not fit into its two bytes.
    """
    parts = []
    for data in leaves:
        if len(data) > LEAF_BYTES_MAX:
            raise LeafTooLarge(size_bytes=len(data))
        parts += [len(data).to_bytes(LENGTH_BYTES, "big"), data]
    return b"".join(parts)


def read_bundle(bundle: bytes, *, width: int) -> tuple[bytes, ...]:
    """The leaves of a bundle that should hold `width` of them.

    Raises:
        TileMalformed: it ends within a leaf, or holds more or fewer.
    """
    leaves = []
    at = 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + LENGTH_BYTES], "big")
        at += LENGTH_BYTES + length
        if at > len(bundle):
            raise TileMalformed(size_bytes=len(bundle))
        leaves.append(bundle[at - length : at])
    if len(leaves) != width:
        raise TileMalformed(leaves=len(leaves), expected=width)
    return tuple(leaves)


class TileStorage:
    """A ledger read from its tiles, as a `LedgerStorage`, and its leaves.

    `read` gives a file's bytes, or None when there is no such file.
    """

    def __init__(self, size: int, read: Callable[[str], bytes | None]) -> None:
        self._size = size
        self._read = read

    @property
    def size(self) -> int:
        return self._size

    def hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """As in `LedgerStorage`.

        Raises:
            OutOfRange: beyond the size.
            TileMissing: neither the tile nor the partial one of this size is there.
            TileMalformed: it is not as long as its name says.
        """
        check_range(self._size, level, start, end)
        found: list[bytes] = []
        while start < end:
            tile = self._tile(level, start // TILE_WIDTH)
            data = self._content(tile)
            if len(data) % HASH_BYTES or len(data) < tile.width * HASH_BYTES:
                raise TileMalformed(level=level, index=tile.index, size_bytes=len(data))
            last = min(end, tile.start + TILE_WIDTH)
            places = range(start - tile.start, last - tile.start)
            found += [data[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in places]
            start = last
        return found

    def leaves(self) -> Iterator[bytes]:
        """Every leaf in order, a bundle at a time in memory."""
        for index in range(-(-self._size // TILE_WIDTH)):
            tile = self._tile(None, index)
            bundle, full = self._read(tile.path), Tile(None, index)
            if bundle is not None:
                yield from read_bundle(bundle, width=tile.width)
            else:
                yield from read_bundle(self._content(full), width=TILE_WIDTH)[: tile.width]

    def _tile(self, level: int | None, index: int) -> Tile:
        there = self._size >> (LEVEL_BITS * (level or 0))
        return Tile(level, index, min(TILE_WIDTH, there - index * TILE_WIDTH))

    def _content(self, tile: Tile) -> bytes:
        # A partial tile may be gone once the full one is there.
        for candidate in (tile, Tile(tile.level, tile.index)):
            data = self._read(candidate.path)
            if data is not None:
                return data
        raise TileMissing(level=tile.level, index=tile.index, width=tile.width)
