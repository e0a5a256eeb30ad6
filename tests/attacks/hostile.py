"""A parsing process that has been taken over: `python -m tests.attacks.hostile <socket>`.

An item whose name begins with "!" says what it does instead of its work; others are answered honestly.
Once a worker has been told "!for ever …" it does the same to every item after that one.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from kedang.pipeline.examination import Examiner
from kedang.pipeline.items import Item
from kedang.pipeline.messages import (
    Examined,
    ExamineRequest,
    MemberChunk,
    MembersRequest,
    ReceivedMember,
    WorkerSetup,
    receive,
    send,
)

HOSTS = b"/etc/hostname"


class TakenOver:
    """Answers as the names of the items say."""

    def __init__(self, connection: Connection, setup: WorkerSetup) -> None:
        self._connection = connection
        self._setup = setup
        self._examiner = Examiner(setup)
        self._lasting = ""

    def examine(self, item: Item, *, only_digest: bool) -> None:
        """One answer, honest or not."""
        honest = self._examiner.examine(item, only_digest=only_digest)
        what = item.name.removeprefix("!") if item.name.startswith("!") else ""
        if what.startswith("for ever "):
            what = self._lasting = what.removeprefix("for ever ")
        if only_digest or not (what or self._lasting):
            send(self._connection, honest)
            return
        self._forge(what or self._lasting, honest)

    def _forge(self, what: str, honest: Examined) -> None:
        match what:
            case "trickle":
                os.write(self._connection.fileno(), struct.pack("!i", 1000))
                while True:
                    os.write(self._connection.fileno(), b"\0")
                    time.sleep(0.2)
            case "surrogate":
                forged = (
                    bytes((4,)) + b"\x82\xa6ticket" + bytes((honest.ticket,)) + b"\xa7refused\xa3\xed\xa0\x80"
                )
                self._connection.send_bytes(forged)
            case "deep":
                self._connection.send_bytes(bytes((4,)) + b"\x82\xa1x" + b"\x91" * 1_000_000)
            case "two gigabytes":
                os.write(self._connection.fileno(), struct.pack("!i", 2**31 - 1) + bytes(100_000))
                time.sleep(60)
            case "more than two gigabytes":
                os.write(self._connection.fileno(), struct.pack("!iQ", -1, 2**40) + bytes(100_000))
                time.sleep(60)
            case "answers of others":
                for ticket in range(1, 40):
                    send(self._connection, replace(honest, ticket=ticket))
            case "twice":
                send(self._connection, honest)
                send(self._connection, honest)
            case "large":
                send(self._connection, replace(honest, derived=bytes(20_000_000)))

    def list_members(self, request: MembersRequest) -> None:
        """One listing, as the name of the container says."""
        work = Path(self._setup.work_folder)
        one = ReceivedMember(0, b"a", "a", sha256=bytes(32), size_bytes=9_000_000)
        forged = {
            "!other file": replace(one, spool=os.fsdecode(HOSTS)),
            "!upwards": replace(one, spool=str(work / ".." / work.name / ("0" * 32 + ".spool"))),
            "!link": replace(one, spool=self._linked(work)),
            "!pipe": replace(one, spool=self._pipe(work)),
            "!again": replace(one, ordinal=0, spool=None, size_bytes=1, data=b"a"),
            "!without end": replace(one, spool=None, size_bytes=1, data=b"a"),
        }[request.item.name]
        for step in range(1_000_000):
            ordinal = 0 if request.item.name == "!again" else request.start_after + 1 + step
            chunk = MemberChunk((replace(forged, ordinal=ordinal),), False, 2**40, 1_000_000)
            send(self._connection, chunk)

    def _linked(self, work: Path) -> str:
        path = work / ("1" * 32 + ".spool")
        path.unlink(missing_ok=True)
        path.symlink_to(os.fsdecode(HOSTS))
        return str(path)

    def _pipe(self, work: Path) -> str:
        path = work / ("2" * 32 + ".spool")
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        return str(path)


def main() -> None:
    """Serve until the other side hangs up."""
    connection = Connection(int(sys.argv[1]))
    taken = TakenOver(connection, receive(connection))
    while True:
        try:
            request = receive(connection)
        except (EOFError, OSError):
            return
        match request:
            case ExamineRequest():
                for item in request.items:
                    taken.examine(item, only_digest=request.only_digest)
            case MembersRequest():
                taken.list_members(request)


if __name__ == "__main__":
    main()
