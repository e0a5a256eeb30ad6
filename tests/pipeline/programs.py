"""A worker that does to each item what the item's name says: `python -m tests.pipeline.programs <socket>`."""

from __future__ import annotations

import os
import sys
import time
from multiprocessing.connection import Connection

from kedang.pipeline.confinement import confine
from kedang.pipeline.items import Item
from kedang.pipeline.messages import (
    Examined,
    ExamineRequest,
    MemberChunk,
    MembersRequest,
    OcrRequest,
    WorkerSetup,
    receive,
    send,
)
from kedang.pipeline.sealing_messages import PackClosed


def answer(connection: Connection, item: Item, *, only_digest: bool) -> None:
    """Answer for one item, or do not."""
    what, _, when = item.name.partition(" ")
    if when == "always" or not only_digest:
        misbehave(connection, what)
    if what == "slow":
        time.sleep(0.05)
    ticket = item.ticket + 1000 if what == "other-ticket" and not only_digest else item.ticket
    send(connection, Examined(ticket=ticket, sha256=item.name.encode(), size_bytes=os.getpid()))


def misbehave(connection: Connection, what: str) -> None:
    """Whatever a parser may do when a file is hostile."""
    match what:
        case "die":
            os._exit(1)
        case "hang":
            time.sleep(3600)
        case "raise":
            raise ValueError("慕容雪霏")
        case "eat":
            bytearray(2 * 1024**3)
        case "nonsense":
            connection.send_bytes(b"\x04 this is no message")
        case "no-such-type":
            connection.send_bytes(b"\xf0")
        case "empty":
            connection.send_bytes(b"")
        case "wrong-type":
            send(connection, PackClosed(pack_id="0" * 32, size_bytes=1, blobs=1))
        case "huge":
            os.write(connection.fileno(), b"\x7f\xff\xff\xff")
            time.sleep(3600)
        case "half":
            os.write(connection.fileno(), b"\x00\x00\x10\x00half")
            time.sleep(3600)


def main() -> None:
    """Serve until the other side hangs up."""
    connection = Connection(int(sys.argv[1]))
    setup: WorkerSetup = receive(connection)
    if setup.max_memory_bytes:
        confine(max_memory_bytes=setup.max_memory_bytes)
    while True:
        try:
            request = receive(connection)
        except EOFError:
            return
        match request:
            case ExamineRequest():
                for item in request.items:
                    answer(connection, item, only_digest=request.only_digest)
            case OcrRequest():
                answer(connection, request.item, only_digest=False)
            case MembersRequest():
                misbehave(connection, request.item.name)
                send(connection, MemberChunk(members=(), last=True, bytes_left=0, members_left=0))


if __name__ == "__main__":
    main()
