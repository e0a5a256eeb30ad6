"""The contract of BlobStore, on every implementation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from kedang.vault.errors import ObjectExists, ObjectMissing, ObjectShort
from kedang.vault.store import BlobStore, StoredRange

from .seeded import an_id, seeded_bytes

NAME = f"packs/{an_id('pack')}"


def test_what_was_stored_is_read_back_whole_and_by_range(store: BlobStore) -> None:
    stored = seeded_bytes("object")(100_000)
    store.put(NAME, stored)
    assert store.size(NAME) == len(stored)
    assert store.read(NAME) == stored
    assert store.read(NAME, 70_000) == stored[70_000:]
    assert store.read(NAME, 5, 10) == stored[5:15]
    assert store.read(NAME, len(stored), 0) == b""


def test_a_writer_takes_pieces_and_may_use_their_memory_again(store: BlobStore) -> None:
    piece = bytearray(b"one ")
    with store.create(NAME) as writer:
        writer.write(piece)
        piece[:] = b"two "
        writer.write(memoryview(piece))
        writer.write(b"three")
    assert store.read(NAME) == b"one two three"


def test_an_object_exists_only_when_its_writer_has_ended_well(store: BlobStore) -> None:
    with store.create(NAME) as writer:
        writer.write(b"half")
        with pytest.raises(ObjectMissing):
            store.read(NAME)
        assert list(store.names("packs")) == []
    assert list(store.names("packs")) == [NAME]


def test_a_writer_that_fails_leaves_nothing_and_its_error_passes_as_it_is(store: BlobStore) -> None:
    def write_half() -> None:
        with store.create(NAME) as writer:
            writer.write(b"half")
            raise FileNotFoundError("the source")

    with pytest.raises(FileNotFoundError, match="the source"):
        write_half()
    assert list(store.names("packs")) == []
    store.put(NAME, b"second try")
    assert store.read(NAME) == b"second try"


def test_nothing_is_overwritten(store: BlobStore) -> None:
    store.put(NAME, b"first")
    with pytest.raises(ObjectExists):
        store.put(NAME, b"second")
    assert store.read(NAME) == b"first"


def test_an_object_is_never_empty(store: BlobStore) -> None:
    with pytest.raises(ValueError, match="empty"):
        store.put(NAME, b"")
    assert list(store.names("packs")) == []


@pytest.mark.parametrize(("offset", "count"), [(0, 11), (10, 1), (11, None), (4, 7), (20, 0)])
def test_a_range_beyond_the_end_is_an_error(store: BlobStore, offset: int, count: int | None) -> None:
    store.put(NAME, b"0123456789")
    with pytest.raises(ObjectShort):
        store.read(NAME, offset, count)


def test_what_is_not_there_is_missing(store: BlobStore) -> None:
    for ask in (store.read, store.size):
        with pytest.raises(ObjectMissing):
            ask(NAME)


def test_a_deleted_object_is_gone_and_deleting_again_does_no_harm(store: BlobStore) -> None:
    store.put(NAME, b"x")
    store.delete(NAME)
    store.delete(NAME)
    with pytest.raises(ObjectMissing):
        store.size(NAME)
    assert list(store.names("packs")) == []
    store.put(NAME, b"y")


def test_names_of_one_kind_come_in_order(store: BlobStore) -> None:
    ids = sorted(an_id(str(number)) for number in range(50))
    for object_id in reversed(ids):
        store.put(f"ring/{object_id}", b"page")
    store.put(NAME, b"pack")
    assert list(store.names("ring")) == [f"ring/{object_id}" for object_id in ids]
    assert list(store.names("tiles")) == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "packs",
        "packs/",
        "packs/../x",
        f"/{an_id('x')}",
        f"packs/{an_id('x').upper()}",
        f"{NAME}.part",
        "a/b",
    ],
)
def test_other_names_are_refused(store: BlobStore, name: str) -> None:
    for ask in (store.read, store.size, store.delete):
        with pytest.raises(ValueError, match="named"):
            ask(name)
    with pytest.raises(ValueError, match="named"):
        store.put(name, b"x")


def test_of_many_writers_of_one_name_exactly_one_succeeds(store: BlobStore) -> None:
    writers = 6
    for turn in range(10):
        name, barrier = f"packs/{an_id(f'race {turn}')}", Barrier(writers)

        def write(number: int, name: str = name, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                store.put(name, bytes([number]) * 5000)
            except ObjectExists:
                return False
            return True

        with ThreadPoolExecutor(writers) as pool:
            won = list(pool.map(write, range(writers)))
        assert won.count(True) == 1
        assert store.read(name) == bytes([won.index(True)]) * 5000


def test_a_stored_range_is_read_within_its_bounds(store: BlobStore) -> None:
    store.put(NAME, b"0123456789")
    part = StoredRange(store, NAME, 2, 5)
    assert part.read_at(1, 3) == b"345"
    with pytest.raises(ObjectShort):
        part.read_at(3, 3)
