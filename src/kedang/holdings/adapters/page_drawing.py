"""Parsing processes that draw pages for those who look at them: without keys, a few, ended when nobody looks."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import item_of
from kedang.holdings.models import Record
from kedang.pipeline.errors import PageNotDrawn, PlaceNotTold
from kedang.pipeline.messages import WorkerSetup, receive, send
from kedang.pipeline.page_messages import (
    MOST_MARKS,
    PICTURE_BYTES,
    PICTURE_POINTS,
    PageDrawn,
    PageRequest,
)
from kedang.pipeline.processes import WorkerProcess
from kedang.vault.suites import KEY_BYTES

AT_ONCE = 2  # pages that are drawn at the same time
MEMORY_BYTES = 3 * 1024**3  # of address space; recognition takes a third of it
PAGE_SECONDS = 60.0  # with loading recognition first, on a slow computer
PATIENCE_SECONDS = 90.0  # for a process to be free
PAGES_OF_A_PROCESS = 200
IDLE_SECONDS = 120.0
RESIDENT_BYTES = 1024**3
TOO_SLOW, DIED, BUSY = "KD-W102", "KD-W101", "KD-W105"


class _Drawer:
    """One process, and the key of the spool files that it may open."""

    def __init__(self, archive: Archive) -> None:
        self.key = archive.random_bytes(KEY_BYTES)
        self.served = 0
        self.since = time.monotonic()
        work = archive.home.work
        setup = WorkerSetup(
            process_key=self.key,
            work_folder=str(work),
            own_names=(),
            own_numbers=(),
            name_model=False,
            understand=True,
            max_memory_bytes=MEMORY_BYTES,
        )
        self.process = WorkerProcess(
            "kedang.pipeline.worker", setup, home=work / "worker-home", patience_seconds=60
        )

    @property
    def worn(self) -> bool:
        return self.served >= PAGES_OF_A_PROCESS or self.process.memory_bytes() > RESIDENT_BYTES


class PageDrawing:
    """The drawing processes of this computer; may be used by several threads."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._guard = threading.Lock()
        self._idle: list[_Drawer] = []

    def draw(self, archive: Archive, record: Record, request: PageRequest) -> PageDrawn:
        """The page of the record; `request` without its bytes, which are opened and given here.

        Raises:
            PageNotDrawn: the process died over it, took too long, or cannot make anything of it.
            PlaceNotTold: a value could not be covered for sure.
        """
        if not self._free.acquire(timeout=PATIENCE_SECONDS):
            raise PageNotDrawn(because=BUSY)
        try:
            drawer = self._taken() or _Drawer(archive)
            try:
                drawn = _asked(drawer, archive, record, request)
            except BaseException:
                drawer.process.kill()
                raise
            self._put_back(drawer)
        finally:
            self._free.release()
        if drawn.refused == PlaceNotTold.code:
            raise PlaceNotTold(record=record.id, page=request.page + 1)
        if drawn.refused:
            raise PageNotDrawn(because=drawn.refused)
        return drawn

    def close(self) -> None:
        """End every process."""
        with self._guard:
            idle, self._idle = self._idle, []
        for drawer in idle:
            drawer.process.kill()

    def _taken(self) -> _Drawer | None:
        with self._guard:
            return self._idle.pop() if self._idle else None

    def _put_back(self, drawer: _Drawer) -> None:
        drawer.served += 1
        drawer.since = time.monotonic()
        if drawer.worn:
            drawer.process.kill()
            return
        with self._guard:
            self._idle.append(drawer)
        timer = threading.Timer(IDLE_SECONDS + 1, self._end_idle)
        timer.daemon = True
        timer.start()

    def _end_idle(self) -> None:
        """End those that nobody has asked anything for a while."""
        now = time.monotonic()
        with self._guard:
            old = [one for one in self._idle if now - one.since >= IDLE_SECONDS]
            self._idle = [one for one in self._idle if one not in old]
        for drawer in old:
            drawer.process.kill()


def _asked(drawer: _Drawer, archive: Archive, record: Record, request: PageRequest) -> PageDrawn:
    item = item_of(
        archive,
        record,
        ticket=1,
        name="",
        folders=(),
        process_key=drawer.key,
        spools=archive.home.work,
    )
    connection = drawer.process.connection
    until = time.monotonic() + PAGE_SECONDS
    try:
        send(connection, replace(request, data=item.data, spool=item.spool))
        if not connection.poll(max(0.0, until - time.monotonic())):
            raise PageNotDrawn(because=TOO_SLOW)
        said = receive(connection, seconds=max(1.0, until - time.monotonic()))
    except (EOFError, OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError) as error:
        raise PageNotDrawn(because=DIED) from error
    finally:
        if item.spool is not None:
            with suppress(OSError):
                Path(item.spool).unlink()
    if not isinstance(said, PageDrawn) or not _is_sound(said):
        raise PageNotDrawn(because=DIED)
    return said


def _is_sound(drawn: PageDrawn) -> bool:
    """Whether it is what was agreed; who sends anything else has been taken over."""
    if drawn.refused:
        return drawn.refused.isascii() and len(drawn.refused) <= 8 and not drawn.picture
    picture = drawn.picture
    sized = 0 < drawn.width <= PICTURE_POINTS and 0 < drawn.height <= PICTURE_POINTS
    webp = picture[:4] == b"RIFF" and picture[8:12] == b"WEBP" and len(picture) <= PICTURE_BYTES
    placed = all(
        0 <= part <= 1 for mark in drawn.marks for part in (mark.left, mark.top, mark.width, mark.height)
    )
    return sized and webp and placed and len(drawn.marks) <= MOST_MARKS
