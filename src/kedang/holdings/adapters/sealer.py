"""The sealing process as the coordinator sees it: requests go out, answers are collected by ticket.

Rules:
1. Nobody waits for the other to read: one thread sends what is asked, another takes what is answered. The process
   has work while the coordinator writes rows, and the coordinator goes on while a pack is made durable.
2. What is asked is answered in order, so that a closed pack means that everything in it is answered.
3. Unsent requests hold so many bytes and no more; whoever asks beyond that waits.
4. When the process fails, whoever asks or waits next is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from threading import Condition, Thread
from typing import TypeVar

import msgspec

from kedang.holdings.errors import SealingFailed
from kedang.pipeline.messages import (
    Failed,
    Proven,
    ProveRequest,
    SealBatch,
    Sealed,
    SealedBatch,
    SealRequest,
    framed,
    receive,
    send_frame,
)
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.sealing_messages import ClosePack, OpenPack, PackClosed, SealerSetup

BATCH_REQUESTS = 256  # in one message: a thread waits some milliseconds for its turn, before and after each
BATCH_BYTES = 256 * 1024  # of content in one message
UNSENT_BYTES = 16 * 1024 * 1024  # of what waits to be sent

Asked = TypeVar("Asked", int, str)
Answer = TypeVar("Answer")


class Sealer:
    """One sealing process with one pack at a time."""

    def __init__(self, setup: SealerSetup, *, home: Path) -> None:
        self._worker = WorkerProcess("kedang.pipeline.sealer", setup, home=home)
        self._batch: list[SealRequest] = []
        self._batch_bytes = 0
        self._spools: dict[int, Path] = {}
        """By ticket; a file goes when what was asked of it is answered."""
        self._changed = Condition()
        """Guards all that follows."""
        self._unsent: deque[bytearray] = deque()
        self._unsent_bytes = 0
        self._answers: dict[int, Sealed] = {}
        """To what was asked for since the pack was opened."""
        self._proofs: dict[int, bool] = {}
        self._closed: dict[str, tuple[PackClosed, dict[int, Sealed]]] = {}
        self._fault: SealingFailed | None = None
        self._threads = [Thread(target=one, daemon=True) for one in (self._send_all, self._take_all)]
        for thread in self._threads:
            thread.start()

    def open_pack(self, pack_id: str) -> None:
        """Begin the pack whose row has been committed; the one before is closed."""
        self._put(OpenPack(pack_id=pack_id))

    def seal(self, request: SealRequest) -> None:
        """Ask for one record's parts to be sealed into the open pack; a spool file goes when they are."""
        content = request.content
        if content is not None:
            self._note_spool(request.ticket, content.spool)
            self._batch_bytes += len(content.data or b"")
        self._batch.append(request)
        self._batch_bytes += len(request.derived)
        if self._batch_bytes >= BATCH_BYTES or len(self._batch) >= BATCH_REQUESTS:
            self._send_batch()

    def prove(self, request: ProveRequest) -> None:
        """Ask whether bytes are what is said of them; a spool file goes when they have been read."""
        self._note_spool(request.ticket, request.content.spool)
        self._put(request)

    def close_pack(self) -> None:
        """Ask for the open pack to be made durable."""
        self._send_batch()
        self._put(ClosePack())

    def has_closed(self, pack_id: str) -> bool:
        """Whether a pack is durable; everything asked for since it was opened is answered then."""
        return pack_id in self._closed or self._fault is not None

    def closed(self, pack_id: str) -> tuple[PackClosed, dict[int, Sealed]]:
        """The durable pack, waited for, and where everything asked for since it was opened stands in it."""
        closed, answers = self._taken(self._closed, pack_id)
        self._forget_spools(answers)
        return closed, answers

    def proven(self, ticket: int) -> bool:
        """What has come of something to be proven, waited for."""
        proven = self._taken(self._proofs, ticket)
        self._forget_spools((ticket,))
        return proven

    def end(self) -> None:
        """End the process."""
        self._worker.process.kill()
        self._fail(SealingFailed())
        for thread in self._threads:
            thread.join()  # before their socket is closed and its number given to another
        self._worker.kill()

    def _send_batch(self) -> None:
        if self._batch:
            self._put(SealBatch(tuple(self._batch)))
            self._batch, self._batch_bytes = [], 0

    def _note_spool(self, ticket: int, spool: str | None) -> None:
        if spool is not None:
            self._spools[ticket] = Path(spool)

    def _forget_spools(self, answered: Iterable[int]) -> None:
        for ticket in self._spools.keys() & answered:
            self._spools.pop(ticket).unlink(missing_ok=True)

    def _put(self, message: object) -> None:
        """Let it be sent, when there is room."""
        frame = framed(message)
        with self._changed:
            self._changed.wait_for(lambda: self._fault or self._unsent_bytes <= UNSENT_BYTES)
            if self._fault is not None:
                raise self._fault
            self._unsent.append(frame)
            self._unsent_bytes += len(frame)
            self._changed.notify_all()

    def _taken(self, answers: dict[Asked, Answer], asked: Asked) -> Answer:
        """One answer, when it is here."""
        with self._changed:
            self._changed.wait_for(lambda: self._fault or asked in answers)
            if self._fault is not None:
                raise self._fault
            return answers.pop(asked)

    def _send_all(self) -> None:
        """The thread that sends."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._fault or self._unsent)
                if self._fault is not None:
                    return
                frame = self._unsent.popleft()
                self._unsent_bytes -= len(frame)
                self._changed.notify_all()
            try:
                send_frame(self._worker.connection, frame)
            except OSError:
                self._fail(SealingFailed())

    def _take_all(self) -> None:
        """The thread that takes answers."""
        while self._fault is None:
            try:
                message = receive(self._worker.connection)
            except (OSError, EOFError, msgspec.MsgspecError, IndexError):
                self._fail(SealingFailed())
                return
            with self._changed:
                self._take(message)
                self._changed.notify_all()

    def _take(self, message: object) -> None:
        match message:
            case SealedBatch():
                self._answers.update((sealed.ticket, sealed) for sealed in message.sealed)
            case Proven():
                self._proofs[message.ticket] = message.same
            case PackClosed():
                self._closed[message.pack_id] = message, self._answers
                self._answers = {}
            case Failed():
                self._fault = self._fault or SealingFailed(because=message.code)

    def _fail(self, fault: SealingFailed) -> None:
        """Tell whoever waits, unless it has failed before."""
        with self._changed:
            self._fault = self._fault or fault
            self._changed.notify_all()
