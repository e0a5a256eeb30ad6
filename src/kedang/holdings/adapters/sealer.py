"""The sealing process as the coordinator sees it: requests go out, answers are collected by ticket."""

from __future__ import annotations

import select
from pathlib import Path

import msgspec

from kedang.holdings.errors import SealingFailed
from kedang.pipeline.messages import (
    ClosePack,
    Failed,
    OpenPack,
    PackClosed,
    Sealed,
    SealerSetup,
    SealRequest,
    receive,
    send,
)
from kedang.pipeline.processes import WorkerProcess


class Sealer:
    """One sealing process with one pack at a time.

    Answers are drained before every request, so that neither side can wait for the other to read.
    """

    def __init__(self, setup: SealerSetup, *, home: Path) -> None:
        self._worker = WorkerProcess("kedang.pipeline.sealer", setup, home=home)
        self._answers: dict[int, Sealed] = {}
        self._closed: PackClosed | None = None
        self._spools: list[Path] = []
        self._hearing = select.poll()
        self._hearing.register(self._worker.connection.fileno(), select.POLLIN)

    def open_pack(self, pack_id: str) -> None:
        """Begin the pack whose row has been committed."""
        self._send(OpenPack(pack_id=pack_id))

    def seal(self, request: SealRequest) -> None:
        """Ask for one record's parts to be sealed into the open pack; a spool file goes when they are."""
        if request.content is not None and request.content.spool is not None:
            self._spools.append(Path(request.content.spool))
        self._send(request)

    def close_pack(self) -> tuple[PackClosed, dict[int, Sealed]]:
        """Make the pack durable; where everything asked for since `open_pack` stands in it."""
        self._send(ClosePack())
        while self._closed is None:
            self._take()
        closed, answers = self._closed, self._answers
        for spool in self._spools:
            spool.unlink(missing_ok=True)
        self._closed, self._answers, self._spools = None, {}, []
        return closed, answers

    def end(self) -> None:
        """End the process."""
        self._worker.kill()

    def _send(self, message: object) -> None:
        try:
            while self._hearing.poll(0):
                self._take()
            send(self._worker.connection, message)
        except (OSError, EOFError) as error:
            raise SealingFailed() from error

    def _take(self) -> None:
        try:
            message = receive(self._worker.connection)
        except (OSError, EOFError, msgspec.MsgspecError, IndexError) as error:
            raise SealingFailed() from error
        match message:
            case Sealed():
                self._answers[message.ticket] = message
            case PackClosed():
                self._closed = message
            case Failed():
                raise SealingFailed(because=message.code)
