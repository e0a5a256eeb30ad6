"""Running a program and reading off its time, processor time and memory; ratios with their spread."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Run:
    """What one program took, everything that it started included."""

    wall: float
    processor: float
    """Seconds of all processors together; it does not grow when others use the machine."""
    load: float
    """Processes that wanted a processor, by the last minute's average, when it ended."""
    said: str


def run(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> Run:
    """Run the command to its end; it must end well."""
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | dict(environment or {}),
    ) as program:
        said = program.stdout.read() if program.stdout else ""
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    if program.returncode:
        raise SystemExit(f"{command[0]} ended with {program.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, os.getloadavg()[0], said)


def take_in(home: Path, source: Path, *choices: str) -> tuple[Run, dict[str, Any]]:
    """Take the source into a fresh case; the run, and what it said of itself."""
    ran = run(
        [sys.executable, "-m", "bench.taking", str(home), str(source), *choices],
        folder=Path(__file__).parents[1],
    )
    figures: dict[str, Any] = json.loads(ran.said)
    if not figures["kept"] or figures["kept"] != figures["received"]:
        raise SystemExit(f"not everything was kept: {figures}")  # a run that refuses is fast
    return ran, figures


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median and, in brackets, the smallest and the largest."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} [{min(values):.{digits}f} … {max(values):.{digits}f}]"


def ratios(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """How many times as long the first took as the second, pair by pair of one repetition."""
    return [one / other for one, other in zip(first, second, strict=True)]
