"""A check made by a process of its own beside this one, which it is forked from.

It has what this one has, the keys of the case among them, and hands back findings alone: nothing is passed by a
file, an argument or the environment. It opens a connection to the database of its own and leaves the terminal and
every thread of this process alone.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import msgspec
from django.db import connection

from kedang.holdings.queries.faults import Verification

Check = Callable[[Verification], object]


@contextmanager
def beside(check: Check, *, worthwhile: bool) -> Iterator[Callable[[], Verification]]:
    """What waits for the findings of `check`, which another process makes meanwhile.

    Where that is not worthwhile, or the other process dies, it is made here when it is waited for.
    """
    if not worthwhile or connection.in_atomic_block or len(os.sched_getaffinity(0)) == 1:
        yield lambda: _made(check)
        return
    connection.close()  # a connection does not survive a fork: each process opens one of its own
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _serve(check, writer)
    os.close(writer)
    waited = False

    def findings() -> Verification:
        nonlocal waited
        with os.fdopen(os.dup(reader), "rb") as said:
            told = said.read()
        waited = True
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            return _made(check)
        return msgspec.msgpack.decode(told, type=Verification)

    try:
        yield findings
    finally:
        os.close(reader)
        if not waited:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _made(check: Check) -> Verification:
    found = Verification()
    check(found)
    return found


def _serve(check: Check, writer: int) -> NoReturn:
    """The life of the other process; it never returns into what this one was doing."""
    status = 1
    try:
        with os.fdopen(writer, "wb") as told:
            told.write(msgspec.msgpack.encode(_made(check)))
        status = 0
    finally:
        os._exit(status)
