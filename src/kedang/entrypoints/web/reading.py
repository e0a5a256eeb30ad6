"""A reading process: it makes pages that only show something (`readers`), with keys that it is told on standard input.

It ends when the serving process does, or when it cannot hold a case any more.
"""

from __future__ import annotations

import io
import json
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from kedang.entrypoints.cli.context import new_context
from kedang.entrypoints.told import archive_told
from kedang.entrypoints.web.figures import FIGURES
from kedang.entrypoints.web.keeping_watch import Watch
from kedang.entrypoints.web.opened import NOBODY, OpenedCases, hold
from kedang.entrypoints.web.readers import READY
from kedang.entrypoints.web.wsgi import application
from kedang.pipeline.confinement import keep_secrets


def main(channels: list[str]) -> int:
    """Answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the serving process decides when to end
    keep_secrets()
    context = new_context()
    cases = hold(context.home.root, context.places)
    for told in json.load(sys.stdin.buffer):
        cases.take(told["code"], archive_told(told, NOBODY))
        cases.read_ledger(told["code"])  # else the first pages would read it over and over
    watch = Watch(cases, {"KEDANG_SCHEDULE_SECONDS": "0"})  # the serving process asks for what is due
    watch.start()
    reading = Reading(cases, cases.open_codes())
    asked = [Connection(int(one)) for one in channels]
    threads = [threading.Thread(target=reading.answer_all, args=(channel,)) for channel in asked]
    asked[0].send_bytes(READY)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    watch.stop()
    cases.lock_all()
    return 0


@dataclass(slots=True)
class Reading:
    """What the threads of a reading process share."""

    cases: OpenedCases
    codes: Sequence[str]
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _changes: tuple[int, int] = (0, 0)

    def answer_all(self, channel: Connection) -> None:
        """One request after another, until the other end is gone or a case is not held any more."""
        with channel:
            try:
                while self.answer(channel):
                    pass
            except (OSError, EOFError):
                return

    def answer(self, channel: Connection) -> bool:
        """The next request; False when it cannot be answered here."""
        changes, said = json.loads(channel.recv_bytes())
        body = channel.recv_bytes()
        if self.cases.open_codes() != self.codes:
            return False
        self._keep_up((changes[0], changes[1]))
        for part in answered(said, body):
            channel.send_bytes(part)
        return True

    def _keep_up(self, changes: tuple[int, int]) -> None:
        """Something was changed at the other end since we last heard."""
        with self._guard:
            before, self._changes = self._changes, changes
        if changes != before:
            FIGURES.keep_up(before, changes)
            for code in self.codes:
                self.cases.has_changed(code)


def answered(said: dict[str, str], body: bytes) -> tuple[bytes, bytes]:
    """Status and headers, and the page."""
    head: list[Any] = []
    written: list[bytes] = []

    def start(
        status: str, headers: list[tuple[str, str]], _exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        head[:] = [status, headers]
        return written.append

    environ = said | {
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    pages = application(environ, start)
    try:
        written += pages
    finally:
        pages.close()
    return json.dumps(head).encode(), b"".join(written)
