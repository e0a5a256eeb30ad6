"""The order in which things are received, kept although they are examined out of order.

A feed gives steps; those with an item go through the pool, the others wait for their turn between them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from kedang.holdings.intake.arrivals import Arrival, Before, Parent
from kedang.holdings.intake.receiver import KnownRecord, Receiver
from kedang.pipeline.messages import Examined, Item
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
    steps: Iterable[Step],
    pool: Pool,
    receiver: Receiver,
    *,
    seen: Callable[[Examined], object],
) -> None:
    """Take every step, in the order of the steps; `seen` is shown each outcome of the pool."""
    waiting: deque[Step] = deque()
    examining = 0

    def items() -> Iterator[Item]:
        nonlocal examining
        for step in steps:
            waiting.append(step)
            if isinstance(step, Read):
                examining += 1
                yield step.item
            elif not examining:
                take(waiting.popleft())

    def take(step: Step) -> None:
        match step:
            case Refuse():
                if step.supersedes:
                    receiver.superseded(step.supersedes)
                receiver.refused(step.arrival, step.code)
            case Repeat():
                receiver.again(step.arrival, step.known)
            case Reached():
                receiver.reached(step.parent, step.ordinal)
            case Finished():
                receiver.finished(step.parent)
            case Read():
                raise ValueError("what is examined is taken with its outcome")

    for examined in pool.examine(items()):
        while not isinstance(waiting[0], Read):
            take(waiting.popleft())
        step = waiting.popleft()
        examining -= 1
        seen(examined)
        if isinstance(step, Read):
            receiver.received(step.arrival, step.item, examined, step.before)
    while waiting:
        take(waiting.popleft())
