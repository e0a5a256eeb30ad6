"""Checks shared out among processes that are forked from this one; they hand back findings alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial

import msgspec
from django.db import connection

from kedang.holdings.adapters.forking import forked
from kedang.holdings.queries.faults import Verification

Check = Callable[[Verification], object]


def shared(checks: Sequence[Check], *, processes: int) -> Generator[tuple[int, Verification], None, None]:
    """What each check finds, with its number among them, as it comes; one process is this one.

    What takes long and cannot be cut stands last. Those that a process has taken and not finished, whyever it died,
    are made here: none goes missing.
    """
    left = dict(enumerate(checks))
    if processes > 1 and not connection.in_atomic_block:
        with forked([partial(_said, check) for check in checks], processes=processes) as told:
            for number, said in told:
                del left[number]
                yield number, msgspec.msgpack.decode(said, type=Verification)
    for number, check in left.items():
        yield number, _made(check)


def _said(check: Check) -> Iterator[bytes]:
    yield msgspec.msgpack.encode(_made(check))


def _made(check: Check) -> Verification:
    found = Verification()
    check(found)
    return found
