"""Works shared out among processes that are forked from this one, one for each processor.

They have what this one has, the keys of the case among them, and hand back what they made over a pipe: nothing is
passed by a file that others could open, an argument or the environment. Each opens a connection to the database of
its own and leaves the terminal and every thread of this process alone.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from typing import NoReturn

from django.db import connection

from kedang.holdings.adapters.instants import held_instant, one_instant

Work = Callable[[], Iterable[bytes]]
"""Gives what it makes piece by piece."""
MOST_PROCESSES = 4  # each takes some 100 MB, and a disk has an end too
_TURN_BYTES = 4  # the number of a work
_MAPPED_BYTES = 2 << 30  # of a database in SQLite, as much of it as SQLite maps at most


def usual_processes() -> int:
    """One for each processor that this process may use."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


@contextmanager
def forked(
    works: Sequence[Work], *, processes: int, at_one_instant: bool = False
) -> Iterator[Iterator[tuple[int, bytes]]]:
    """What so many other processes make, piece by piece as it comes, with the number of the work.

    A process that is done takes the next work, from the last to the first: what takes long and cannot be cut stands
    last. Of a process that dies, whyever, nothing more is told: what lacks has to be made otherwise. They read the
    database `at_one_instant`, all the same, or each at will. When the block ends, so do they.
    """
    connection.close()  # a connection does not survive a fork: each process opens one of its own
    children: dict[Connection, int] = {}
    turns = _turns(len(works))
    try:
        for _ in range(processes):
            here, there = Pipe()
            child = os.fork()
            if not child:
                for one in (here, *children):  # else nobody would notice that this process has ended
                    one.close()
                _serve(works, turns, there, at_one_instant=at_one_instant)
            there.close()
            children[here] = child
        if at_one_instant:
            _begin_together(children)
        yield _received(list(children))
    finally:
        os.close(turns)
        for here, child in children.items():
            here.close()
            os.kill(child, signal.SIGKILL)  # it has told everything, or nobody waits for it any more
            os.waitpid(child, 0)


def _begin_together(children: Iterable[Connection]) -> None:
    with held_instant() as instant:
        for one in children:
            with suppress(OSError, EOFError):  # it has died, and tells nothing
                one.send_bytes(instant)
                one.recv_bytes()


def _received(children: Sequence[Connection]) -> Iterator[tuple[int, bytes]]:
    with selectors.DefaultSelector() as telling:
        for one in children:
            telling.register(one, selectors.EVENT_READ, one)
        while telling.get_map():
            for ready, _ in telling.select():
                child: Connection = ready.data
                try:
                    said = child.recv_bytes()
                except (EOFError, OSError):  # it has ended, well or in the middle of what it said
                    telling.unregister(child)
                    continue
                yield int.from_bytes(said[:_TURN_BYTES]), said[_TURN_BYTES:]


def _turns(count: int) -> int:
    """A file in memory from which each process reads the number of the work that it does next."""
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


def _serve(works: Sequence[Work], turns: int, telling: Connection, *, at_one_instant: bool) -> NoReturn:
    """The life of another process; it never returns into what this one was doing."""
    status = 1
    try:
        _map_database()
        with ExitStack() as reading:
            if at_one_instant:
                reading.enter_context(one_instant(telling.recv_bytes()))
                telling.send_bytes(b"begun")
            while turn := _next(turns):
                for piece in works[int.from_bytes(turn)]():
                    telling.send_bytes(turn + piece)
        status = 0
    finally:
        os._exit(status)


def _map_database() -> None:
    """Read the database from mapped memory: every page is read several times over.

    A page that the disk does not give ends a process that has mapped it. The waiting one, which maps nothing, then
    does the work and meets the fault.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
