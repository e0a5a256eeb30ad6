"""The order in which things are received, kept although they are examined out of order.

A feed gives steps; those with an item go through the pool, the others wait for their turn between them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kedang.holdings.intake.arrivals import Arrival, Before, Parent
from kedang.holdings.intake.receiver import Receiver
from kedang.holdings.intake.rows import KnownRecord
from kedang.pipeline.items import Item
from kedang.pipeline.messages import Examined
from kedang.pipeline.pool import Pool


@dataclass(frozen=True, slots=True)
class Read:
    """Something whose bytes are to be examined."""

    arrival: Arrival
    item: Item
    before: Before | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Something that could not be had, with the code."""

    arrival: Arrival
    code: str
    supersedes: str = ""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Something whose bytes are a record already."""

    arrival: Arrival
    known: KnownRecord


@dataclass(frozen=True, slots=True)
class Reached:
    """Members of a container up to an ordinal have been given."""

    parent: Parent
    ordinal: int


@dataclass(frozen=True, slots=True)
class Finished:
    """All members of a container have been given."""

    parent: Parent


Step = Read | Refuse | Repeat | Reached | Finished


def receive_in_order(
    steps: Iterable[Step], pool: Pool, receiver: Receiver, *, seen: Callable[[Examined], object]
) -> None:
    """Take every step, in the order of the steps; `seen` is shown each outcome of the pool."""
    queue = _Queue(receiver)
    for examined in pool.examine(queue.items(steps)):
        seen(examined)
        queue.examined(examined)
    queue.rest()


class _Queue:
    """Steps that wait for their turn: behind one whose item is still being examined."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._waiting: deque[Step] = deque()
        self._examining = 0

    def items(self, steps: Iterable[Step]) -> Iterator[Item]:
        """What the pool is to examine; other steps are taken at once when nothing is before them."""
        for step in steps:
            self._waiting.append(step)
            if isinstance(step, Read):
                self._examining += 1
                yield step.item
            elif not self._examining:
                self._take(self._waiting.popleft())

    def examined(self, outcome: Examined) -> None:
        """The outcome of the first item that waits."""
        while not isinstance(step := self._waiting.popleft(), Read):
            self._take(step)
        self._examining -= 1
        self._receiver.received(step.arrival, step.item, outcome, step.before)

    def rest(self) -> None:
        """What is left when nothing is being examined any more."""
        while self._waiting:
            self._take(self._waiting.popleft())

    def _take(self, step: Step) -> None:
        match step:
            case Refuse():
                if step.supersedes:
                    self._receiver.superseded(step.supersedes)
                self._receiver.refused(step.arrival, step.code)
            case Repeat():
                self._receiver.again(step.arrival, step.known)
            case Reached():
                self._receiver.reached(step.parent, step.ordinal)
            case Finished():
                self._receiver.finished(step.parent)
            case Read():
                raise ValueError("what is examined is taken with its outcome")
