"""The program `kedang`, killed by its own hand before the n-th step that could leave something behind.

    python dying.py N WHAT kedang-arguments …

Steps are SQL statements (WHAT is "statement"), or files opened for writing, renamed and removed (WHAT is
"file"), of the coordinating process. Nothing of kedang is replaced: the steps are counted from outside.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created

from kedang.entrypoints.cli import main

MOVING = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"})


class Countdown:
    """Counts the steps of a kind, and kills this process before one of them."""

    def __init__(self, last: int) -> None:
        self.steps = 0
        self._last = last

    def step(self) -> None:
        """One step more."""
        self.steps += 1
        if self.steps == self._last:
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
    """Count what is written to the database."""

    def execute(run: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            countdown.step()
        return run(statement, *rest)

    def connected(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(execute)

    connection_created.connect(connected, weak=False)


def told(counts: dict[str, Countdown]) -> None:
    """Say at the end how many steps there were: nothing killed this process."""
    said = ", ".join(f"{what}={count.steps}" for what, count in counts.items())
    sys.stderr.write(f"steps: {said}\n")


if __name__ == "__main__":
    wanted = {sys.argv[2]: int(sys.argv[1])}
    counts = {what: Countdown(wanted.get(what, 0)) for what in ("file", "statement")}
    counting_files(counts["file"])
    counting_statements(counts["statement"])
    atexit.register(told, counts)
    sys.argv = ["kedang", *sys.argv[3:]]
    main()
