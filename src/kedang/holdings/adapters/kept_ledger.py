"""Which leaves of the ledger are by whom, of which act, and about which record or customer, while a case is kept open.

A leaf is found by its number alone; who asks for the events of one record would have to read them all. So a process that
serves a case reads them once, in the background, and remembers numbers: twelve bytes for every name of a record or
customer, three for every leaf. It is made of the leaves themselves, so nobody can hide an event behind it on the disk.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kedang.holdings.models import LedgerHead, LedgerLeaf
from kedang.records.ids import CaseId

HEAD = re.compile(rb'\{"act":"([^"]*)","actor":"([^"]*)"')
NAMED = re.compile(rb'"(?:record|customer):([0-9a-f]{16})[0-9a-f]{16}"')
"""The first half of an id is enough to find it by; whoever asks looks into the leaf."""
AT_A_TIME = 20_000  # leaves

Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class _Names:
    """Halves of ids, sorted, and the leaf that each stands in."""

    halves: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    leaves: Numbers = field(default_factory=lambda: np.empty(0, np.uint32))

    def and_then(self, later: _Names) -> _Names:
        """Both; those of one id stay in the order of their leaves."""
        halves = np.concatenate([self.halves, later.halves])
        order = np.argsort(halves, kind="stable")
        return _Names(halves[order], np.concatenate([self.leaves, later.leaves])[order])

    def of(self, half: int) -> Numbers:
        """The leaves of a half, in order."""
        start, end = (np.searchsorted(self.halves, np.uint64(half), side) for side in ("left", "right"))
        return self.leaves[start:end]


@dataclass(frozen=True, slots=True)
class _Read:
    """What has been read of a ledger: the leaves before `end`."""

    end: int = 0
    most: _Names = field(default_factory=_Names)
    latest: _Names = field(default_factory=_Names)
    """Sorted apart, because they grow all the time."""
    acts: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    actors: NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, np.uint16))

    def and_then(self, leaves: Sequence[tuple[int, int]], names: _Names) -> _Read:
        """With the acts and actors of the next leaves, and whom they name."""
        most, latest = self.most, self.latest.and_then(names)
        if len(latest.halves) > max(AT_A_TIME, len(most.halves) // 8):
            most, latest = most.and_then(latest), _Names()
        acts, actors = (np.array(column, np.uint16) for column in zip(*leaves, strict=True))
        return _Read(
            self.end + len(leaves),
            most,
            latest,
            np.concatenate([self.acts, acts.astype(np.uint8)]),
            np.concatenate([self.actors, actors]),
        )


class KeptLedger:
    """One case's ledger, for every thread of this process."""

    def __init__(self) -> None:
        self._following = threading.Lock()
        self._read = _Read()  # replaced whole, so that it is read without a lock
        self._acts: dict[str, int] = {}
        self._actors: dict[str, int] = {}

    def follow(self, case: CaseId) -> bool:
        """Read on, some leaves at a time; whether there is more to read."""
        with self._following:
            size: int = LedgerHead.objects.values_list("size", flat=True).get(case_id=case)
            start = self._read.end
            rows = LedgerLeaf.objects.filter(case_id=case, n__gte=start, n__lt=min(size, start + AT_A_TIME))
            leaves = [bytes(leaf) for leaf in rows.order_by("n").values_list("leaf", flat=True).iterator()]
            if leaves:
                self._read = self._read.and_then([self._head(leaf) for leaf in leaves], _names(leaves, start))
            return bool(leaves) and self._read.end < size

    def leaves_of(self, *, act: str | None, actor: str | None, about: str | None) -> tuple[list[int], int]:
        """Numbers of leaves that may be of this act, by an actor whose id begins so, and about this record or customer.

        In order; and the first leaf of which that is not known yet.
        """
        read = self._read
        found: Numbers = np.arange(read.end, dtype=np.uint32)
        if about is not None:
            half = int(about[:16], 16)
            found = np.concatenate([read.most.of(half), read.latest.of(half)])
            found = found[found < read.end]
        if act is not None:
            found = found[read.acts[found] == self._acts.get(act, 0)]
        if actor is not None:
            theirs = [number for one, number in list(self._actors.items()) if one.startswith(actor)]
            found = found[np.isin(read.actors[found], theirs)]
        return found.tolist(), read.end

    def _head(self, leaf: bytes) -> tuple[int, int]:
        """Numbers for its act and its actor; 0 for a leaf that was altered, which verification names."""
        found = HEAD.match(leaf)
        if found is None:
            return 0, 0
        act, actor = found[1].decode("ascii", "replace"), found[2].decode("ascii", "replace")
        return (
            self._acts.setdefault(act, 1 + len(self._acts) % 255),
            self._actors.setdefault(actor, 1 + len(self._actors) % 65_535),
        )


def _names(leaves: Sequence[bytes], start: int) -> _Names:
    named = [(int(half, 16), n) for n, leaf in enumerate(leaves, start) for half in NAMED.findall(leaf)]
    halves, numbers = (
        np.array([half for half, _ in named], np.uint64),
        np.array([n for _, n in named], np.uint32),
    )
    return _Names().and_then(_Names(halves, numbers))
