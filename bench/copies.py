"""Copies and their checking against restic, borg, sha256sum and bagit, on the same tree, in the same run, in turn.

The tree is taken in beforehand: a backup of kedang copies what is sealed already and a snapshot of the database,
one of restic or borg reads and seals the tree. Both end with a copy from which all can be restored.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.homes import places_of, remove_case
from bench.measuring import Run, ratios, run, spread, take_in
from bench.trees import SEED, WRITTEN

SECRET = "for measuring only"  # noqa: S105 - measures, guards nothing
GROWN = 0.01
"""How much is new at an incremental backup, of files and of bytes."""
Step = Callable[[], Run]


def backups(folder: Path, tree: Path, repetitions: int) -> dict[str, Any]:
    """First and incremental backup by kedang, restic and borg."""
    work, home = folder / "copied-tree", folder / "copied"
    runs: dict[str, list[Run]] = {}
    loads: list[float] = []
    try:
        for repetition in range(repetitions):
            remove_case(home)  # a first backup is of an archive that no snapshot was made of
            take_in(home, _linked(tree, work), "--no-understand", "--no-names")
            copy, restic, borg = (folder / f"copy-{name}" for name in ("kedang", "restic", "borg"))
            _begin_copies(home, copy, restic, borg)
            _measure(runs, "first", _backup_steps(home, copy, restic, borg, work), repetition)
            _grow(work, tree, repetition)
            take_in(home, work, "--no-understand", "--no-names")
            _measure(runs, "incremental", _backup_steps(home, copy, restic, borg, work), repetition)
            loads.append(os.getloadavg()[0])
            _remove(copy, restic, borg, folder / "copy-cache")
    finally:
        remove_case(home)
        _remove(work, *(folder / f"copy-{name}" for name in ("kedang", "restic", "borg", "cache")))
    return _said(runs, loads, against=("restic", "borg"))


def checks(folder: Path, tree: Path, repetitions: int) -> dict[str, Any]:
    """Everything that was kept read and checked: kedang, restic, sha256sum, bagit with two processes.

    Each has read everything once before, so that none waits for the disk.
    """
    home, restic, bag = folder / "checked", folder / "copy-restic", folder / "checked-bag"
    remove_case(home)
    runs: dict[str, list[Run]] = {}
    loads: list[float] = []
    try:
        take_in(home, tree, "--no-understand", "--no-names")
        begin_restic(restic)
        restic_backup(restic, tree)
        make_bag(tree, bag)
        steps: dict[str, Step] = {
            "kedang": lambda: kedang_verify(home),
            "restic": lambda: restic_check(restic),
            "sha256sum": lambda: sha256sum(tree),
            "bagit": lambda: bag_check(bag),
        }
        for step in steps.values():  # packs are written past the system's cache, the rest lies in it
            step()
        for repetition in range(repetitions):
            _measure(runs, "check", steps, repetition)
            loads.append(os.getloadavg()[0])
    finally:
        remove_case(home)
        _remove(restic, bag, folder / "copy-cache")
    return _said(runs, loads, against=("restic", "sha256sum", "bagit"))


def kedang(home: Path, *arguments: str) -> Run:
    """One command of kedang on a measured home, as a person would give it."""
    places = places_of(home)
    environment = {
        "KEDANG_HOME": str(home),
        "KEDANG_KEYS": os.pathsep.join(str(place) for place in places.sheets),
        "KEDANG_UNATTENDED": str(places.secrets),
    }
    return run([str(Path(sys.executable).with_name("kedang")), *arguments], environment=environment)


def kedang_register(home: Path, copy: Path) -> Run:
    """Make the folder known as a copy."""
    copy.mkdir()
    return kedang(home, "copies", "add", str(copy))


def kedang_backup(home: Path) -> Run:
    """Bring every registered copy up to date; what was written is verified."""
    return kedang(home, "backup")


def kedang_verify(home: Path) -> Run:
    """Read and check everything that is stored."""
    return kedang(home, "verify", "--deep")


def begin_restic(repository: Path) -> Run:
    """An empty restic repository."""
    _remove(repository)
    return _restic(repository, "init")


def restic_backup(repository: Path, tree: Path) -> Run:
    """The tree as one more restic snapshot."""
    return _restic(repository, "backup", str(tree))


def restic_check(repository: Path) -> Run:
    """Every byte of a restic repository read and checked."""
    return _restic(repository, "check", "--read-data")


def begin_borg(repository: Path) -> Run:
    """An empty, encrypted borg repository."""
    _remove(repository)
    return _borg(repository, "init", "--encryption=repokey-blake2", str(repository))


def borg_create(repository: Path, tree: Path) -> Run:
    """The tree as one more borg archive."""
    return _borg(repository, "create", f"{repository}::{{now:%Y%m%d%H%M%S%f}}", str(tree))


def sha256sum(tree: Path) -> Run:
    """Every file of the tree read by sha256sum, two at a time."""
    return run(
        ["sh", "-c", 'find "$1" -type f -print0 | xargs -0 -n 64 -P 2 sha256sum >/dev/null', "sh", str(tree)]
    )


def make_bag(tree: Path, bag: Path) -> Run:
    """The tree as a bag with SHA-256 manifest."""
    _remove(bag)
    _linked(tree, bag)
    return _bagit("--sha256", "--quiet", str(bag))


def bag_check(bag: Path) -> Run:
    """The bag validated by two processes."""
    return _bagit("--validate", "--quiet", "--processes", "2", str(bag))


def _begin_copies(home: Path, copy: Path, restic: Path, borg: Path) -> None:
    _remove(copy)
    kedang_register(home, copy)
    begin_restic(restic)
    begin_borg(borg)


def _backup_steps(home: Path, copy: Path, restic: Path, borg: Path, tree: Path) -> dict[str, Step]:
    """Each flushes what it wrote, so that none leaves its work to the next."""

    def flushed(step: Step, where: Path) -> Step:
        def done() -> Run:
            ran = step()
            waited = run(["sync", "-f", str(where)])
            return Run(ran.wall + waited.wall, ran.processor, ran.load, ran.said)

        return done

    return {
        "kedang": flushed(lambda: kedang_backup(home), copy),
        "restic": flushed(lambda: restic_backup(restic, tree), restic),
        "borg": flushed(lambda: borg_create(borg, tree), borg),
    }


def _measure(runs: dict[str, list[Run]], what: str, steps: dict[str, Step], repetition: int) -> None:
    """Run each step once; who comes first changes with the repetition."""
    names = list(steps)
    turn = repetition % len(names)
    for name in names[turn:] + names[:turn]:
        runs.setdefault(f"{what}, {name}", []).append(steps[name]())


def _said(runs: dict[str, list[Run]], loads: list[float], *, against: tuple[str, ...]) -> dict[str, Any]:
    walls = {name: [one.wall for one in some] for name, some in runs.items()}
    figures: dict[str, Any] = {f"{name}, s": spread(taken) for name, taken in walls.items()}
    for name, some in runs.items():
        figures[f"{name}, s of processor"] = spread([one.processor for one in some])
    for what in dict.fromkeys(name.partition(",")[0] for name in walls):
        for other in against:
            times = ratios(walls[f"{what}, {other}"], walls[f"{what}, kedang"])
            figures[f"{what}: times as fast as {other}"] = spread(times)
    return figures | {"load": spread(loads, 1)}


def _restic(repository: Path, *arguments: str) -> Run:
    environment = {"RESTIC_PASSWORD": SECRET, "RESTIC_CACHE_DIR": str(repository.with_name("copy-cache"))}
    return run(["restic", "-q", "-r", str(repository), *arguments], environment=environment)


def _borg(repository: Path, *arguments: str) -> Run:
    base = str(repository.with_name("copy-cache") / "borg")
    return run(
        ["borg", "--error", *arguments], environment={"BORG_PASSPHRASE": SECRET, "BORG_BASE_DIR": base}
    )


def _bagit(*arguments: str) -> Run:
    return run([sys.executable, "-W", "ignore", "-m", "bagit", *arguments])


def _linked(tree: Path, target: Path) -> Path:
    """The tree once more, by hard links."""
    _remove(target)
    shutil.copytree(tree, target, copy_function=os.link)
    return target


def _grow(work: Path, tree: Path, repetition: int) -> None:
    """New files in the working tree, a hundredth of it in number and size."""
    sizes = [path.stat().st_size for path in sorted(tree.rglob("*")) if path.is_file()]
    chance = random.Random(SEED + 1 + repetition)
    new = work / f"new-{repetition}"
    new.mkdir()
    count = max(1, round(len(sizes) * GROWN))
    size = max(1, round(sum(sizes) * GROWN / count))
    for number in range(count):
        path = new / f"{number:05d}.bin"
        path.write_bytes(chance.randbytes(size))
        os.utime(path, (WRITTEN, WRITTEN))


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
