"""Kills a backup at its first write, carries it on; kills another at its second write, and so on to the last.

Prints as JSON which writes have been ends, which objects of the copy ever differed from the home's, and what a
backup that was carried on lacked. With `snapshot` it kills the taking of one at each of its writes in the home.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import django

DIED = 9
NEVER = 1_000_000
KINDS = ("packs", "ring", "blocks", "snapshots")


@dataclass(slots=True)
class Dying:
    """A folder store that ends the process at its n-th write, before or after it took effect."""

    inner: Any
    at: int
    told: int
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def create(self, name: str) -> Iterator[Any]:
        """A writer; the process may end while it writes or when it has written."""
        with self.inner.create(name) as writer:
            yield _DyingWriter(self, writer, name)
        self.step(name)

    def put(self, name: str, stored: bytes) -> None:
        """Store at once, perhaps for the last time."""
        self.step(name)
        self.inner.put(name, stored)
        self.step(name)

    def delete(self, name: str) -> None:
        """Take away, perhaps for the last time."""
        self.step(name)
        self.inner.delete(name)
        self.step(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def step(self, name: str) -> None:
        """One step further; the last one is told."""
        with self.lock:
            self.at -= 1
            if self.at < 0:
                os.write(self.told, name.encode())
                os._exit(DIED)


@dataclass(slots=True)
class _DyingWriter:
    store: Dying
    writer: Any
    name: str

    def write(self, piece: bytes) -> None:
        """Append; the process may end before."""
        self.store.step(self.name)
        self.writer.write(piece)


def main() -> None:
    """Let one child after another go one write further; each time another one carries its work on."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    if sys.argv[1:] == ["snapshot"]:
        sys.stdout.write(json.dumps({"deaths": list(_snapshots_tried())}))
        return
    deaths: list[str] = []
    half: set[str] = set()
    lacking: set[str] = set()
    for at in range(500):
        for kind in (*KINDS, "leaves"):
            shutil.rmtree(Path("copy", kind), ignore_errors=True)
        status, died_at = _tried(at)
        half |= _half()
        if status != DIED:
            break
        deaths.append(died_at)
        status, _ = _tried(NEVER)
        if status != 0:
            break
        half |= _half()
        lacking |= _lacking()
    sys.stdout.write(json.dumps({"deaths": deaths, "half": sorted(half), "lacking": sorted(lacking)}))
    sys.exit(status)


def _snapshots_tried() -> Iterator[str]:
    """Where each snapshot died, until one did not."""
    for at in range(100):
        status, died_at = _tried(at, _take_snapshot)
        if status != DIED:
            return
        yield died_at


def _tried(at: int, attempt: Callable[[int, int], None] | None = None) -> tuple[int, str]:
    """How a child ended that dies at a write, and which write that was."""
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        (attempt or _back_up)(at, writes)
    os.close(writes)
    with os.fdopen(reads, "rb") as stream:
        died_at = stream.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), died_at


def _back_up(at: int, told: int) -> None:
    """One attempt, in a process of its own that never returns."""
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.backing_up import back_up
    from kedang.holdings.actions.progress import Silent
    from kedang.holdings.adapters.copies import open_copies

    with new_context().changing("copies") as archive:
        (copy,) = open_copies(archive)
        dying = replace(copy, store=Dying(copy.store, at, told))
        (done,) = back_up(archive, [dying], clock=lambda: datetime.now(UTC), progress=Silent())
    os._exit(0 if not done.code else 1)


def _take_snapshot(at: int, told: int) -> None:
    """One attempt at a snapshot with every block new, in a process of its own that never returns."""
    from kedang.entrypoints.cli.context import new_context
    from kedang.holdings.actions.progress import Silent
    from kedang.holdings.actions.snapshotting import take_snapshot

    with new_context().changing("copies") as archive:
        dying: Any = Dying(archive.store, at, told)
        archive.store = archive.keyring.store = dying
        take_snapshot(archive, clock=lambda: datetime.now(UTC), progress=Silent(), fresh=True)
    os._exit(0)


def _half() -> set[str]:
    """Objects of the copy that are not those of the home."""
    copy, vault = Path("copy").resolve(), Path(os.environ["KEDANG_HOME"]) / "vault"
    found = set()
    for kind in KINDS:
        for path in (copy / kind).glob("*/*"):
            source = vault / path.relative_to(copy)
            if (
                not path.name.endswith(".part")
                and source.exists()
                and source.read_bytes() != path.read_bytes()
            ):
                found.add(str(path.relative_to(copy)))
    return found


def _lacking() -> set[str]:
    """Objects of the home that the copy does not have; of what was never finished, `verify --mend` sweeps the rest."""
    vault = Path(os.environ["KEDANG_HOME"]) / "vault"
    held = {path.relative_to(vault) for kind in KINDS for path in (vault / kind).glob("*/*")}
    return {str(path) for path in held if path.suffix != ".part" and not Path("copy", path).exists()}


if __name__ == "__main__":
    main()
