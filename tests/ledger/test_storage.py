from __future__ import annotations

from collections.abc import Callable

import pytest

from kedang.ledger.errors import LeavesMissing, OutOfRange
from kedang.ledger.proofs import prove_consistency, prove_inclusion
from kedang.ledger.storage import LedgerStorage, MemoryStorage, StoredLevels, root_at
from kedang.ledger.tree import Frontier, leaf_hash

SIZE = 70_000  # three levels of tiles
HASHES = [leaf_hash(n.to_bytes(3, "big")) for n in range(SIZE)]


def in_memory(size: int) -> LedgerStorage:
    return MemoryStorage(HASHES[:size])


def over_rows(size: int) -> LedgerStorage:
    """Leaves only: what lies above is made from them."""
    return StoredLevels(size, lambda level, start, end: [] if level else HASHES[start:end])


def over_nodes(size: int) -> LedgerStorage:
    memory = MemoryStorage(HASHES[:size])
    return StoredLevels(size, memory.hashes)


KINDS = pytest.mark.parametrize("made", [in_memory, over_rows, over_nodes])


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


def test_a_proof_reads_few_hashes_of_a_ledger_whose_nodes_are_stored() -> None:
    _, nodes = Frontier().grown(HASHES)
    stored = {(node.level, node.place): node.hash for node in nodes}
    stored |= {(0, place): found for place, found in enumerate(HASHES)}
    read = 0

    def rows(level: int, start: int, end: int) -> list[bytes]:
        nonlocal read
        read += end - start
        return [stored[level, place] for place in range(start, end)]

    for n in (0, 257, 65_535, 65_536, SIZE - 1):
        read = 0
        assert prove_inclusion(StoredLevels(SIZE, rows), n, SIZE) == prove_inclusion(in_memory(SIZE), n, SIZE)
        assert read <= 6 * 256


def test_missing_leaves_are_noticed() -> None:
    def rows(level: int, start: int, end: int) -> list[bytes]:
        return HASHES[start : min(end, 299)] if level == 0 else []

    with pytest.raises(LeavesMissing):
        root_at(StoredLevels(300, rows), 300)
