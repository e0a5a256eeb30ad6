"""The program of a parsing worker: `python -m kedang.pipeline.worker <socket>`.

It holds no key of any case, has no network and writes nowhere but into sealed spool files.
"""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection
from typing import NoReturn

from kedang.pipeline.confinement import confine
from kedang.pipeline.examination import Examiner
from kedang.pipeline.listing import list_members
from kedang.pipeline.messages import (
    ExamineRequest,
    MembersRequest,
    OcrRequest,
    WorkerSetup,
    receive,
    send,
)
from kedang.pipeline.territory import stay_within


def main() -> NoReturn:
    """Serve requests until the coordinator hangs up."""
    connection = Connection(int(sys.argv[1]))
    setup: WorkerSetup = receive(connection)
    confine(max_memory_bytes=setup.max_memory_bytes)
    stay_within(reading=setup.sources, writing=(os.fsencode(setup.work_folder),))
    examiner = Examiner(setup)
    while True:
        try:
            request = receive(connection)
        except (EOFError, OSError):
            # Parsers written in other languages may crash while Python shuts down; nothing is left to do.
            os._exit(0)
        match request:
            case ExamineRequest():
                for item in request.items:
                    send(connection, examiner.examine(item, only_digest=request.only_digest))
            case OcrRequest():
                send(connection, examiner.read_pages(request))
            case MembersRequest():
                for chunk in list_members(request, setup):
                    send(connection, chunk)


if __name__ == "__main__":
    main()
