"""Checks shared out among processes that are forked from this one, one for each processor.

They have what this one has, the keys of the case among them, and hand back findings alone: nothing is passed by a
file that others could open, an argument or the environment. Each opens a connection to the database of its own and
leaves the terminal and every thread of this process alone.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe
from typing import NoReturn

import msgspec
from django.db import connection

from kedang.holdings.queries.faults import Verification

Check = Callable[[Verification], object]
MOST_PROCESSES = 4  # each takes some 100 MB, and a disk has an end too
_TURN_BYTES = 4  # the number of a check
_MAPPED_BYTES = 2 << 30  # of a database in SQLite, as much of it as SQLite maps at most


def usual_processes() -> int:
    """One for each processor that this process may use."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def shared(checks: Sequence[Check], *, processes: int) -> Generator[tuple[int, Verification], None, None]:
    """What each check finds, with its number among them, as it comes; one process is this one.

    A process that is done takes the next check, from the last to the first: what takes long and cannot be cut
    stands last. Those that a process has taken and not finished, whyever it died, are made here: none goes missing.
    """
    left = dict(enumerate(checks))
    if processes > 1 and not connection.in_atomic_block:
        for number, found in _told(checks, processes):
            del left[number]
            yield number, found
    for number, check in left.items():
        yield number, _made(check)


def _told(checks: Sequence[Check], processes: int) -> Iterator[tuple[int, Verification]]:
    """What so many other processes find; a check of one that dies is not told."""
    connection.close()  # a connection does not survive a fork: each process opens one of its own
    children: dict[Connection, int] = {}
    turns = _turns(len(checks))
    try:
        for _ in range(processes):
            reader, writer = Pipe(duplex=False)
            child = os.fork()
            if not child:
                for one in (reader, *children):  # else nobody would notice that this process has ended
                    one.close()
                _serve(checks, turns, writer)
            writer.close()
            children[reader] = child
        yield from _received(list(children))
    finally:
        os.close(turns)
        for reader, child in children.items():
            reader.close()
            os.kill(child, signal.SIGKILL)  # it has told everything, or nobody waits for it any more
            os.waitpid(child, 0)


def _received(readers: Sequence[Connection]) -> Iterator[tuple[int, Verification]]:
    with selectors.DefaultSelector() as telling:
        for one in readers:
            telling.register(one, selectors.EVENT_READ, one)
        while telling.get_map():
            for ready, _ in telling.select():
                reader: Connection = ready.data
                try:
                    said = reader.recv_bytes()
                except (EOFError, OSError):  # it has ended, well or in the middle of what it said
                    telling.unregister(reader)
                    continue
                number = int.from_bytes(said[:_TURN_BYTES])
                yield number, msgspec.msgpack.decode(said[_TURN_BYTES:], type=Verification)


def _turns(count: int) -> int:
    """A file in memory from which each process reads the number of the check that it makes next."""
    turns = os.memfd_create("turns")
    os.write(turns, b"".join(number.to_bytes(_TURN_BYTES) for number in reversed(range(count))))
    os.lseek(turns, 0, os.SEEK_SET)  # one place for all processes: none reads what another has read
    return turns


def _next(turns: int) -> bytes:
    """A number that no other process gets; nothing when all are taken."""
    fcntl.lockf(
        turns, fcntl.LOCK_EX
    )  # of such a file the kernel does not move the place in one step with the reading
    try:
        return os.read(turns, _TURN_BYTES)
    finally:
        fcntl.lockf(turns, fcntl.LOCK_UN)


def _serve(checks: Sequence[Check], turns: int, telling: Connection) -> NoReturn:
    """The life of another process; it never returns into what this one was doing."""
    status = 1
    try:
        _map_database()
        while turn := _next(turns):
            found = _made(checks[int.from_bytes(turn)])
            telling.send_bytes(turn + msgspec.msgpack.encode(found))
        status = 0
    finally:
        os._exit(status)


def _map_database() -> None:
    """Read the database from mapped memory: every page is read several times over.

    A page that the disk does not give ends a process that has mapped it. The waiting one, which maps nothing,
    then makes the check and tells the fault.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")


def _made(check: Check) -> Verification:
    found = Verification()
    check(found)
    return found
