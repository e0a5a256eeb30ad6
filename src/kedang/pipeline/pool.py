"""The local engine: several workers, results in the order of the items, whatever happens to a worker.

Rules:
1. Items go out in batches; results come back one by one and are given on in ticket order.
2. A worker that dies, hangs or sends nonsense is killed. The items it had not answered are tried one by one;
   the one that costs a worker again is answered by "only digest", so its bytes are still kept.
3. What waits in memory is bounded by `WINDOW_BYTES` and `WINDOW_ITEMS`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait

import msgspec

from kedang.pipeline.messages import INLINE_BYTES, Examined, ExamineRequest, Item, OcrRequest, receive, send
from kedang.pipeline.processes import WorkerProcess

BATCH_ITEMS = 24
BATCH_BYTES = 4 * 1024 * 1024
WINDOW_ITEMS = 512
WINDOW_BYTES = 64 * 1024 * 1024
SECONDS_PER_ITEM = 60.0  # no honest document of ordinary size takes longer
SECONDS_PER_MEGABYTE = 20.0  # a table of half a million rows is 30 MB

DIED = "KD-W101"
TOO_SLOW = "KD-W102"


@dataclass(slots=True)
class _Task:
    """A request, the items it answers for, and how often it has been tried."""

    items: tuple[Item, ...]
    make: Callable[[tuple[Item, ...], bool], object]
    only_digest: bool = False
    code: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class _Busy:
    task: _Task
    deadline: float
    left: dict[int, Item] = field(default_factory=dict)


class Pool:
    """`count` workers made by `spawn`, restarted when they fail."""

    def __init__(self, spawn: Callable[[], WorkerProcess], count: int, *, recycle_after: int = 2000) -> None:
        self._spawn = spawn
        self._workers: list[WorkerProcess | None] = [None] * count
        self._served = [0] * count
        self._busy: dict[int, _Busy] = {}
        self._recycle_after = recycle_after

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            if worker is not None:
                worker.kill()
        self._workers = [None] * len(self._workers)
        self._busy.clear()

    def examine(self, items: Iterable[Item]) -> Iterator[Examined]:
        """Each item's outcome, in the order of the items."""
        return self._run(
            iter(items), lambda some, only: ExamineRequest(items=some, only_digest=only), BATCH_ITEMS
        )

    def read_pages(self, requests: Iterable[OcrRequest], *, seconds: float) -> Iterator[Examined]:
        """Each record's outcome with the text of its pages, in order; `seconds` is allowed for each."""
        derived: dict[int, bytes] = {}

        def items() -> Iterator[Item]:
            for request in requests:
                derived[request.item.ticket] = request.derived
                yield request.item

        def make(some: tuple[Item, ...], only_digest: bool) -> object:
            if only_digest:
                return ExamineRequest(items=some, only_digest=True)
            return OcrRequest(item=some[0], derived=derived[some[0].ticket])

        for examined in self._run(items(), make, 1, seconds):
            derived.pop(examined.ticket, None)
            yield examined

    def _run(
        self,
        items: Iterator[Item],
        make: Callable[[tuple[Item, ...], bool], object],
        batch_items: int,
        seconds: float = SECONDS_PER_ITEM,
    ) -> Iterator[Examined]:
        order: deque[tuple[int, int]] = deque()
        ready: dict[int, Examined] = {}
        again: deque[_Task] = deque()
        waiting_bytes = 0
        exhausted = False
        while True:
            while order and order[0][0] in ready:
                ticket, size = order.popleft()
                waiting_bytes -= size
                yield ready.pop(ticket)
            for index in range(len(self._workers)):
                if index in self._busy:
                    continue
                task = again.popleft() if again else None
                if task is None and not exhausted:
                    if len(order) >= WINDOW_ITEMS or (order and waiting_bytes >= WINDOW_BYTES):
                        continue
                    batch = _next_batch(items, batch_items)
                    exhausted = not batch
                    if batch:
                        order.extend((item.ticket, _in_memory(item)) for item in batch)
                        waiting_bytes += sum(map(_in_memory, batch))
                        task = _Task(batch, make, seconds=seconds)
                if task is not None:
                    self._give(index, task)
            if not self._busy:
                if exhausted and not again and not order:
                    return
                continue
            self._take(ready, again)

    def _give(self, index: int, task: _Task) -> None:
        worker = self._workers[index]
        if worker is None or self._served[index] >= self._recycle_after:
            if worker is not None:
                worker.kill()
            worker = self._workers[index] = self._spawn()
            self._served[index] = 0
        self._served[index] += len(task.items)
        megabytes = sum(item.size_bytes for item in task.items) / 1e6
        allowed = task.seconds + megabytes * SECONDS_PER_MEGABYTE
        self._busy[index] = _Busy(
            task, time.monotonic() + allowed, {item.ticket: item for item in task.items}
        )
        try:
            send(worker.connection, task.make(task.items, task.only_digest))
        except OSError:
            self._busy[index].deadline = 0.0

    def _take(self, ready: dict[int, Examined], again: deque[_Task]) -> None:
        """Wait for the next messages or the next deadline, and deal with them."""
        connections = {
            worker.connection: index
            for index, worker in enumerate(self._workers)
            if worker is not None and index in self._busy
        }
        first = min(busy.deadline for busy in self._busy.values())
        arrived = wait(list(connections), timeout=max(0.0, first - time.monotonic()))
        for connection in arrived:
            self._hear(connections[connection], ready, again)  # type: ignore[index]
        now = time.monotonic()
        for index in [i for i, busy in self._busy.items() if busy.deadline <= now]:
            self._lost(index, TOO_SLOW, ready, again)

    def _hear(self, index: int, ready: dict[int, Examined], again: deque[_Task]) -> None:
        worker = self._workers[index]
        busy = self._busy[index]
        if worker is None:
            return
        try:
            message = receive(worker.connection)
        except (EOFError, OSError, msgspec.MsgspecError, IndexError):
            self._lost(index, DIED, ready, again)
            return
        if not isinstance(message, Examined) or message.ticket not in busy.left:
            self._lost(index, DIED, ready, again)
            return
        if busy.task.code:
            message = replace(message, problem=busy.task.code)
        del busy.left[message.ticket]
        ready[message.ticket] = message
        if busy.left:
            busy.deadline = max(busy.deadline, time.monotonic() + busy.task.seconds)
        else:
            del self._busy[index]

    def _lost(
        self, index: int, code: str, ready: dict[int, Examined], again: deque[_Task]
    ) -> None:
        """The worker is gone; its open items are tried singly, then without parsing, then given up."""
        worker = self._workers[index]
        if worker is not None:
            worker.kill()
        self._workers[index] = None
        busy = self._busy.pop(index)
        task = busy.task
        if len(task.items) > 1:
            again.extend(
                _Task((item,), task.make, seconds=task.seconds) for item in busy.left.values()
            )
        elif task.only_digest:
            ready.update(
                {ticket: Examined(ticket=ticket, refused=code) for ticket in busy.left}
            )
        else:
            again.append(
                _Task(task.items, task.make, only_digest=True, code=code, seconds=task.seconds)
            )


def _in_memory(item: Item) -> int:
    """What the item's outcome may hold of its content: large content stays where it lies."""
    return item.size_bytes if item.size_bytes <= INLINE_BYTES else 0


def _next_batch(items: Iterator[Item], most: int) -> tuple[Item, ...]:
    batch: list[Item] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size_bytes
        if len(batch) >= most or size >= BATCH_BYTES:
            break
    return tuple(batch)
