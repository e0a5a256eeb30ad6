"""The local engine: several workers, results in the order of the items, whatever happens to a worker.

Rules:
1. Items go out in batches; results come back one by one and are given on in ticket order.
2. A worker that dies, hangs or sends nonsense is killed. The items it had not answered are tried one by one;
   the one that costs a worker again is answered by "only digest", so its bytes are still kept.
3. What waits in memory is bounded by `WINDOW_BYTES` and `WINDOW_ITEMS`.
4. A worker is sent its next batch ahead, when that is small: it lies in the socket until the worker is free,
   so that neither of the two can wait for the other to read.
"""

from __future__ import annotations

import math
import select
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import msgspec

from kedang.pipeline.errors import ParsersCannotRun
from kedang.pipeline.items import INLINE_BYTES, Item
from kedang.pipeline.messages import Examined, ExamineRequest, OcrRequest, Outcomes, receive, send
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.validation import is_sound

BATCH_ITEMS = 24
BATCH_BYTES = 4 * 1024 * 1024
WINDOW_ITEMS = 512
WINDOW_BYTES = 64 * 1024 * 1024
SECONDS_PER_ITEM = 60.0  # no honest document of ordinary size takes longer
SECONDS_PER_MEGABYTE = 20.0  # a table of half a million rows is 30 MB
AHEAD_BYTES = 48 * 1024  # of names and paths in one request; a socket holds four times as much
READY_BYTES = 128 * 1024 * 1024  # of outcomes that wait for an earlier one; beyond, only that one is heard
MOST_BARREN = 3  # no content can do that thrice in a row: it is the machine
MESSAGE_SECONDS = 60.0  # from the first byte of an answer to the last
RECYCLED_BYTES = 1024**3  # resident; a worker that has grown so far is replaced

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

    def deadline(self) -> float:
        """When a worker that begins now should have given its first answer."""
        megabytes = sum(item.size_bytes for item in self.items) / 1e6
        return time.monotonic() + self.seconds + megabytes * SECONDS_PER_MEGABYTE

    def is_small(self) -> bool:
        """Whether the request carries no content, and fits into a socket nobody is reading from."""
        said = sum(4 * len(item.name) + sum(4 * len(one) for one in item.folders) for item in self.items)
        places = [item.place for item in self.items if item.place is not None]
        said += sum(len(place.root) + len(place.raw_path) for place in places)
        return said <= AHEAD_BYTES and all(item.data is None for item in self.items)


@dataclass(slots=True)
class _Busy:
    task: _Task
    deadline: float
    left: dict[int, Item]
    following: _Task | None = None
    """Sent ahead; begins when `left` is empty."""

    @classmethod
    def begun(cls, task: _Task) -> _Busy:
        """The task, begun now."""
        return cls(task, task.deadline(), {item.ticket: item for item in task.items})


@dataclass(slots=True)
class _Feed:
    """The items of one run, cut into batches while there is room in the window."""

    items: Iterator[Item]
    make: Callable[[tuple[Item, ...], bool], object]
    batch_items: int
    seconds: float
    ahead: bool
    """Whether a small batch may be sent to a worker that is still busy."""
    order: deque[tuple[int, int]] = field(default_factory=deque)
    """Ticket and bytes in memory of what has been cut and not been given on."""
    waiting_bytes: int = 0
    exhausted: bool = False

    def next(self) -> _Task | None:
        """The next batch; None while the window is full and at the end."""
        full = len(self.order) >= WINDOW_ITEMS or (self.order and self.waiting_bytes >= WINDOW_BYTES)
        if self.exhausted or full:
            return None
        batch = _next_batch(self.items, self.batch_items)
        self.exhausted = not batch
        if not batch:
            return None
        self.order.extend((item.ticket, _in_memory(item)) for item in batch)
        self.waiting_bytes += sum(map(_in_memory, batch))
        return _Task(batch, self.make, seconds=self.seconds)

    def given(self) -> int:
        """The ticket at the front, which leaves the window."""
        ticket, size_bytes = self.order.popleft()
        self.waiting_bytes -= size_bytes
        return ticket


class Pool:
    """`count` workers made by `spawn`, restarted when they fail."""

    def __init__(
        self,
        spawn: Callable[[], WorkerProcess],
        count: int,
        *,
        recycle_after: int = 20_000,
        seconds_per_item: float = SECONDS_PER_ITEM,
        accept: Callable[[Examined, Item], bool] = is_sound,
    ) -> None:
        self._spawn = spawn
        self._workers: list[WorkerProcess | None] = [None] * count
        self._served = [0] * count
        self._busy: dict[int, _Busy] = {}
        self._speakers: dict[int, int] = {}
        """Which worker is heard at a descriptor."""
        self._hearing = select.poll()
        self._recycle_after = recycle_after
        self._seconds_per_item = seconds_per_item
        self._accept = accept
        self._answers = 0
        self._barren = 0
        """Items in a row of which a new worker could not even tell the digest."""

    def close(self) -> None:
        """End all workers."""
        for index in range(len(self._workers)):
            self._end(index)
        self._busy.clear()

    def examine(self, items: Iterable[Item]) -> Iterator[Examined]:
        """Each item's outcome, in the order of the items."""

        def make(some: tuple[Item, ...], only_digest: bool) -> object:
            return ExamineRequest(items=some, only_digest=only_digest)

        return self._run(_Feed(iter(items), make, BATCH_ITEMS, self._seconds_per_item, ahead=True))

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

        # Not ahead: the text read so far may be larger than a socket holds.
        for examined in self._run(_Feed(items(), make, 1, seconds, ahead=False)):
            derived.pop(examined.ticket, None)
            yield examined

    def _run(self, feed: _Feed) -> Iterator[Examined]:
        ready: dict[int, Examined] = {}
        again: deque[_Task] = deque()
        while True:
            while feed.order and feed.order[0][0] in ready:
                yield ready.pop(feed.given())
            self._hand_out(feed, again)
            if self._busy:
                self._take(feed, ready, again)
            elif feed.exhausted and not again and not feed.order:
                return

    def _hand_out(self, feed: _Feed, again: deque[_Task]) -> None:
        """Something for every idle worker, then something ahead for the others."""
        for index in range(len(self._workers)):
            if index not in self._busy:
                task = again.popleft() if again else feed.next()
                if task is None:
                    return
                self._give(index, task)
        for index, busy in self._busy.items():
            if feed.ahead and busy.following is None and not again:
                task = feed.next()
                if task is None:
                    return
                if task.is_small():
                    busy.following = task
                    self._send(index, task)
                else:
                    again.append(task)

    def _give(self, index: int, task: _Task) -> None:
        worker = self._workers[index]
        if worker is None or self._is_worn(index, worker):
            self._end(index)
            worker = self._workers[index] = self._spawn()
            self._served[index] = 0
            self._speakers[worker.connection.fileno()] = index
            self._hearing.register(worker.connection.fileno(), select.POLLIN)
        self._busy[index] = _Busy.begun(task)
        self._send(index, task)

    def _send(self, index: int, task: _Task) -> None:
        """Send the task to a worker; one that has gone is found by its deadline."""
        worker = self._workers[index]
        self._served[index] += len(task.items)
        try:
            if worker is not None:
                send(worker.connection, task.make(task.items, task.only_digest))
        except OSError:
            self._busy[index].deadline = 0.0

    def _is_worn(self, index: int, worker: WorkerProcess) -> bool:
        return self._served[index] >= self._recycle_after or worker.memory_bytes() >= RECYCLED_BYTES

    def _end(self, index: int) -> None:
        """Kill the worker, if there is one."""
        worker = self._workers[index]
        if worker is not None:
            descriptor = worker.connection.fileno()
            del self._speakers[descriptor]
            self._hearing.unregister(descriptor)
            worker.kill()
            self._workers[index] = None

    def _take(self, feed: _Feed, ready: dict[int, Examined], again: deque[_Task]) -> None:
        """Wait for the next messages or the next deadline, and deal with them."""
        hearing = self._hearing
        if sum(map(_held_bytes, ready.values())) > READY_BYTES:
            hearing = self._hearing_only(feed.order[0][0])
        first = min(busy.deadline for busy in self._busy.values())
        patience = max(0.0, first - time.monotonic())
        for descriptor, _ in hearing.poll(math.ceil(patience * 1000)):
            index = self._speakers[descriptor]
            if index in self._busy:
                self._hear(index, ready, again)
            else:
                self._end(index)  # it has gone, or speaks without having been asked
        now = time.monotonic()
        for index in [i for i, busy in self._busy.items() if busy.deadline <= now]:
            self._lost(index, TOO_SLOW, ready, again)

    def _hearing_only(self, ticket: int) -> select.poll:
        """The worker that everything waits for; the others wait with their answers, at no cost to them."""
        now = time.monotonic()
        holding = [index for index, busy in self._busy.items() if ticket in busy.left]
        if not holding:
            return self._hearing
        for index, busy in self._busy.items():
            if index not in holding:
                busy.deadline = max(busy.deadline, now + busy.task.seconds)
        hearing = select.poll()
        for index in holding:
            worker = self._workers[index]
            if worker is not None:
                hearing.register(worker.connection.fileno(), select.POLLIN)
        return hearing

    def _hear(self, index: int, ready: dict[int, Examined], again: deque[_Task]) -> None:
        worker = self._workers[index]
        busy = self._busy[index]
        if worker is None:
            return
        try:
            message = receive(worker.connection, seconds=MESSAGE_SECONDS)
        except (EOFError, OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError):
            self._lost(index, DIED, ready, again)
            return
        examined = message.examined if isinstance(message, Outcomes) else (message,)
        if not all(self._believe(busy, one, ready) for one in examined):
            self._lost(index, DIED, ready, again)
            return
        if busy.left:
            busy.deadline = max(busy.deadline, time.monotonic() + busy.task.seconds)
        elif busy.following is not None:
            self._busy[index] = _Busy.begun(busy.following)
        else:
            del self._busy[index]

    def _believe(self, busy: _Busy, examined: object, ready: dict[int, Examined]) -> bool:
        """Take one outcome, if it can be one of what was asked."""
        if not isinstance(examined, Examined) or examined.ticket not in busy.left:
            return False
        if not self._accept(examined, busy.left[examined.ticket]):
            return False
        if busy.task.code:
            examined = replace(examined, problem=busy.task.code)
        del busy.left[examined.ticket]
        self._answers, self._barren = self._answers + 1, 0
        ready[examined.ticket] = examined
        return True

    def _lost(self, index: int, code: str, ready: dict[int, Examined], again: deque[_Task]) -> None:
        """The worker is gone; its open items are tried singly, then without parsing, then given up."""
        self._end(index)
        busy = self._busy.pop(index)
        task = busy.task
        if busy.following is not None:
            again.append(busy.following)
        if len(task.items) > 1:
            again.extend(_Task((item,), task.make, seconds=task.seconds) for item in busy.left.values())
        elif task.only_digest:
            self._barren += code == DIED
            if code == DIED and (not self._answers or self._barren >= MOST_BARREN):
                raise ParsersCannotRun()
            ready.update({ticket: Examined(ticket=ticket, refused=code) for ticket in busy.left})
        else:
            again.append(_Task(task.items, task.make, only_digest=True, code=code, seconds=task.seconds))


def _held_bytes(examined: Examined) -> int:
    return len(examined.derived)


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
