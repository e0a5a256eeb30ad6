"""What is written past the system's cache is there whole, and its faults are told before the object exists."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kedang.vault.errors import ObjectMissing, StorageFull, StoreUnavailable
from kedang.vault.folder_store import FolderStore
from kedang.vault.writing import DescriptorWriter, DirectWriter

from .seeded import an_id, seeded_bytes

BUFFER_BYTES = 2 * 1024 * 1024
NAME = f"packs/{an_id('pack')}"
SIZES = [
    1,
    4095,
    4096,
    BUFFER_BYTES - 1,
    BUFFER_BYTES,
    BUFFER_BYTES + 1,
    3 * BUFFER_BYTES,
    5 * BUFFER_BYTES + 7,
]


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "object", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


def _is_direct(descriptor: int) -> bool:
    return bool(fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_DIRECT)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("piece_bytes", [4096, 700_001, 8 * BUFFER_BYTES])
def test_all_bytes_are_in_the_file_in_order(
    descriptor: int, tmp_path: Path, size: int, piece_bytes: int
) -> None:
    octets = seeded_bytes("written")(size)
    writer = DirectWriter(descriptor, "object")
    for start in range(0, size, piece_bytes):
        piece = bytearray(octets[start : start + piece_bytes])
        writer.write(piece)
        piece[:] = bytes(len(piece))  # the piece is the caller's again
    writer.finish()
    writer.leave()
    assert writer.written == size
    assert (tmp_path / "object").read_bytes() == octets


def test_only_large_objects_go_past_the_cache(descriptor: int) -> None:
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_DIRECT)
    except OSError:
        pytest.skip("this file system knows no direct writing")
    fcntl.fcntl(descriptor, fcntl.F_SETFL, 0)
    writer = DirectWriter(descriptor, "object")
    writer.write(bytes(BUFFER_BYTES - 1))
    assert not _is_direct(descriptor)
    writer.write(b"12")
    assert _is_direct(descriptor)
    writer.finish()
    assert not _is_direct(descriptor)  # the end is no whole number of sectors


def test_where_direct_writing_is_refused_all_is_written_the_ordinary_way(
    descriptor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems take the flag and refuse the write."""
    write_at, refused = os.pwrite, 0

    def refusing(target: int, piece: memoryview, offset: int) -> int:
        nonlocal refused
        if _is_direct(target):
            refused += 1
            raise OSError(errno.EINVAL, "no direct writing")
        return write_at(target, piece, offset)

    monkeypatch.setattr(os, "pwrite", refusing)
    octets = seeded_bytes("refused")(3 * BUFFER_BYTES + 5)
    writer = DirectWriter(descriptor, "object")
    writer.write(octets)
    writer.finish()
    assert refused == 1
    assert (tmp_path / "object").read_bytes() == octets


def test_a_write_that_takes_only_a_part_is_continued(
    descriptor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_at = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda target, piece, at: write_at(target, piece[:8192], at))
    octets = seeded_bytes("parts")(BUFFER_BYTES + 10_000)
    writer = DirectWriter(descriptor, "object")
    writer.write(octets)
    writer.finish()
    assert (tmp_path / "object").read_bytes() == octets


@pytest.mark.parametrize("size", [1, BUFFER_BYTES + 1])
def test_a_full_medium_is_told_at_the_latest_when_finishing(size: int) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    try:
        writer = DirectWriter(descriptor, "x")
        writer.write(bytes(size))
        with pytest.raises(StorageFull):
            writer.finish()
        writer.leave()
        with pytest.raises(StorageFull):
            DescriptorWriter(descriptor, "x").write(b"x")
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("nth", range(4))
@pytest.mark.parametrize("took_effect", [False, True])
def test_a_large_object_whose_writing_fails_anywhere_does_not_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int, took_effect: bool
) -> None:
    store, octets = FolderStore(tmp_path), seeded_bytes("large")(3 * BUFFER_BYTES + 9)
    calls, write_at = iter(range(2**16)), os.pwrite

    def failing(target: int, piece: memoryview, offset: int) -> int:
        fails = next(calls) == nth
        written = write_at(target, piece, offset) if took_effect or not fails else 0
        if fails:
            raise OSError(errno.EIO, "a bad sector")
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", failing)
        with pytest.raises(StoreUnavailable):
            store.put(NAME, octets)
    with pytest.raises(ObjectMissing):
        store.size(NAME)
    store.put(NAME, octets)
    assert store.read(NAME) == octets


def test_a_file_is_not_closed_while_it_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its descriptor would be the next file's, and the bytes would land there."""
    seen: list[tuple[int, int]] = []
    write_at = os.pwrite

    def slow(target: int, piece: memoryview, offset: int) -> int:
        before = os.fstat(target).st_ino
        time.sleep(0.2)
        seen.append((before, os.fstat(target).st_ino))
        return write_at(target, piece, offset)

    monkeypatch.setattr(os, "pwrite", slow)
    with suppress(KeyboardInterrupt), FolderStore(tmp_path).create(NAME) as writer:
        writer.write(bytes(BUFFER_BYTES))
        raise KeyboardInterrupt
    (tmp_path / "next").write_bytes(b"untouched")
    assert [before == after for before, after in seen] == [True]
    assert (tmp_path / "next").read_bytes() == b"untouched"
