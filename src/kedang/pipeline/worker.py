"""The program of a parsing worker: `python -m kedang.pipeline.worker <socket>`.

It holds no key of any case, has no network and writes nowhere but into sealed spool files. Parsers are loaded by
the first request that needs them, inside the fence: what lists containers or only keeps starts without them.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NoReturn

from kedang.pipeline.confinement import confine
from kedang.pipeline.keeping import keep
from kedang.pipeline.messages import (
    Examined,
    ExamineRequest,
    MembersRequest,
    OcrRequest,
    Outcomes,
    RowsRequest,
    TableRequest,
    WorkerSetup,
    receive,
    send,
)
from kedang.pipeline.page_messages import PageRequest
from kedang.pipeline.paper_messages import PaperRequest
from kedang.pipeline.territory import stay_within

if TYPE_CHECKING:
    from kedang.pipeline.examination import Examiner
    from kedang.pipeline.page_pictures import PageDrawer


class Desk:
    """Answers requests, and loads what they take."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup
        self._examiner: Examiner | None = None
        self._drawer: PageDrawer | None = None

    def answers(self, request: object) -> Iterator[object]:
        """What to send back, message by message."""
        match request:
            case ExamineRequest(items, only_digest):
                if only_digest or not self._setup.understand:
                    yield from gathered(keep(item, self._setup.process_key) for item in items)
                else:
                    yield from gathered(map(self._loaded_examiner().examine, items))
            case OcrRequest():
                yield self._loaded_examiner().read_pages(request)
            case RowsRequest():
                yield self._loaded_examiner().without_rows(request)
            case TableRequest():
                yield from _loaded("kedang.pipeline.table_rows").read_table(request, self._setup)
            case MembersRequest():
                yield from _loaded("kedang.pipeline.listing").list_members(request, self._setup)

            case PaperRequest():
                yield _loaded("kedang.pipeline.papers").straighten(request)
            case PageRequest():
                yield self._loaded_drawer().draw(request)

    def _loaded_drawer(self) -> PageDrawer:
        if self._drawer is None:
            drawer: PageDrawer = _loaded("kedang.pipeline.page_pictures").PageDrawer(self._setup.process_key)
            self._drawer = drawer
        return self._drawer

    def _loaded_examiner(self) -> Examiner:
        if self._examiner is None:
            examiner: Examiner = _loaded("kedang.pipeline.examination").Examiner(self._setup)
            self._examiner = examiner
        return self._examiner


def _loaded(module: str) -> Any:
    """The module that brings parsers with it."""
    return importlib.import_module(module)


GATHERED_SECONDS = 0.05  # an outcome waits no longer for others: the coordinator counts from the last one
GATHERED_BYTES = 256 * 1024


def gathered(outcomes: Iterable[Examined]) -> Iterator[Outcomes]:
    """The outcomes in order, those of quick items together: a message costs more than such an item."""
    some: list[Examined] = []
    size, since = 0, time.monotonic()
    for examined in outcomes:
        some.append(examined)
        size += len(examined.derived)
        if size >= GATHERED_BYTES or time.monotonic() - since >= GATHERED_SECONDS:
            yield Outcomes(tuple(some))
            some, size, since = [], 0, time.monotonic()
    if some:
        yield Outcomes(tuple(some))


def main() -> NoReturn:
    """Serve requests until the coordinator hangs up."""
    connection = Connection(int(sys.argv[1]))
    setup: WorkerSetup = receive(connection)
    confine(max_memory_bytes=setup.max_memory_bytes)
    stay_within(reading=setup.sources, listing=setup.listed, writing=(os.fsencode(setup.work_folder),))
    desk = Desk(setup)
    while True:
        try:
            request = receive(connection)
        except (EOFError, OSError):
            # Parsers written in other languages may crash while Python shuts down; nothing is left to do.
            os._exit(0)
        for answer in desk.answers(request):
            send(connection, answer)


if __name__ == "__main__":
    main()
