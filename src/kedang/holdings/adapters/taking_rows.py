"""One parsing process that says which bytes some rows are and reads what is left without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kedang.holdings.errors import ParsingFailed
from kedang.pipeline.messages import RowsRequest, RowsTaken, WorkerSetup, receive, send
from kedang.pipeline.pool import MESSAGE_SECONDS, SECONDS_PER_ITEM, SECONDS_PER_MEGABYTE
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.validation import are_sound_rows


@contextmanager
def take_rows(
    work: Path, setup: WorkerSetup, *, patience_seconds: int
) -> Iterator[Callable[[RowsRequest], RowsTaken]]:
    """A function that asks the process, which ends with the block."""
    worker = WorkerProcess(
        "kedang.pipeline.worker", setup, home=work / "worker-home", patience_seconds=patience_seconds
    )
    try:
        yield lambda request: _ask(worker, request)
    finally:
        worker.kill()


def _ask(worker: WorkerProcess, request: RowsRequest) -> RowsTaken:
    """The answer.

    Raises:
        ParsingFailed: the process died over it, took too long, or said what cannot be.
    """
    seconds = 2 * SECONDS_PER_ITEM + request.item.size_bytes / 1e6 * SECONDS_PER_MEGABYTE
    try:
        send(worker.connection, request)
        if worker.connection.poll(seconds):
            taken = receive(worker.connection, seconds=MESSAGE_SECONDS)
            if isinstance(taken, RowsTaken) and are_sound_rows(taken, request):
                return taken
    except (EOFError, OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError) as error:
        raise ParsingFailed() from error
    raise ParsingFailed()
