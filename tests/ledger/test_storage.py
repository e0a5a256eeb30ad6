from __future__ import annotations

from collections.abc import Callable

import pytest

from kedang.ledger.errors import OutOfRange
from kedang.ledger.proofs import prove_consistency, prove_inclusion
from kedang.ledger.storage import DerivedLevels, LedgerStorage, MemoryStorage, root_at
from kedang.ledger.tiles import TileStorage, bundle_bytes, tile_bytes, tiles_between
from kedang.ledger.tree import Frontier, leaf_hash

SIZE = 70_000  # three levels of tiles
HASHES = [leaf_hash(n.to_bytes(3, "big")) for n in range(SIZE)]


def in_memory(size: int) -> LedgerStorage:
    return MemoryStorage(HASHES[:size])


def over_rows(size: int) -> LedgerStorage:
    return DerivedLevels(size, lambda start, end: HASHES[start:end], {})


def in_tiles(size: int) -> LedgerStorage:
    memory = MemoryStorage(HASHES[:size])
    files = {
        tile.path: bundle_bytes([]) if tile.level is None else tile_bytes(memory, tile)
        for tile in tiles_between(0, size)
    }
    return TileStorage(size, files.get)


KINDS = pytest.mark.parametrize("made", [in_memory, over_rows, in_tiles])


@KINDS
@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 1_000, 65_535, 65_536, SIZE])
def test_every_storage_gives_the_root_of_every_size(made: Callable[[int], LedgerStorage], size: int) -> None:
    assert root_at(made(size), size) == Frontier().extended(HASHES[:size]).root


@KINDS
def test_every_storage_gives_the_same_proofs(made: Callable[[int], LedgerStorage]) -> None:
    storage, memory = made(SIZE), in_memory(SIZE)
    for n in (0, 255, 256, 65_535, 65_536, SIZE - 1):
        assert prove_inclusion(storage, n, SIZE) == prove_inclusion(memory, n, SIZE)
    for old in (1, 256, 65_537, SIZE):
        assert prove_consistency(storage, old, SIZE) == prove_consistency(memory, old, SIZE)


@KINDS
@pytest.mark.parametrize(
    ("level", "start", "end"), [(0, 0, 301), (1, 0, 2), (-1, 0, 1), (0, 5, 4), (9, 0, 1)]
)
def test_no_storage_answers_beyond_its_size(
    made: Callable[[int], LedgerStorage], level: int, start: int, end: int
) -> None:
    with pytest.raises(OutOfRange):
        made(300).hashes(level, start, end)


def test_derived_levels_read_each_leaf_once() -> None:
    asked: list[int] = []

    def rows(start: int, end: int) -> list[bytes]:
        asked.extend(range(start, end))
        return HASHES[start:end]

    storage = DerivedLevels(SIZE, rows, {})
    root_at(storage, SIZE)
    first = len(asked)
    root_at(storage, SIZE)
    assert first <= SIZE
    assert len(asked) - first < 256


def test_missing_rows_are_noticed() -> None:
    with pytest.raises(OutOfRange):
        root_at(DerivedLevels(300, lambda start, end: HASHES[start : min(end, 299)], {}), 300)
