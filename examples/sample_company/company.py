"""The whole sample: the tree on disk and the truth table beside it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

from examples.sample_company.bulk import bulk
from examples.sample_company.bundles import bundles
from examples.sample_company.mess import mess
from examples.sample_company.paper import Written
from examples.sample_company.tree import planned
from examples.sample_company.truth import TruthWriter
from examples.sample_company.world import LAST_DAY, World, build_world

EMPTY_FOLDERS = ("邮件备份/Maildir/tmp", "桌面/新建文件夹")


def truth_path(out: Path) -> Path:
    """Where the truth table of a tree lies: beside it, not in it."""
    return out.with_name(out.name + ".truth.json")


def every_file(world: World, seed: int, scale: int) -> Iterator[Written]:
    """All files in the order of writing: the plan, what is bundled, the mess, then the bulk."""
    existing = []
    for written in planned(world, seed):
        existing.append(written)
        yield written
    yield from bundles(world, seed, existing)
    yield from mess(world, seed, existing)
    existing.clear()
    yield from bulk(world, seed, scale)


def apart(files: Iterator[Written]) -> Iterator[Written]:
    """The files, none with the path of another: a later one is numbered, as a file manager does."""
    taken: set[str] = set()
    for written in files:
        stem, dot, extension = written.path.rpartition(".")
        number = 2
        while written.path in taken:
            written.path = f"{stem}({number}){dot}{extension}"
            number += 1
        taken.add(written.path)
        yield written


def write_company(out: Path, *, seed: int, scale: int) -> dict[str, int]:
    """Write the tree and its truth table; gives the counts by format and class."""
    world = build_world(seed, scale)
    out.mkdir(parents=True, exist_ok=True)
    truth = TruthWriter(truth_path(out), world, seed=seed, scale=scale)
    folders: set[str] = set()
    root = os.fspath(out)
    with contextlib.closing(truth):
        for written in apart(every_file(world, seed, scale)):
            _put(root, written, folders)
            truth.add(written)
    for folder in EMPTY_FOLDERS:
        (out / folder).mkdir(parents=True, exist_ok=True)
    folders |= set(EMPTY_FOLDERS)
    for folder in sorted(folders, key=len, reverse=True):
        _set_time(os.path.join(root, folder), datetime.combine(LAST_DAY, time(18), UTC))
    return dict(truth.counts)


def _put(root: str, written: Written, folders: set[str]) -> None:
    folder = written.path.rpartition("/")[0]
    if folder not in folders:
        Path(root, folder).mkdir(parents=True, exist_ok=True)
        while folder:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    target = os.path.join(root, written.path)
    with open(target, "xb") as file:
        file.write(written.payload)
    _set_time(target, datetime.combine(written.modified or LAST_DAY, time(10, 30), UTC))


def _set_time(path: str, moment: datetime) -> None:
    stamp = moment.timestamp()
    os.utime(path, (stamp, stamp))
