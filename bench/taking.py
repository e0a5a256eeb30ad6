"""One intake as a program of its own, so that its time and memory can be read off: what was measured, as JSON.

    python -m bench.taking HOME SOURCE [--no-understand] [--no-names] [--workers N] [--profile FILE]

The home is made new, with keys beside it; everything is as in `kedang init` and `kedang intake`.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def options() -> argparse.Namespace:
    """What is to be taken in, and how."""
    choices = argparse.ArgumentParser(description=__doc__)
    choices.add_argument("home", type=Path)
    choices.add_argument("source", type=Path)
    choices.add_argument("--no-understand", action="store_true")
    choices.add_argument("--no-names", action="store_true")
    choices.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    choices.add_argument("--profile", type=Path)
    return choices.parse_args()


def taken_in(given: argparse.Namespace) -> dict[str, Any]:
    """Open a case in the home, take the source in, and say what that took."""
    os.environ["KEDANG_HOME"] = str(given.home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
    import django  # noqa: PLC0415 - set up in the home that was given

    django.setup()
    from bench.case import intake_into  # noqa: PLC0415

    profile = cProfile.Profile() if given.profile else None
    started, used = time.perf_counter(), time.process_time()
    if profile:
        profile.enable()
    figures = intake_into(
        given.home,
        given.source,
        understand=not given.no_understand,
        names=not given.no_names,
        workers=given.workers,
        clock=lambda: datetime.now(UTC),
    )
    if profile:
        profile.disable()
        profile.dump_stats(given.profile)
    figures["wall"] = time.perf_counter() - started
    figures["coordinator_processor"] = time.process_time() - used
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures["workers_processor"] = children.ru_utime + children.ru_stime
    figures["coordinator_peak_mb"] = peak_mb()
    figures["worker_peak_mb"] = children.ru_maxrss / 1024
    return figures


def peak_mb() -> float:
    """The most memory this program had; `getrusage` would say that of its parent when that was more."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(taken_in(options())) + "\n")
