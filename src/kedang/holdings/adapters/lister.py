"""One process that lists containers, restarted when a container kills it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec

from kedang.pipeline.messages import MemberChunk, MembersRequest, receive, send
from kedang.pipeline.pool import DIED, TOO_SLOW
from kedang.pipeline.processes import WorkerProcess

SECONDS_PER_CHUNK = 120.0


class ListingFailed(Exception):
    """The container cannot be listed further; `code` says why. What was given before stands."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Lister:
    """Streams the members of containers from a process of its own."""

    def __init__(self, spawn: Callable[[], WorkerProcess]) -> None:
        self._spawn = spawn
        self._worker: WorkerProcess | None = None

    def chunks(self, request: MembersRequest) -> Iterator[MemberChunk]:
        """The members in order, to the last chunk.

        Raises:
            ListingFailed: the process died over it, or took too long for one chunk.
        """
        if self._worker is None:
            self._worker = self._spawn()
        try:
            send(self._worker.connection, request)
        except OSError as error:
            self.close()
            raise ListingFailed(DIED) from error
        while True:
            chunk = self._next(self._worker)
            yield chunk
            if chunk.last:
                return

    def close(self) -> None:
        """End the process."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _next(self, worker: WorkerProcess) -> MemberChunk:
        code = TOO_SLOW
        deadline = time.monotonic() + SECONDS_PER_CHUNK
        try:
            if worker.connection.poll(max(0.0, deadline - time.monotonic())):
                code = DIED
                chunk = receive(worker.connection)
                if isinstance(chunk, MemberChunk):
                    return chunk
        except (EOFError, OSError, msgspec.MsgspecError, IndexError):
            code = DIED
        self.close()
        raise ListingFailed(code)
