"""The sealing process as the coordinator sees it: requests go out, answers are collected by ticket."""

from __future__ import annotations

from collections import deque
from pathlib import Path

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
    receive,
    send,
)
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.sealing_messages import ClosePack, OpenPack, PackClosed, SealerSetup

BATCH_CONTENT_BYTES = 256 * 1024  # of content in one message
BATCH_ANSWER_BYTES = 24 * 1024
UNREAD_BYTES = 72 * 1024  # of answers on their way; a socket holds more than twice as much
ANSWER_BYTES = 128  # of an outcome without columns and segments, and of each sealed column beyond its value
SEGMENT_ANSWER_BYTES = 24
PROOF_ANSWER_BYTES = 1024  # a message of its own: a socket counts what it takes in memory


class Sealer:
    """One sealing process with one pack at a time.

    Requests go out in batches. So that neither side can wait for the other to read, no more answers are
    ever on their way than a socket holds; a batch whose answer alone is larger is waited for at once.
    """

    def __init__(self, setup: SealerSetup, *, home: Path) -> None:
        self._worker = WorkerProcess("kedang.pipeline.sealer", setup, home=home)
        self._answers: dict[int, Sealed] = {}
        self._closed: PackClosed | None = None
        self._spools: list[Path] = []
        self._batch: list[SealRequest] = []
        self._batch_bytes = 0
        self._batch_answer = 0
        self._expected: deque[int] = deque()
        """About how long each answer on its way will be."""
        self._proofs: dict[int, bool] = {}
        self._unproven = 0

    def open_pack(self, pack_id: str) -> None:
        """Begin the pack whose row has been committed."""
        self._send(OpenPack(pack_id=pack_id))

    def seal(self, request: SealRequest) -> None:
        """Ask for one record's parts to be sealed into the open pack; a spool file goes when they are."""
        content = request.content
        if content is not None and content.spool is not None:
            self._spools.append(Path(content.spool))
        self._batch.append(request)
        self._batch_bytes += len(request.derived) + len(content.data or b"" if content else b"")
        self._batch_answer += _answer_bytes(request)
        if self._batch_bytes >= BATCH_CONTENT_BYTES or self._batch_answer >= BATCH_ANSWER_BYTES:
            self._send_batch()

    def close_pack(self) -> tuple[PackClosed, dict[int, Sealed]]:
        """Make the pack durable; where everything asked for since `open_pack` stands in it."""
        self._send_batch()
        self._send(ClosePack())
        while self._closed is None:
            self._take()
        closed, answers = self._closed, self._answers
        self._closed, self._answers = None, {}
        self._sweep()
        return closed, answers

    def prove(self, request: ProveRequest) -> None:
        """Ask whether bytes are what is said of them; a spool file goes when they have been read."""
        if request.content.spool is not None:
            self._spools.append(Path(request.content.spool))
        self._unproven += 1
        self._ask(request, PROOF_ANSWER_BYTES)

    def proofs(self) -> dict[int, bool]:
        """What has come of everything to be proven since the last call, by ticket; no pack is open."""
        while self._unproven:
            self._take()
        self._sweep()
        proofs, self._proofs = self._proofs, {}
        return proofs

    def end(self) -> None:
        """End the process."""
        self._worker.kill()

    def _sweep(self) -> None:
        """Remove the spool files of what has been answered, which is all."""
        for spool in self._spools:
            spool.unlink(missing_ok=True)
        self._spools = []

    def _send_batch(self) -> None:
        if not self._batch:
            return
        batch, answer = SealBatch(tuple(self._batch)), self._batch_answer
        self._batch, self._batch_bytes, self._batch_answer = [], 0, 0
        self._ask(batch, answer)

    def _ask(self, message: object, answer_bytes: int) -> None:
        """Send what will be answered, when there is room for the answer."""
        while self._expected and sum(self._expected) + answer_bytes > UNREAD_BYTES:
            self._take()
        self._expected.append(answer_bytes)
        self._send(message)
        while self._expected and sum(self._expected) > UNREAD_BYTES:
            self._take()

    def _send(self, message: object) -> None:
        try:
            send(self._worker.connection, message)
        except OSError as error:
            raise SealingFailed() from error

    def _take(self) -> None:
        try:
            message = receive(self._worker.connection)
        except (OSError, EOFError, msgspec.MsgspecError, IndexError) as error:
            raise SealingFailed() from error
        match message:
            case SealedBatch():
                self._expected.popleft()
                self._answers.update((sealed.ticket, sealed) for sealed in message.sealed)
            case Proven():
                self._expected.popleft()
                self._unproven -= 1
                self._proofs[message.ticket] = message.same
            case PackClosed():
                self._closed = message
            case Failed():
                raise SealingFailed(because=message.code)


def _answer_bytes(request: SealRequest) -> int:
    """About how long the answer will be; rather too much."""
    columns = sum(ANSWER_BYTES + len(one.value) * 9 // 8 for one in request.columns)
    return ANSWER_BYTES + columns + SEGMENT_ANSWER_BYTES * len(request.segments)
