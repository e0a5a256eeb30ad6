"""The program `kedang`, killed by its own hand before the n-th step that could leave something behind.

    python dying.py N WHAT kedang-arguments …

Steps are SQL statements (WHAT is "statement"), or files opened for writing, renamed and removed (WHAT is
"file"), of the coordinating process. Nothing of kedang is replaced: the steps are counted from outside.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

MOVING = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"})


class Countdown:
    """Kills this process at the end."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def step(self) -> None:
        """One step more."""
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def counting_files(countdown: Countdown) -> None:
    """Count what changes the disk."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in MOVING or (event == "open" and isinstance(arguments[2], int) and _writes(arguments[2])):
            countdown.step()

    sys.addaudithook(hook)


def _writes(flags: int) -> bool:
    return bool(flags & (os.O_WRONLY | os.O_RDWR))


def counting_statements(countdown: Countdown) -> None:
    """Count what is asked of the database."""
    from django.db.backends.signals import connection_created

    def execute(run: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            countdown.step()
        return run(statement, *rest)

    def connected(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(execute)

    connection_created.connect(connected, weak=False)


if __name__ == "__main__":
    count = Countdown(int(sys.argv[1]))
    {"file": counting_files, "statement": counting_statements}[sys.argv[2]](count)
    sys.argv = ["kedang", *sys.argv[3:]]
    from kedang.entrypoints.cli import main

    main()
