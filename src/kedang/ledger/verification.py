"""Verifying a whole ledger: every leaf well formed and in its place, every known head on its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import (
    LeafMalformed,
    LeafOutOfOrder,
    LeavesMissing,
    RootMismatch,
    TimeWentBack,
)
from kedang.ledger.leaves import Leaf, read_leaf
from kedang.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash

_BATCH = 256  # leaves hashed at a time; bounds memory only
FAULTS_MAX = 1_000  # kept in a verdict; the rest is counted


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: its code and the leaf, or the size of the head, that it concerns."""

    code: str
    n: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a ledger is, and what is wrong with it. `faults` holds the first FAULTS_MAX only."""

    frontier: Frontier
    last_time: datetime | None
    faults: tuple[Fault, ...]
    fault_count: int

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault_count == 0


def verify_ledger(leaves: Iterable[bytes], *, heads: Sequence[Checkpoint]) -> Verdict:
    """The verdict on a ledger, read once from its first leaf to its last in bounded memory.

    `heads` are earlier signed heads of it (receipts, labels, certificates), signatures checked.
    """
    inspection = _Inspection(heads)
    for data in leaves:
        inspection.take(data)
    return inspection.verdict()


class _Inspection:
    """The walk along a ledger."""

    def __init__(self, heads: Sequence[Checkpoint]) -> None:
        self._awaited = sorted(heads, key=lambda head: head.size, reverse=True)
        self._frontier = Frontier()
        self._batch: list[bytes] = []
        self._last_time: datetime | None = None
        self._faults: list[Fault] = []
        self._fault_count = 0
        self._meet_heads()

    def take(self, data: bytes) -> None:
        """Look at the next leaf."""
        n = self._size
        try:
            self._compare(read_leaf(data), n)
        except LeafMalformed:
            self._note(LeafMalformed.code, n)
        self._batch.append(leaf_hash(data))
        if len(self._batch) >= _BATCH or (self._awaited and self._awaited[-1].size == n + 1):
            self._settle()
            self._meet_heads()

    def verdict(self) -> Verdict:
        """What was found, with the heads that were never reached."""
        self._settle()
        for head in reversed(self._awaited):
            self._note(LeavesMissing.code, head.size)
        return Verdict(self._frontier, self._last_time, tuple(self._faults), self._fault_count)

    @property
    def _size(self) -> int:
        return self._frontier.size + len(self._batch)

    def _compare(self, leaf: Leaf, n: int) -> None:
        if leaf.n != n:
            self._note(LeafOutOfOrder.code, n)
        if self._last_time is not None and leaf.time < self._last_time:
            self._note(TimeWentBack.code, n)
        else:
            self._last_time = leaf.time

    def _settle(self) -> None:
        self._frontier = self._frontier.extended(self._batch)
        self._batch.clear()

    def _meet_heads(self) -> None:
        while self._awaited and self._awaited[-1].size == self._frontier.size:
            head = self._awaited.pop()
            if head.root != (self._frontier.root if head.size else EMPTY_ROOT):
                self._note(RootMismatch.code, head.size)

    def _note(self, code: str, n: int) -> None:
        self._fault_count += 1
        if len(self._faults) < FAULTS_MAX:
            self._faults.append(Fault(code, n))
