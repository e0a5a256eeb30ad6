"""Verifying a whole ledger: every leaf well formed and in its place, every known head on its way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import (
    LeafMalformed,
    LeafOutOfOrder,
    LeavesMissing,
    RootMismatch,
    TimeWentBack,
)
from kedang.ledger.leaf_forms import leaf_form
from kedang.ledger.leaves import LEAF_BYTES_MAX, read_leaf
from kedang.ledger.tree import EMPTY_ROOT, Frontier, Node, leaf_hash

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
    nodes: tuple[Node, ...] = ()
    """Every complete subtree of 256, 65,536 … leaves, as the leaves give them."""
    roots: Mapping[int, bytes] = field(default_factory=dict)
    """The root at each size that was asked for and reached."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault_count == 0


def verify_ledger(
    leaves: Iterable[bytes],
    *,
    heads: Sequence[Checkpoint],
    sizes: Collection[int] = (),
    hashed: Callable[[bytes], object] | None = None,
) -> Verdict:
    """The verdict on a ledger, read once from its first leaf to its last in bounded memory.

    `heads` are earlier signed heads of it (receipts, labels, certificates), signatures checked. `sizes`
    are those at which its root is wanted, whatever it is. `hashed` is given the hash of each leaf before the
    next is asked for.
    """
    inspection = _Inspection(heads, sizes)
    for data in leaves:
        digest = inspection.take(data)
        if hashed is not None:
            hashed(digest)
    return inspection.verdict()


def act_of(leaf: bytes) -> str:
    """The act of a well-formed leaf, without reading all of it; of any other, something or nothing."""
    return leaf[_ACT_AT : leaf.find(b'"', _ACT_AT)].decode("ascii", "replace")


_ACT_AT = len(b'{"act":"')


class _Inspection:
    """The walk along a ledger."""

    def __init__(self, heads: Sequence[Checkpoint], sizes: Collection[int]) -> None:
        self._awaited = sorted(heads, key=lambda head: head.size, reverse=True)
        self._stops = set(sizes) | {head.size for head in heads}
        self._roots: dict[int, bytes] = {}
        self._nodes: list[Node] = []
        self._frontier = Frontier()
        self._batch: list[bytes] = []
        self._count = 0  # leaves that were taken
        self._last_time: datetime | None = None
        self._last_said = ""
        self._faults: list[Fault] = []
        self._fault_count = 0
        self._meet_heads()

    def take(self, data: bytes) -> bytes:
        """Look at the next leaf; its hash."""
        n = self._count
        self._count += 1
        try:
            self._look_at(data, n)
        except LeafMalformed:
            self._note(LeafMalformed.code, n)
        digest = leaf_hash(data)
        self._batch.append(digest)
        if len(self._batch) >= _BATCH or n + 1 in self._stops:
            self._settle()
            self._meet_heads()
        return digest

    def verdict(self) -> Verdict:
        """What was found, with the heads that were never reached."""
        self._settle()
        for head in reversed(self._awaited):
            self._note(LeavesMissing.code, head.size)
        return Verdict(
            self._frontier,
            self._last_time,
            tuple(self._faults),
            self._fault_count,
            tuple(self._nodes),
            self._roots,
        )

    def _look_at(self, data: bytes, n: int) -> None:
        form = leaf_form(act_of(data))
        found = form.fullmatch(data.decode("utf-8", "replace")) if form else None
        if found is None or len(data) > LEAF_BYTES_MAX:
            leaf = read_leaf(data)
            self._compare(leaf.n, leaf.time, n)
            return
        number, said = found.group("n", "time")
        if said != self._last_said or self._last_time is None:  # many are of one time
            time = datetime.fromisoformat(said)
            self._compare(int(number), time, n)
            self._last_said = said if self._last_time == time else ""
        elif int(number) != n:
            self._note(LeafOutOfOrder.code, n)

    def _compare(self, number: int, time: datetime, n: int) -> None:
        self._last_said = ""
        if number != n:
            self._note(LeafOutOfOrder.code, n)
        if self._last_time is not None and time < self._last_time:
            self._note(TimeWentBack.code, n)
        else:
            self._last_time = time

    def _settle(self) -> None:
        self._frontier, nodes = self._frontier.grown(self._batch)
        self._nodes += nodes
        self._batch.clear()

    def _meet_heads(self) -> None:
        if self._frontier.size in self._stops:
            self._roots[self._frontier.size] = self._frontier.root
        while self._awaited and self._awaited[-1].size == self._frontier.size:
            head = self._awaited.pop()
            if head.root != (self._frontier.root if head.size else EMPTY_ROOT):
                self._note(RootMismatch.code, head.size)

    def _note(self, code: str, n: int) -> None:
        self._fault_count += 1
        if len(self._faults) < FAULTS_MAX:
            self._faults.append(Fault(code, n))
