from __future__ import annotations

import pytest

from kedang.ledger.errors import LeafTooLarge, TileMalformed, TileMissing
from kedang.ledger.storage import MemoryStorage, root_at
from kedang.ledger.tiles import Tile, TileStorage, bundle_bytes, read_bundle, tile_bytes, tiles_between
from kedang.ledger.tree import leaf_hash
from tests.ledger.worlds import CONFORMANCE

LOG = CONFORMANCE / "tlog-tiles" / "testdata" / "log"


def leaves_of(size: int) -> list[bytes]:
    return [f"leaf {n}".encode() for n in range(size)]


def written_tiles(leaves: list[bytes], *, old_size: int = 0) -> dict[str, bytes]:
    """The files of a ledger that has grown to these leaves."""
    ledger = MemoryStorage(leaf_hash(data) for data in leaves)
    return {
        tile.path: bundle_bytes(leaves[tile.start : tile.start + tile.width])
        if tile.level is None
        else tile_bytes(ledger, tile)
        for tile in tiles_between(old_size, len(leaves))
    }


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 0, 3), "tile/0/000.p/3"),
        (Tile(1, 999), "tile/1/999"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(None, 1234067, 8), "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path


def test_tiles_are_those_of_the_published_log() -> None:
    if not LOG.exists():
        pytest.skip(f"published vectors are not at {LOG}")
    leaves = read_bundle((LOG / "tile/entries/000.p/15").read_bytes(), width=15)
    for size in range(1, 16):
        for path, content in written_tiles(list(leaves[:size])).items():
            assert content == (LOG / path).read_bytes(), path


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 700])
def test_a_copy_that_grew_reads_like_one_written_at_once(size: int) -> None:
    leaves = leaves_of(size)
    files: dict[str, bytes] = {}
    reached = 0
    for step in (1, 3, 200, 256, 257, 300, 600, size):
        if reached < step <= size:
            grown = written_tiles(leaves[:step], old_size=reached)
            assert not any(files.get(path, content) != content for path, content in grown.items())
            files |= grown
            reached = step
    storage = TileStorage(size, files.get)
    assert list(storage.leaves()) == leaves
    assert root_at(storage, size) == root_at(MemoryStorage(map(leaf_hash, leaves)), size)


def test_partial_tiles_may_go_when_the_full_one_is_there() -> None:
    files = written_tiles(leaves_of(256))
    for size in (1, 100, 256):
        storage = TileStorage(size, files.get)
        assert list(storage.leaves()) == leaves_of(size)
        assert root_at(storage, size) == root_at(MemoryStorage(map(leaf_hash, leaves_of(size))), size)


def test_a_missing_tile_is_named_by_its_code() -> None:
    files = written_tiles(leaves_of(300))
    for path in [path for path in files if "/000" in path]:
        lacking = TileStorage(300, {name: data for name, data in files.items() if name != path}.get)
        with pytest.raises(TileMissing, match="KD-L501"):
            [*lacking.leaves(), *lacking.hashes(0, 0, 300), *lacking.hashes(1, 0, 1)]


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"\0", lambda data: data[:0]])
def test_a_damaged_tile_is_refused(damage: object) -> None:
    assert callable(damage)
    files = {path: damage(data) for path, data in written_tiles(leaves_of(40)).items()}
    storage = TileStorage(40, files.get)
    with pytest.raises(TileMalformed, match="KD-L502"):
        list(storage.leaves())
    with pytest.raises(TileMalformed):
        storage.hashes(0, 0, 40)


def test_a_bundle_holds_no_leaf_longer_than_its_length_says() -> None:
    assert read_bundle(bundle_bytes([b"x" * 65_535, b""]), width=2) == (b"x" * 65_535, b"")
    with pytest.raises(LeafTooLarge):
        bundle_bytes([b"x" * 65_536])
