"""The benchmarks: `python -m bench [PART …]`; without a part, all of them. How they are made: docs/benchmarks.md.

Everything is measured in this run, in turn with what it is compared with, so that others who use the
machine disturb both alike. Seconds of the processor stand beside those of the clock.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.copies import backups, checks
from bench.homes import remove_case
from bench.linkage import chinese, others
from bench.machine import machine
from bench.measuring import run
from bench.sealing import against_age, against_restic
from bench.trees import born_digital, large_files, small_files
from bench.understanding import born_digital as measure_born_digital
from bench.understanding import scaling
from bench.web import PEOPLE, SECONDS, browsing

HERE = Path(__file__).parent
SCALE = 8  # of the sample company: about 3,300 born-digital documents
SMALL_FILES = 30_000
LARGE_FILES, LARGE_MEGABYTES = 8, 128
COUNTS = (1_000, 10_000, 30_000, 100_000)


def part_born_digital(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Office files, mails, PDF and text from file to committed index."""
    return measure_born_digital(folder, born_digital(folder, SCALE), given.repetitions)


def part_small_files(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """30,000 small files against restic."""
    return against_restic(folder, small_files(folder, SMALL_FILES), given.repetitions)


def part_large_files(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """1 GiB of large files against restic and against age."""
    tree = large_files(folder, LARGE_FILES, LARGE_MEGABYTES)
    restic = against_restic(folder, tree, given.repetitions)
    return {"restic": restic, "age": against_age(folder, tree, given.repetitions)}


def part_copies_small(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Backups of 30,000 small files, first and incremental, against restic and borg."""
    return backups(folder, small_files(folder, SMALL_FILES), given.repetitions)


def part_copies_large(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Backups of 1 GiB of large files, first and incremental, against restic and borg."""
    return backups(folder, large_files(folder, LARGE_FILES, LARGE_MEGABYTES), given.repetitions)


def part_checks_small(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Checking 30,000 small files against restic, sha256sum and bagit."""
    return checks(folder, small_files(folder, SMALL_FILES), given.repetitions)


def part_checks_large(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Checking 1 GiB of large files against restic, sha256sum and bagit."""
    return checks(folder, large_files(folder, LARGE_FILES, LARGE_MEGABYTES), given.repetitions)


def part_scaling(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """What a file costs, from the smallest archive to the largest."""
    return scaling(folder, [count for count in COUNTS if count <= given.files])


def part_latency(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Opening, paging and searching in the largest archive."""
    home = folder / "scaled"
    if not home.exists():
        scaling(folder, [given.files])
    read = run([sys.executable, "-m", "bench.reading", str(home)], folder=HERE.parent)
    figures: dict[str, Any] = json.loads(read.said)
    return figures


def part_web(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Fifty people browsing the largest archive at its web door, then also while an intake runs."""
    home = folder / "scaled"
    if not home.exists():
        scaling(folder, [given.files])
    source = small_files(folder, min(SMALL_FILES, given.files))
    return browsing(home, people=given.people, seconds=given.seconds, source=source)


def part_ocr(_folder: Path, _given: argparse.Namespace) -> dict[str, Any]:
    """Pages recognised a second; a program of its own."""
    return {"exit": subprocess.run([sys.executable, HERE / "ocr.py"], check=False).returncode}


def part_search(_folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """The index alone; a program of its own, which takes a peer for comparison."""
    command = [sys.executable, str(HERE / "search.py"), "--documents", str(given.files)]
    return {"exit": subprocess.run(command, check=False).returncode}


def part_linkage(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Finding customers among generated mentions beside plain Splink, and in the labelled sets of others."""
    counts = [count for count in (10_000, 100_000, 1_000_000) if count <= given.mentions]
    figures: dict[str, Any] = {f"{count} mentions": chinese(folder, count) for count in counts}
    return figures | part_linkage_sets(folder, given)


def part_linkage_sets(_folder: Path, _given: argparse.Namespace) -> dict[str, Any]:
    """Finding customers in the labelled sets of others, beside plain Splink: a minute."""
    sets = HERE.parents[1] / "shared" / "data" / "linkage"
    return {"labelled sets": others(sets)} if sets.is_dir() else {}


PARTS: dict[str, Callable[[Path, argparse.Namespace], dict[str, Any]]] = {
    "born-digital": part_born_digital,
    "small-files": part_small_files,
    "large-files": part_large_files,
    "copies-small": part_copies_small,
    "copies-large": part_copies_large,
    "checks-small": part_checks_small,
    "checks-large": part_checks_large,
    "scaling": part_scaling,
    "latency": part_latency,
    "web": part_web,
    "linkage": part_linkage,
    "linkage-sets": part_linkage_sets,
    "ocr": part_ocr,
    "search": part_search,
}


def main() -> int:
    """Run the parts asked for and print what they found."""
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    asked.add_argument("--repetitions", type=int, default=3)
    asked.add_argument("--files", type=int, default=COUNTS[-1], help="most files in scaling, latency, search")
    asked.add_argument("--mentions", type=int, default=1_000_000, help="most mentions in linkage")
    asked.add_argument("--people", type=int, default=PEOPLE, help="people at the web door")
    asked.add_argument("--seconds", type=float, default=SECONDS, help="how long they browse")
    asked.add_argument(
        "--work", type=Path, help="folder for trees and archives; kept, so that trees are reused"
    )
    asked.add_argument("--json", type=Path, help="also write the figures here")
    given = asked.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        asked.error(f"no such part: {', '.join(sorted(unknown))}")
    print(machine(), flush=True)
    found: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory(prefix="kedang-bench-") as temporary:
        folder = given.work or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in given.parts or PARTS:
            print(f"\n== {name}: {PARTS[name].__doc__}", flush=True)
            found[name] = PARTS[name](folder, given)
            print(json.dumps(found[name], indent=2, ensure_ascii=False), flush=True)
        if not given.work:
            remove_case(folder / "scaled")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
