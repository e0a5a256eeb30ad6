"""Documents read, understood, sealed, indexed and committed: how many a second, and how it grows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bench.homes import remove_case
from bench.measuring import ratios, run, spread, take_in
from bench.trees import texts


def born_digital(folder: Path, tree: Path, repetitions: int) -> dict[str, Any]:
    """The whole way, with and without the name model in turn, beside bare extraction on one core."""
    home = folder / "home"
    rates: dict[str, list[float]] = {"without name model": [], "with name model": []}
    processor: dict[str, list[float]] = {name: [] for name in rates}
    peaks: list[float] = []
    loads, stages = [], {}
    for repetition in range(repetitions):
        names = list(rates) if repetition % 2 == 0 else list(reversed(rates))
        for name in names:
            remove_case(home)
            ran, figures = take_in(home, tree, *(["--no-names"] if name.startswith("without") else []))
            rates[name].append(figures["received"] / (ran.wall - figures["opening"]))
            processor[name].append(
                1000 * (ran.processor - figures["opening_processor"]) / figures["received"]
            )
            peaks.append(figures["coordinator_peak_mb"])
            loads.append(ran.load)
            stages[name] = figures["stages"]
    remove_case(home)
    return {
        "documents": sum(1 for path in tree.rglob("*") if path.is_file()),
        **{f"documents a second, {name}": spread(values, 0) for name, values in rates.items()},
        **{f"processor ms a document, {name}": spread(values) for name, values in processor.items()},
        "bare extraction on one core, documents a second": spread(
            [_bare(tree) for _ in range(repetitions)], 0
        ),
        "coordinator peak, MB": spread(peaks, 0),
        "load": spread(loads, 1),
        "seconds by stage, last runs": stages,
    }


def _bare(tree: Path) -> float:
    """Documents a second when text is only taken out of them, by one process."""
    said = run([sys.executable, "-m", "bench.extracting", str(tree)], folder=Path(__file__).parents[1]).said
    return float(said)


def scaling(folder: Path, counts: list[int]) -> dict[str, Any]:
    """What a file costs in archives of growing size; the last case stays for the reading part."""
    found: dict[str, Any] = {}
    costs: list[float] = []
    for count in counts:
        home = folder / "scaled"
        remove_case(home)
        ran, figures = take_in(home, texts(folder, count), "--no-names")
        cost = 1000 * (ran.wall - figures["opening"]) / figures["received"]
        spent = 1000 * (ran.processor - figures["opening_processor"]) / figures["received"]
        costs.append(spent)
        found[f"{count} files"] = {
            "wall ms a file": round(cost, 3),
            "processor ms a file": round(spent, 3),
            "coordinator peak, MB": round(figures["coordinator_peak_mb"]),
            "worker peak, MB": round(figures["worker_peak_mb"]),
            "load": round(ran.load, 1),
            "seconds by stage": figures["stages"],
        }
        print(f"{count} files: {found[f'{count} files']}", flush=True)
    found["processor time a file, against the smallest"] = spread(ratios(costs, costs[:1] * len(costs)))
    return found
