from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from blake3 import blake3

from kedang.accession.errors import (
    FileChanging,
    FileForbidden,
    FileHalfWritten,
    FileReplaced,
    FileUnreadable,
    FileVanished,
    NotAFile,
)
from kedang.accession.fixity import LARGE_BYTES, Fixity
from kedang.accession.reading import FileContent, Neighbours, Signature, open_below, read_stable
from kedang.records.errors import KedangError
from tests.accession.samples import without_rights


def never(attempt: int) -> None:
    raise AssertionError(f"waited {attempt}")


def file_with(tmp_path: Path, octets: bytes, name: str = "a/b.txt") -> Path:
    place = tmp_path / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(octets)
    return place


class Meddler:
    """Does something to a file in the middle of each reading."""

    def __init__(self, act: Callable[[], object], times: int = 99) -> None:
        self.act, self.times, self.waits = act, times, 0
        self.octets = b""

    def write(self, piece: bytes) -> None:
        self.octets += piece
        if self.times:
            self.times -= 1
            self.act()

    def wait(self, attempt: int) -> None:
        self.waits = attempt

    def restart(self) -> None:
        self.octets = b""

    def read(self, tmp_path: Path, raw_path: bytes = b"a/b.txt") -> bytes:
        content = read_stable(
            os.fsencode(tmp_path), raw_path, wait=self.wait, write=self.write, restart=self.restart
        )
        assert content.fixity is not None
        assert content.fixity.sha256 == hashlib.sha256(self.octets).digest()
        return self.octets


def test_a_quiet_file_is_read_once_with_its_digest(tmp_path: Path) -> None:
    octets = os.urandom(700_001)
    file_with(tmp_path, octets)
    content = read_stable(os.fsencode(tmp_path), b"a/b.txt", wait=never)
    assert content.fixity is not None
    assert content.fixity.sha256 == hashlib.sha256(octets).digest()
    assert content.size_bytes == len(octets)
    assert content.head(10) == octets[:10]
    with content.open() as stream:
        assert stream.read() == octets
        stream.seek(5)
        assert stream.read(5) == octets[5:10]


@pytest.mark.parametrize(("size", "kept"), [(LARGE_BYTES, False), (LARGE_BYTES + 1, True)])
def test_long_content_has_a_faster_digest_too(tmp_path: Path, size: int, *, kept: bool) -> None:
    octets = os.urandom(size)
    file_with(tmp_path, octets)
    fixity = read_stable(os.fsencode(tmp_path), b"a/b.txt", wait=never).fixity
    assert fixity == Fixity(size, hashlib.sha256(octets).digest(), blake3(octets).digest() if kept else b"")


def test_a_single_file_source_is_read_by_an_empty_path(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"alone")
    assert read_stable(os.fsencode(place), b"", wait=never).head(9) == b"alone"


def test_a_file_that_grows_in_every_try_is_half_written(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"start")
    with place.open("ab", buffering=0) as writer:
        meddler = Meddler(lambda: writer.write(b"more"))
        with pytest.raises(FileHalfWritten):
            meddler.read(tmp_path)
    assert meddler.waits == 2


def test_a_file_rewritten_in_every_try_is_given_up(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"start")
    counter = iter(range(100))

    def touch() -> None:
        os.utime(place, ns=(next(counter), next(counter)))

    with pytest.raises(FileChanging):
        Meddler(touch).read(tmp_path)


def test_a_file_saved_by_renaming_is_read_again_in_its_new_form(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"old bytes")

    def save() -> None:
        replacement = tmp_path / "new"
        replacement.write_bytes(b"new bytes")
        replacement.rename(place)

    assert Meddler(save, times=1).read(tmp_path) == b"new bytes"


def test_a_file_modified_just_now_is_waited_for_before_the_first_reading(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"copying")
    waits: list[int] = []

    def wait(attempt: int) -> None:
        waits.append(attempt)
        place.write_bytes(b"copied whole")

    before = place.stat().st_mtime_ns - 1
    content = read_stable(os.fsencode(tmp_path), b"a/b.txt", wait=wait, settled_before_ns=before)
    assert (waits, content.size_bytes) == ([0], len(b"copied whole"))


def test_content_changed_after_it_was_read_is_not_opened_again(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"first")
    content = read_stable(os.fsencode(tmp_path), b"a/b.txt", wait=never)
    place.write_bytes(b"second")
    with pytest.raises(FileReplaced):
        content.open()


def vanish(place: Path) -> None:
    place.unlink()


def become_folder(place: Path) -> None:
    place.unlink()
    place.mkdir()


def become_link(place: Path) -> None:
    place.rename(place.with_suffix(".real"))
    place.symlink_to(place.with_suffix(".real"))


def become_pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def become_link_on_the_way(place: Path) -> None:
    place.parent.rename(place.parent.with_name("moved"))
    place.parent.symlink_to("moved")


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (vanish, FileVanished),
        (become_folder, NotAFile),
        (become_link, NotAFile),
        (become_pipe, NotAFile),
        (become_link_on_the_way, NotAFile),
    ],
)
def test_what_is_no_longer_the_surveyed_file_is_refused(
    tmp_path: Path, act: Callable[[Path], None], expected: type[KedangError]
) -> None:
    act(file_with(tmp_path, b"x"))
    with pytest.raises(expected) as raised:
        read_stable(os.fsencode(tmp_path), b"a/b.txt", wait=never)
    assert "b.txt" not in str(raised.value)

    with pytest.raises(expected) as raised:
        Neighbours().read(os.fsencode(tmp_path), b"a/b.txt", 10)
    assert "b.txt" not in str(raised.value)


def test_neighbours_are_read_one_after_the_other_in_whatever_folder_they_lie(tmp_path: Path) -> None:
    texts = {b"a/b.txt": b"first", b"a/c.txt": b"", b"d/b.txt": b"other", b"e.txt": b"top"}
    for path, text in texts.items():
        (tmp_path / os.fsdecode(path)).parent.mkdir(exist_ok=True)
        (tmp_path / os.fsdecode(path)).write_bytes(text)
    root, neighbours = os.fsencode(tmp_path), Neighbours()
    before = len(os.listdir("/proc/self/fd"))
    for path, text in [*texts.items(), *reversed(texts.items())]:
        assert neighbours.read(root, path, 10) == text
        assert neighbours.read(root, path, 3) == text[:3]
        with pytest.raises(FileVanished):
            neighbours.read(root, path + b".none", 3)
    with pytest.raises(FileVanished):
        neighbours.read(root, b"none/b.txt", 3)
    assert neighbours.read(os.fsencode(tmp_path / "e.txt"), b"", 10) == b"top"
    assert neighbours.read(root, b"a/b.txt", 10) == b"first"
    assert len(os.listdir("/proc/self/fd")) == before + 1, "one folder stays open"


def test_a_file_without_the_right_to_read_is_refused(tmp_path: Path) -> None:
    place = file_with(tmp_path, b"x")
    place.chmod(0o000)
    with without_rights(place.parent), pytest.raises(FileForbidden):
        read_stable(os.fsencode(tmp_path), b"a/b.txt", wait=never)


def test_an_error_of_the_device_is_refused() -> None:
    # The memory of a process is a file whose first page cannot be read: the kernel says EIO.
    descriptor = open_below(b"/proc/self", b"mem")
    signature = Signature.of(os.fstat(descriptor))
    os.close(descriptor)
    with FileContent(b"/proc/self", b"mem", signature).open() as stream, pytest.raises(FileUnreadable):
        stream.read(1)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    file_with(tmp_path, b"x")
    before = len(os.listdir("/proc/self/fd"))
    for path in (b"a/b.txt", b"a/none", b"a", b"none/x"):
        for _ in range(5):
            with contextlib.suppress(KedangError):
                read_stable(os.fsencode(tmp_path), path, wait=never).head(1)
    assert len(os.listdir("/proc/self/fd")) == before
