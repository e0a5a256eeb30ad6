"""Reading processes: they make pages that only show something, on the other processors, while many people ask.

Python works on one thing at a time in a process. This process opens cases, answers everything that changes something and
starts jobs; when people wait for each other it starts others, tells them the keys as it tells jobs, and hands
requests over to whichever has less to do. They keep nothing that this one does not know, so they may end at any
instant: their requests are answered here then. When a case is opened or locked all of them end, and keys end with them.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from kedang.entrypoints.told import keys_told
from kedang.entrypoints.web.opened import OpenedCases
from kedang.holdings.errors import CaseLocked
from kedang.holdings.queries.cases import has_records

CHANNELS = 4
"""Requests that one reading process answers at a time."""
READY = b"ready"
LARGE = 20_000
"""Records of a case whose pages take long enough that one reading process is worth its memory from the start."""


@dataclass(slots=True)
class Reader:
    """One reading process, and the channels over which it is asked."""

    process: subprocess.Popen[bytes]
    free: list[Connection]
    ready: bool = False
    busy: int = 0

    def end(self) -> None:
        """Gone when this returns, with its keys."""
        self.process.kill()
        self.process.wait()
        for channel in self.free:
            channel.close()


@dataclass(slots=True)
class Readers:
    """At most `most` reading processes of the opened cases, begun when they are wanted."""

    cases: OpenedCases
    most: int
    _guard: threading.Lock = field(default_factory=threading.Lock)  # protects what follows
    _readers: list[Reader] = field(default_factory=list)

    def another(self) -> None:
        """One more, unless there are as many as may be or one is just beginning."""
        with self._guard:
            if len(self._readers) < self.most and all(one.ready for one in self._readers):
                self._begin()

    def _begin(self) -> None:
        try:
            reader = begun(self.cases)
        except (CaseLocked, OSError):  # just now: all of them end; or there is no room for another process
            return
        self._readers.append(reader)
        threading.Thread(target=self._await, args=(reader,), name="reader", daemon=True).start()

    def _await(self, reader: Reader) -> None:
        """It is asked only once it is ready."""
        try:
            ready = reader.free[0].recv_bytes() == READY
        except (OSError, EOFError):
            ready = False
        with self._guard:
            reader.ready = ready
        if not ready:
            self._gone(reader)

    @contextmanager
    def asking(self, here: int) -> Iterator[Connection | None]:
        """A channel to the process that has least to do; None when it is this one, with `here` requests in work."""
        with self._guard:
            able = [one for one in self._readers if one.ready and one.free]
            reader = min(able, key=lambda one: one.busy, default=None)
            if reader is None or reader.busy >= here:
                channel = None
            else:
                channel = reader.free.pop()
                reader.busy += 1
        if reader is None or channel is None:
            yield None
            return
        whole = False
        try:
            yield channel
            whole = True
        finally:
            if whole:
                with self._guard:
                    reader.busy -= 1
                    reader.free.append(channel)
            else:
                channel.close()
                self._gone(reader)

    def _gone(self, reader: Reader) -> None:
        with self._guard:
            if reader not in self._readers:
                return
            self._readers.remove(reader)
        reader.end()

    def have_changed(self) -> None:
        """A case was opened or locked: all of them have ended when this returns. They come again when they are wanted."""
        self._end()
        masters = [self.cases.master(code) for code in self.cases.open_codes()]
        if any(has_records(master.case_id, LARGE) for master in masters):
            self.another()

    def close(self) -> None:
        """All of them have ended when this returns, for good."""
        self.most = 0
        self._end()

    def _end(self) -> None:
        with self._guard:
            ended, self._readers[:] = list(self._readers), []
        for reader in ended:
            reader.end()


def begun(cases: OpenedCases) -> Reader:
    """A process that will say when it is ready; told the keys of all opened cases.

    Raises:
        CaseLocked: one of them is not open any more.
    """
    told = []
    for code in cases.open_codes():
        with cases.master_at_rest(code) as master:
            told.append({"code": code, **json.loads(keys_told(master))})
    pairs = [socket.socketpair() for _ in range(CHANNELS)]
    theirs = [second.fileno() for _, second in pairs]
    process = subprocess.Popen(
        [sys.executable, "-m", "kedang.entrypoints.web", "reading", *map(str, theirs)],
        stdin=subprocess.PIPE,
        pass_fds=theirs,
    )
    for _, second in pairs:
        second.close()
    if process.stdin is not None:
        with suppress(BrokenPipeError), process.stdin:  # it has died at once: it will not be ready
            process.stdin.write(json.dumps(told).encode())
    return Reader(process, [Connection(first.detach()) for first, _ in pairs])
