"""Finding customers, beside plain Splink on the same mentions, and on the labelled sets of others."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.linkage_files import mentions, mentions_file, truth
from bench.linkage_quality import quality
from bench.linkage_sets import SETS, labelled
from bench.measuring import run
from kedang.resolution.comparable_columns import columns_of
from kedang.resolution.resolving import resolve
from kedang.resolution.rows import NUMBERS

ROOT = Path(__file__).parents[1]
SEED = 7


def chinese(folder: Path, count: int) -> dict[str, Any]:
    """kedang and plain Splink, each in a process of its own, on `count` generated mentions."""
    path = mentions_file(folder, count, SEED)
    figures: dict[str, Any] = {"joinable": joinable(path)}
    for name in ("linkage_ours", "peer_splink"):
        ran = run([sys.executable, "-m", f"bench.{name}", str(path)], folder=ROOT)
        figures[name] = json.loads(ran.said.splitlines()[-1]) | {"load": ran.load}
    return figures


def joinable(path: Path) -> float:
    """The share of true pairs that some evidence could join, directly or over others: a common number, door, birthday or full name."""
    customers: dict[int, list[dict[str, Any]]] = defaultdict(list)
    of = truth(path)
    for batch in mentions(path):
        for one in batch.to_pylist():
            customers[of[one["id"]]].append(one)
    true = tied = 0
    for said in customers.values():
        true += len(said) * (len(said) - 1) // 2
        tied += sum(size * (size - 1) // 2 for size in _tied(said))
    return tied / max(1, true)


def _tied(mentions: list[dict[str, Any]]) -> list[int]:
    """Sizes of what hangs together by values that tell."""
    groups: list[tuple[set[tuple[str, str]], int]] = []
    for one in mentions:
        said = {(column, value) for column in ("certain", *NUMBERS.values()) for value in one[column]}
        if one["birth_date"]:
            said.add(("birth", one["birth_date"]))
        if one["street"] and one["number"]:
            said.add(("door", one["street"] + one["number"]))
        if one["region"]:
            said.add(("full", one["name"]))
        touching = [group for group in groups if group[0] & said]
        groups = [group for group in groups if not group[0] & said]
        groups.append(
            (said.union(*(values for values, _ in touching)), 1 + sum(size for _, size in touching))
        )
    return [size for _, size in groups]


def others(folder: Path) -> dict[str, Any]:
    """The labelled sets of others, beside plain Splink on the same mentions."""
    figures = {}
    for name in SETS:
        said = list(labelled(folder, name))
        numbers = {person: place for place, person in enumerate(sorted({person for _, person in said}))}
        true = {one.id: numbers[person] for one, person in said}
        started = time.perf_counter()
        found = resolve(columns_of(one for one, _ in said))
        got = quality(found.clusters(), true)
        ours = {figure: getattr(got, figure) for figure in got.__slots__}
        ours |= {"learnt": found.models.person.learnt, "seconds": time.perf_counter() - started}
        ran = run([sys.executable, "-m", "bench.peer_splink_sets", str(folder), name], folder=ROOT)
        figures[name] = {"kedang": ours, "Splink": json.loads(ran.said.splitlines()[-1])}
    return figures
