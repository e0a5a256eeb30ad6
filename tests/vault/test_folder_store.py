from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from kedang.vault.errors import ObjectExists, ObjectMissing, StoreUnavailable
from kedang.vault.folder_store import FolderStore

from .seeded import an_id

OBJECT_ID = an_id("pack")
NAME = f"packs/{OBJECT_ID}"
SOURCE = Path(__file__).resolve().parents[2] / "src"


def _files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _in_another_process(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    begin = "import os, sys, pathlib, resource\nfrom kedang.vault.folder_store import FolderStore\n"
    return subprocess.run(
        [sys.executable, "-c", begin + script, *arguments],
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_objects_lie_two_levels_deep_for_their_owner_only(tmp_path: Path) -> None:
    FolderStore(tmp_path / "vault").put(NAME, b"x")
    assert _files(tmp_path) == [f"vault/packs/{OBJECT_ID[:2]}/{OBJECT_ID}"]
    stored = tmp_path / "vault" / "packs" / OBJECT_ID[:2] / OBJECT_ID
    assert stored.stat().st_mode & 0o777 == 0o600
    assert stored.parent.stat().st_mode & 0o777 == 0o700


def test_what_a_killed_writer_left_is_never_read_and_is_swept(tmp_path: Path) -> None:
    killed = _in_another_process(
        "store = FolderStore(pathlib.Path(sys.argv[1]))\n"
        "with store.create(sys.argv[2]) as writer:\n"
        "    writer.write(b'half')\n"
        "    os.kill(os.getpid(), 9)\n",
        str(tmp_path),
        NAME,
    )
    assert killed.returncode == -signal.SIGKILL
    store = FolderStore(tmp_path)
    assert _files(tmp_path) == [f"packs/{OBJECT_ID[:2]}/{OBJECT_ID}.part"]
    assert list(store.names("packs")) == []
    with pytest.raises(ObjectMissing):
        store.read(NAME)
    assert store.sweep() == 1
    assert _files(tmp_path) == []


def test_a_new_writer_takes_over_what_a_killed_one_left(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    part = tmp_path / "packs" / OBJECT_ID[:2] / f"{OBJECT_ID}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"a much longer rest of a dead writer")
    store.put(NAME, b"new")
    assert store.read(NAME) == b"new"
    assert store.sweep() == 0


def test_a_living_writer_is_not_swept(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with store.create(NAME) as writer:
        writer.write(b"alive")
        assert FolderStore(tmp_path).sweep() == 0
    assert store.read(NAME) == b"alive"


def test_sweeping_while_others_write_disturbs_no_writer(tmp_path: Path) -> None:
    store, names = FolderStore(tmp_path), [f"packs/{an_id(f'{turn}')}" for turn in range(150)]
    ended = Event()

    def sweep_on() -> int:
        swept = 0
        while not ended.is_set():
            swept += store.sweep()
        return swept

    with ThreadPoolExecutor(3) as pool:
        sweeping = pool.submit(sweep_on)
        writing = [pool.submit(store.put, name, b"x" * 100) for name in names]
        for written in writing:
            written.result()
        ended.set()
        assert sweeping.result() == 0
    assert sorted(store.names("packs")) == sorted(names)


def test_an_empty_file_under_a_name_is_no_object(tmp_path: Path) -> None:
    """A file system may leave one after a power failure."""
    path = tmp_path / "packs" / OBJECT_ID[:2] / OBJECT_ID
    path.parent.mkdir(parents=True)
    path.touch()
    store = FolderStore(tmp_path)
    assert list(store.names("packs")) == []
    for ask in (store.read, store.size):
        with pytest.raises(ObjectMissing):
            ask(NAME)
    store.put(NAME, b"x")
    assert store.read(NAME) == b"x"


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk's: the write fails half-way in the same place."""
    full = _in_another_process(
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        "    FolderStore(pathlib.Path(sys.argv[1])).put(sys.argv[2], bytes(200_000))\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error.kind.value)\n",
        str(tmp_path),
        NAME,
    )
    assert full.stdout.split() == ["StorageFull", "unavailable"], full.stderr
    assert _files(tmp_path) == []


def test_a_store_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable) as caught:
        FolderStore(tmp_path / "file").put(NAME, b"x")
    assert caught.value.facts["errno"] == errno.ENOTDIR


STEPS = [(os, "open"), (os, "pwrite"), (os, "fsync"), (os, "link"), (Path, "unlink"), (Path, "mkdir")]
STEPS += [(fcntl, "flock"), (os, "ftruncate"), (Path, "stat"), (os, "fstat")]


@pytest.mark.parametrize("took_effect", [False, True])
@pytest.mark.parametrize("nth", [0, 1, 2])
@pytest.mark.parametrize(("owner", "step"), STEPS)
def test_a_fault_at_any_step_leaves_all_or_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    step: str,
    nth: int,
    took_effect: bool,
) -> None:
    """Each call of the operating system fails before, or after, it took effect; then it is done again."""
    store, stored = FolderStore(tmp_path), b"whole object"
    open_before = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, _failing(getattr(owner, step), nth, took_effect=took_effect))
        with suppress(StoreUnavailable):
            store.put(NAME, stored)
    if list(store.names("packs")):
        with pytest.raises(ObjectExists):
            store.put(NAME, b"another")
    else:
        store.put(NAME, stored)
    assert store.read(NAME) == stored
    store.sweep()
    assert len(os.listdir("/proc/self/fd")) == open_before
    assert _files(tmp_path) == [f"packs/{OBJECT_ID[:2]}/{OBJECT_ID}"]


def _failing(step: Callable[..., object], nth: int, *, took_effect: bool) -> Callable[..., object]:
    calls = iter(range(2**16))

    def failing(*arguments: object, **options: object) -> object:
        if next(calls) != nth:
            return step(*arguments, **options)
        if took_effect:
            outcome = step(*arguments, **options)
            if step.__name__ == "open" and isinstance(outcome, int):
                os.close(outcome)
        raise OSError(errno.EIO, "fault")

    return failing
