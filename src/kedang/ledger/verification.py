"""Verifying a whole ledger: every leaf well formed and in its place, every known head on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from re import Pattern

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

_BATCH = 256  # leaves looked at together; bounds memory only
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
    hashed: Callable[[Sequence[bytes]], object] | None = None,
) -> Verdict:
    """The verdict on a ledger, read once from its first leaf to its last in bounded memory.

    `heads` are earlier signed heads of it (receipts, labels, certificates), signatures checked. `sizes`
    are those at which its root is wanted, whatever it is. `hashed` is given the hashes of all leaves in their
    order, some at a time.
    """
    inspection, rest = _Inspection(heads, sizes), iter(leaves)
    while some := list(islice(rest, inspection.taken_at_once())):
        hashes = inspection.take(some)
        if hashed is not None:
            hashed(hashes)
    return inspection.verdict()


def act_of(leaf: bytes) -> bytes:
    """The act of a well-formed leaf, without reading all of it; of any other, something or nothing."""
    return leaf[_ACT_AT : _ACT_AT + _ACT_BYTES_MAX].partition(b'"')[0]


_ACT_AT = len(b'{"act":"')
_ACT_BYTES_MAX = 64  # more than the longest has
_MANY = 200  # leaves of one act, from which on a form for them is worth making


class _Inspection:
    """The walk along a ledger."""

    def __init__(self, heads: Sequence[Checkpoint], sizes: Collection[int]) -> None:
        self._awaited = sorted(heads, key=lambda head: head.size, reverse=True)
        self._stops = {*sizes, *(head.size for head in heads)}
        self._next_stops = sorted(self._stops, reverse=True)
        self._roots: dict[int, bytes] = {}
        self._nodes: list[Node] = []
        self._frontier = Frontier()
        self._met: Counter[bytes] = Counter()  # leaves by act
        self._last_time: datetime | None = None
        self._last_said = ""
        self._faults: list[Fault] = []
        self._fault_count = 0
        self._meet_heads()

    def taken_at_once(self) -> int:
        """How many leaves come next: not beyond the next size at which the root is looked at."""
        size = self._frontier.size
        while self._next_stops and self._next_stops[-1] <= size:
            self._next_stops.pop()
        return min(_BATCH, self._next_stops[-1] - size) if self._next_stops else _BATCH

    def take(self, leaves: Sequence[bytes]) -> list[bytes]:
        """Look at the next leaves, not more than `taken_at_once`; their hashes."""
        acts = list(map(act_of, leaves))
        forms = self._forms(acts)
        for n, (act, data) in enumerate(zip(acts, leaves, strict=True), self._frontier.size):
            self._look_at(data, n, forms[act])
        hashes = list(map(leaf_hash, leaves))
        self._frontier, nodes = self._frontier.grown(hashes)
        self._nodes += nodes
        self._meet_heads()
        return hashes

    def verdict(self) -> Verdict:
        """What was found, with the heads that were never reached."""
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

    def _forms(self, acts: Sequence[bytes]) -> Mapping[bytes, Pattern[str] | None]:
        """The form of each act of which many leaves have been met."""
        self._met.update(acts)
        return {
            act: leaf_form(act.decode("ascii", "replace")) if self._met[act] > _MANY else None
            for act in set(acts)
        }

    def _look_at(self, data: bytes, n: int, form: Pattern[str] | None) -> None:
        try:
            found = form.fullmatch(data.decode()) if form else None
        except UnicodeDecodeError:
            found = None
        if found is None or len(data) > LEAF_BYTES_MAX:
            self._read(data, n)
            return
        number, said = found.group("n", "time")
        if said != self._last_said or self._last_time is None:  # many are of one time
            time = datetime.fromisoformat(said)
            self._compare(int(number), time, n)
            self._last_said = said if self._last_time == time else ""
        elif int(number) != n:
            self._note(LeafOutOfOrder.code, n)

    def _read(self, data: bytes, n: int) -> None:
        try:
            leaf = read_leaf(data)
        except LeafMalformed:
            self._note(LeafMalformed.code, n)
            return
        self._compare(leaf.n, leaf.time, n)

    def _compare(self, number: int, time: datetime, n: int) -> None:
        self._last_said = ""
        if number != n:
            self._note(LeafOutOfOrder.code, n)
        if self._last_time is not None and time < self._last_time:
            self._note(TimeWentBack.code, n)
        else:
            self._last_time = time

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
