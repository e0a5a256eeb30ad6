"""One job in a process of its own: `python -m kedang.entrypoints.work JOB`, with the keys on standard input.

The web door starts it, so that heavy work neither slows its pages nor takes it along when it dies. The keys come
over a pipe: they are never in an argument, the environment or a file.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from importlib import import_module

import django

POLITENESS = 10
"""Of long work towards people who wait for a page, as `nice` counts it."""


def main() -> int:
    """Take up the job and work to its end. 0: it is over, well or not; 3: another process has it."""
    os.nice(POLITENESS)
    django.setup()
    kinds = import_module("kedang.entrypoints.work_kinds")  # needs Django set up
    told = json.loads(sys.stdin.buffer.read())
    status: int = kinds.work_on(sys.argv[1], told, clock=lambda: datetime.now(UTC), ticks=time.monotonic)
    return status


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    sys.exit(main())
