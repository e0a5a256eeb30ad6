"""A parsing process that sets photographs of paper straight: without keys, one for each series, ended after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from kedang.holdings.adapters.archive import Archive
from kedang.pipeline.errors import PhotoUnusable
from kedang.pipeline.messages import WorkerSetup, receive, send
from kedang.pipeline.paper_messages import DOUBTS, PICTURE_BYTES, PICTURE_POINTS, PaperDone, PaperRequest
from kedang.pipeline.processes import WorkerProcess
from kedang.vault.suites import KEY_BYTES

AT_ONCE = 2  # photographs that are worked on at the same time
MEMORY_BYTES = 3 * 1024**3  # of address space
PHOTO_SECONDS = 45.0
PATIENCE_SECONDS = 60.0
TOO_SLOW, DIED = "KD-W102", "KD-W101"
_free = threading.BoundedSemaphore(AT_ONCE)


class PaperDesk:
    """One process; ask it for one photograph after another."""

    def __init__(self, process: WorkerProcess) -> None:
        self._process = process

    def straighten(self, request: PaperRequest) -> PaperDone:
        """The page of a photograph.

        Raises:
            PhotoUnusable: the process died over it, took too long, or cannot make a picture of it.
        """
        until = time.monotonic() + PHOTO_SECONDS
        connection = self._process.connection
        try:
            send(connection, request)
            if not connection.poll(max(0.0, until - time.monotonic())):
                raise PhotoUnusable(because=TOO_SLOW)
            done = receive(connection, seconds=max(1.0, until - time.monotonic()))
        except (
            EOFError,
            OSError,
            msgspec.MsgspecError,
            UnicodeDecodeError,
            RecursionError,
            IndexError,
        ) as error:
            raise PhotoUnusable(because=DIED) from error
        if not isinstance(done, PaperDone) or not _is_sound(done):
            raise PhotoUnusable(because=DIED)
        if done.refused:
            raise PhotoUnusable(because=done.refused)
        return done


@contextmanager
def paper_desk(archive: Archive) -> Iterator[PaperDesk]:
    """A process for a series of photographs.

    Raises:
        PhotoUnusable: all processes are busy for a minute.
    """
    if not _free.acquire(timeout=PATIENCE_SECONDS):
        raise PhotoUnusable(because=TOO_SLOW)
    try:
        work = archive.home.work
        setup = WorkerSetup(
            process_key=archive.random_bytes(KEY_BYTES),
            work_folder=str(work),
            own_names=(),
            own_numbers=(),
            name_model=False,
            understand=True,
            max_memory_bytes=MEMORY_BYTES,
        )
        process = WorkerProcess(
            "kedang.pipeline.worker", setup, home=work / "worker-home", patience_seconds=60
        )
        try:
            yield PaperDesk(process)
        finally:
            process.kill()
    finally:
        _free.release()


def _is_sound(done: PaperDone) -> bool:
    """Whether it is what was agreed; who sends anything else has been taken over."""
    if done.refused:
        return done.refused.isascii() and len(done.refused) <= 8 and not done.picture
    sized = 0 < done.width <= PICTURE_POINTS and 0 < done.height <= PICTURE_POINTS
    jpeg = done.picture[:3] == b"\xff\xd8\xff" and len(done.picture) <= PICTURE_BYTES
    placed = len(done.corners) == 8 and all(0 <= part <= 1 for part in done.corners)
    told = len(done.doubts) <= DOUBTS and all(one.isascii() and len(one) <= 16 for one in done.doubts)
    return sized and jpeg and placed and told
