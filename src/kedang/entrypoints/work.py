"""One job in a process of its own: `python -m kedang.entrypoints.work JOB`, with the keys on standard input.

The web door starts it, so that heavy work neither slows its pages nor takes it along when it dies. The keys come
over a pipe: they are never in an argument, the environment or a file.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import django

POLITENESS = 10
"""Of long work towards people who wait for a page, as `nice` counts it."""


def keys_told(archive: Any) -> bytes:
    """What a job's process must be told to open the case."""
    unlocked = archive.keyring.unlocked
    return json.dumps(
        {
            "case": unlocked.case,
            "slot": unlocked.slot,
            "kind": unlocked.kind.value,
            "epoch_keys": {
                str(epoch): base64.b64encode(key).decode() for epoch, key in unlocked.epoch_keys.items()
            },
            "slot_private_key": base64.b64encode(bytes(unlocked.slot_private_key)).decode(),
            "serial": unlocked.serial,
            "sheet": base64.b64encode(unlocked.sheet).decode(),
            "home": str(archive.home.root),
            "sheets": [str(place) for place in archive.places.sheets],
            "secrets": str(archive.places.secrets),
        }
    ).encode()


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
