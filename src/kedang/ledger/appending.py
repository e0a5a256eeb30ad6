"""Appending events to a ledger: leaves with numbers and times, and the head they lead to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import NamedTuple

from kedang.ledger.alike import written_all
from kedang.ledger.errors import TimeWithoutZone
from kedang.ledger.leaves import Event, said_time
from kedang.ledger.tree import Frontier, Node, leaf_hash

_EMPTY = Frontier()


@dataclass(frozen=True, slots=True)
class Head:
    """Where a ledger stands: everything that appending needs to know. One row in a database."""

    frontier: Frontier = _EMPTY
    last_time: datetime | None = None
    """Time of the last leaf; None while there is none."""

    @property
    def size(self) -> int:
        """How many leaves there are; also the number of the next one."""
        return self.frontier.size

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return self.frontier.root


class AppendedLeaf(NamedTuple):
    """What is kept of one new leaf: its number, its bytes and its hash in the tree."""

    n: int
    data: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Appended:
    """New leaves in order, and the head after them."""

    head: Head
    leaves: tuple[AppendedLeaf, ...]
    nodes: tuple[Node, ...] = ()
    """What the leaves completed of the tree above them; kept so that proofs need not read every leaf."""


def append(head: Head, events: Iterable[Event], *, now: datetime) -> Appended:
    """The events as the next leaves of the ledger, all at one time.

    The time is `now`, or that of the last leaf when the clock is behind it: the ledger's time never
    goes back. The caller holds the head row's lock and writes leaves and head in one transaction.

    Raises:
        ActUnknown, FactsMalformed, ObjectsMalformed, LeafTooLarge: nothing is appended.
        TimeWithoutZone: `now` does not say which zone it is of.
    """
    if now.tzinfo is None:
        raise TimeWithoutZone()
    time = now if head.last_time is None else max(now, head.last_time)
    datas = written_all(tuple(events), first=head.size, time=said_time(time))
    if not datas:
        return Appended(head=head, leaves=())
    hashes = list(map(leaf_hash, datas))
    frontier, nodes = head.frontier.grown(hashes)
    leaves = tuple(map(AppendedLeaf, count(head.size), datas, hashes))
    return Appended(Head(frontier=frontier, last_time=time), leaves, nodes)
