"""Commits in a thread of their own: while the database writes, the next things are received.

The thread has a connection of its own and takes no keys: when the epoch has moved on, the batch is committed by the
thread that holds them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import connection

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.intake.commit import Rows, commit
from kedang.records.ids import PackId


@dataclass(slots=True)
class Committing:
    """One commit at a time, in the order in which they are begun. `end` it in any case."""

    archive: Archive
    seconds: float = 0.0
    """How long all commits have taken."""
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")
    )
    _begun: tuple[Future[bool], Callable[[], bool]] | None = None
    """The commit under way, and how it is done here."""

    def begin(
        self, rows: Rows, *, pack: tuple[PackId, int, int] | None, pages: NewPages, now: datetime
    ) -> None:
        """Commit these when the commit before is done; raises what that raised."""
        self.wait()
        self.archive.mac_key()  # read here, known there
        here = partial(commit, self.archive, rows, pack=pack, pages=pages, now=now)
        self._begun = self._thread.submit(self._timed, partial(here, moving=False)), here

    def wait(self) -> None:
        """Everything that was begun is committed when this returns."""
        begun, self._begun = self._begun, None
        if begun is not None and not begun[0].result():
            self._timed(begun[1])

    def end(self) -> None:
        """Let what is under way come to its end, and the connection go."""
        self._thread.submit(_close_connection).result()
        self._thread.shutdown()

    def _timed(self, committed: Callable[[], bool]) -> bool:
        started = time.perf_counter()
        try:
            return committed()
        finally:
            self.seconds += time.perf_counter() - started


def _close_connection() -> None:
    """That of the thread in which this is called: `connection` is another in each."""
    connection.close()
