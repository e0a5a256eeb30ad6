"""The application of the serving process, with pages that only show something made by reading processes (`readers`)."""

from __future__ import annotations

import io
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from typing import Any, Protocol

CROWDED = 3
"""So many requests in work at once are a crowd, when one of them comes that could be answered elsewhere,"""
CROWDED_TIMES, CROWDED_SECONDS = 6, 10.0
"""and so many crowds within so long are worth another process."""
PATIENCE_SECONDS = 60.0
"""For an answer from elsewhere; who takes longer stands still and is ended."""
MOST_BODY_BYTES = 16 * 1024
SHOWN = re.compile(
    r"/c/[^/]+/(overview/charts/|overview/map/|archive/|archive/(customers|desks)/|records/[0-9a-f]{32}/)?"
)
"""What only shows something, and what people look at most."""
SEARCH = re.compile(r"/c/[^/]+/archive/search/")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Others(Protocol):
    """The reading processes."""

    def another(self) -> None:
        """One more is worth its memory."""

    def asking(self, here: int) -> AbstractContextManager[Connection | None]:
        """A channel to the one that has least to do; None when it is this one, with `here` requests in work."""


class Spread:
    """The application, with some of its pages made elsewhere.

    `changes` says how often something was changed at a page here: whoever makes pages elsewhere is told, so that
    nobody sees a list as it was before his own change.
    """

    def __init__(
        self,
        application: Application,
        others: Others,
        changes: Callable[[], tuple[int, int]],
        ticks: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._application, self._others, self._changes, self._ticks = application, others, changes, ticks
        self._patience = patience
        self._guard = threading.Lock()  # protects what follows
        self._here = 0
        self._crowds: deque[float] = deque(maxlen=CROWDED_TIMES)

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """The answer, from whoever has less to do."""
        shows = only_shows(environ)
        if shows:
            try:
                with self._others.asking(self._here) as channel:
                    if channel is not None:
                        return self._elsewhere(channel, environ, start)
            except (OSError, EOFError):
                pass  # that process is gone or stands still: the page is made here
        with self._guard:
            self._here += 1
            crowded = shows and self._here >= CROWDED and self._often_crowded()
        if crowded:
            self._others.another()
        try:
            return self._application(environ, start)
        finally:
            with self._guard:
                self._here -= 1

    def _often_crowded(self) -> bool:
        self._crowds.append(self._ticks())
        if len(self._crowds) < CROWDED_TIMES or self._crowds[-1] - self._crowds[0] > CROWDED_SECONDS:
            return False
        self._crowds.clear()
        return True

    def _elsewhere(self, channel: Connection, environ: Environ, start: StartResponse) -> Sequence[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)  # to be read again here, should the other end be gone
        said = {name: value for name, value in environ.items() if isinstance(value, str)}
        channel.send_bytes(json.dumps([self._changes(), said]).encode())
        channel.send_bytes(body)
        if not channel.poll(self._patience):
            raise EOFError
        status, headers = json.loads(channel.recv_bytes())
        answer = channel.recv_bytes()
        start(status, [(name, value) for name, value in headers])
        return [answer]


def only_shows(environ: Environ) -> bool:
    """Whether a reading process may answer this."""
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "GET":
        return SHOWN.fullmatch(path) is not None
    length = environ.get("CONTENT_LENGTH", "")
    small = length.isdecimal() and int(length) <= MOST_BODY_BYTES
    return environ["REQUEST_METHOD"] == "POST" and small and SEARCH.fullmatch(path) is not None
