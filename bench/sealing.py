"""Sealing and committing against `restic backup` and against `tar | age`, in pairs, in turn."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from bench.homes import remove_case
from bench.measuring import Run, ratios, run, spread, take_in

AFTERWARDS = ("customers", "archive", "index")
"""What restic and age have nothing like: periods, numbers, search."""


def against_restic(folder: Path, tree: Path, repetitions: int) -> dict[str, Any]:
    """kedang up to the last commit, and the whole of it, against restic."""
    ours: list[tuple[Run, dict[str, Any]]] = []
    theirs: list[Run] = []
    for repetition in range(repetitions):
        if repetition % 2 == 0:
            ours.append(_kept(folder, tree))
            theirs.append(_restic(folder, tree))
        else:
            theirs.append(_restic(folder, tree))
            ours.append(_kept(folder, tree))
    walls = [up_to_commit(ran, figures) for ran, figures in ours]
    whole = [ran.wall - figures["opening"] for ran, figures in ours]
    restic = [ran.wall for ran in theirs]
    return {
        "kedang to the commit, s": spread(walls),
        "kedang with periods, numbers and index, s": spread(whole),
        "kedang processor to the end, s": spread([ran.processor for ran, _ in ours]),
        "restic, s": spread(restic),
        "restic processor, s": spread([ran.processor for ran in theirs]),
        "times as fast as restic, to the commit": spread(ratios(restic, walls)),
        "times as fast as restic, everything": spread(ratios(restic, whole)),
        "load": spread([ran.load for ran in theirs], 1),
        "seconds by stage, last run": ours[-1][1]["stages"],
    }


def against_age(folder: Path, tree: Path, repetitions: int) -> dict[str, Any]:
    """kedang up to the last commit against `tar | age`, whose file is flushed to the disk as well."""
    key, out = folder / "age.key", folder / "tree.age"
    key.unlink(missing_ok=True)
    run(["age-keygen", "-o", str(key)], environment={"LC_ALL": "C"})
    recipient = run(["age-keygen", "-y", str(key)]).said.strip()
    script = 'tar -C "$1" -c . | age -r "$2" > "$3" && sync "$3"'
    ours, theirs = [], []
    for repetition in range(repetitions):
        first = _kept(folder, tree) if repetition % 2 == 0 else None
        theirs.append(run(["sh", "-c", script, "sh", str(tree), recipient, str(out)]))
        out.unlink()
        ours.append(first or _kept(folder, tree))
    key.unlink()
    walls = [up_to_commit(ran, figures) for ran, figures in ours]
    return {
        "kedang to the commit, s": spread(walls),
        "age, s": spread([ran.wall for ran in theirs]),
        "age processor, s": spread([ran.processor for ran in theirs]),
        "times as fast as age": spread(ratios([ran.wall for ran in theirs], walls)),
        "load": spread([ran.load for ran in theirs], 1),
    }


def up_to_commit(ran: Run, figures: dict[str, Any]) -> float:
    """The whole run, its start included, without making the case and without what follows the last commit."""
    after = sum(figures["stages"].get(stage, 0.0) for stage in AFTERWARDS)
    return float(ran.wall - figures["opening"] - after)


def _kept(folder: Path, tree: Path) -> tuple[Run, dict[str, Any]]:
    home = folder / "home"
    remove_case(home)
    try:
        return take_in(home, tree, "--no-understand", "--no-names")
    finally:
        remove_case(home)


def _restic(folder: Path, tree: Path) -> Run:
    repository = folder / "restic"
    shutil.rmtree(repository, ignore_errors=True)
    environment = {"RESTIC_PASSWORD": "for measuring only", "RESTIC_CACHE_DIR": str(folder / "restic-cache")}
    run(["restic", "init", "-q", "-r", str(repository)], environment=environment)
    try:
        return run(["restic", "backup", "-q", "-r", str(repository), str(tree)], environment=environment)
    finally:
        shutil.rmtree(repository, ignore_errors=True)
        shutil.rmtree(folder / "restic-cache", ignore_errors=True)
