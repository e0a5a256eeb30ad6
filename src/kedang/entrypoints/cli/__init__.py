"""The command `kedang`."""

from __future__ import annotations

import gc
import os

OBJECTS_BETWEEN_COLLECTIONS = 50_000  # rows come and go by the thousand, and hardly any is of a cycle


def main() -> None:
    """Say where Django's settings are, then run the command, which sets Django up when it needs it."""
    os.umask(0o077)  # whatever is written is its owner's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    # What is imported stays: looking for garbage while it comes would take an eighth of a short command.
    gc.disable()  # until the verb is there: `verbs.py`
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)
    from kedang.entrypoints.cli.app import leave, run

    leave(run())
