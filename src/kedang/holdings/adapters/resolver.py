"""The process that compares mentions, as the coordinator sees it. It holds no key and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kedang.holdings.customer_errors import ResolvingFailed
from kedang.pipeline.messages import receive, send
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.resolving_messages import (
    KeptSegment,
    LookWider,
    NamedRecord,
    NamedRecords,
    ResolvedChunk,
    ResolveNow,
    ResolverSetup,
    Touched,
)

BATCH_BYTES = 4 * 1024 * 1024
FAULTS = (OSError, EOFError, msgspec.MsgspecError, IndexError, UnicodeDecodeError)


class Resolver:
    """One process at work on one case."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    def remember(self, segments: Iterable[bytes]) -> None:
        """Hand over what the last comparison has left, before any record.

        Raises:
            ResolvingFailed: the process has gone.
        """
        for payload in segments:
            self._send(KeptSegment(payload))

    def take(self, records: Iterable[NamedRecord]) -> None:
        """Hand over records, some in a message.

        Raises:
            ResolvingFailed: the process has gone.
        """
        some: list[NamedRecord] = []
        size = 0
        for record in records:
            some.append(record)
            size += len(record.mentions)
            if size >= BATCH_BYTES:
                self._send(NamedRecords(tuple(some)))
                some, size = [], 0
        if some:
            self._send(NamedRecords(tuple(some)))

    def look_wider(self, request: LookWider) -> Touched:
        """Who must be compared beside those whose records it has.

        Raises:
            ResolvingFailed: the process has gone, or what it says is no answer.
        """
        self._send(request)
        answer = self._received()
        if not isinstance(answer, Touched):
            raise ResolvingFailed()
        return answer

    def resolve(self, request: ResolveNow) -> Iterator[ResolvedChunk]:
        """The outcome, chunk by chunk.

        Raises:
            ResolvingFailed: the process has gone, or what it says is no outcome.
        """
        self._send(request)
        while True:
            chunk = self._received()
            if not isinstance(chunk, ResolvedChunk):
                raise ResolvingFailed()
            yield chunk
            if chunk.last:
                return

    def segments(self, count: int) -> Iterator[bytes]:
        """What is new of what the comparison leaves, one segment at a time; behind the outcome.

        Raises:
            ResolvingFailed: the process has gone, or what it says is no segment.
        """
        for _ in range(count):
            said = self._received()
            if not isinstance(said, KeptSegment):
                raise ResolvingFailed()
            yield said.payload

    def _received(self) -> object:
        try:
            return receive(self._worker.connection)
        except FAULTS as error:
            raise ResolvingFailed() from error

    def _send(self, message: object) -> None:
        try:
            send(self._worker.connection, message)
        except OSError as error:
            raise ResolvingFailed() from error


@contextmanager
def resolving(setup: ResolverSetup) -> Iterator[Resolver]:
    """The process, which ends with the block."""
    worker = WorkerProcess("kedang.pipeline.resolver", setup, home=Path(setup.work_folder) / "resolver-home")
    try:
        yield Resolver(worker)
    finally:
        worker.kill()
