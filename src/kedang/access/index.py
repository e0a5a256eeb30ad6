"""One search over all parts of a case: newest first, with a total that is exact below a bound."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from kedang.access.errors import PartStale, PartUnreadable
from kedang.access.part import MAX_RECORDS, IndexPart
from kedang.access.query import Expression
from kedang.records.ids import IndexPartId

COUNT_BOUND = 5_000  # hits; more are neither counted one by one nor ranked (design 8)
MAX_OPEN = 16  # parts kept open, each with its page cache of 4 MiB: a quarter of a million records
BATCH = 1_000  # ordinals put to the admission at once


class Order(StrEnum):
    """In which order hits come."""

    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Hit:
    """A record by its place in the index."""

    part: IndexPartId
    ordinal: int


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found."""

    hits: tuple[Hit, ...]
    total: int
    """Admitted hits in all parts; `exact` says whether there may be more."""
    exact: bool
    order: Order
    """NEWEST also where BEST was asked for and there were too many hits."""
    unread: tuple[IndexPartId, ...] = ()
    """Parts that must be rebuilt first: the answer is incomplete, and the asker is told so."""


Admission = Callable[[IndexPartId, Sequence[int]], Collection[int]]
"""Which of a part's ordinals the asker may see and the filters let through. It is the one decision
function's door into the search: hits it refuses are neither returned nor counted."""


def _admit_all(_part: IndexPartId, ordinals: Sequence[int]) -> Collection[int]:
    return ordinals


@dataclass(slots=True)
class _Lease:
    part: IndexPart
    users: int = 0


@dataclass(slots=True)
class _Gathering:
    """The answer as it grows."""

    limit: int
    bound: int
    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    unread: list[IndexPartId] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return len(self.hits) >= self.limit and self.total >= self.bound


class SearchIndex:
    """Searches parts that it opens when asked and keeps open, at most `max_open` at rest.

    Safe to use from several threads.
    """

    def __init__(self, open_part: Callable[[IndexPartId], IndexPart], *, max_open: int = MAX_OPEN) -> None:
        """`open_part` opens one part, fetching a closed one into the node's cache first; the part it
        returns belongs to the index, which closes it."""
        self._open_part = open_part
        self._max_open = max_open
        self._leases: OrderedDict[IndexPartId, _Lease] = OrderedDict()
        self._lock = Lock()  # protects _leases; never held while a part is searched

    def search(
        self,
        parts: Sequence[IndexPartId],
        expression: Expression,
        *,
        limit: int = 50,
        after: Hit | None = None,
        order: Order = Order.NEWEST,
        admit: Admission | None = None,
    ) -> Hits:
        """At most `limit` hits of `parts`, which are given newest first, and how many there are.

        `after` is the last hit of the page before (NEWEST only); the total is then that of the rest.
        """
        if order is Order.BEST:
            ranked = self._best(parts, expression, limit, admit or _admit_all)
            if ranked is not None:
                return ranked
        gathering = _Gathering(limit, max(COUNT_BOUND, limit))
        if after is not None:
            parts = parts[list(parts).index(after.part) :]
        for part_id in parts:
            before = after.ordinal if after is not None and part_id == after.part else MAX_RECORDS
            with self._reading(part_id, gathering) as part:
                if part is not None:
                    _gather(part, part_id, expression, before, gathering, admit)
            if gathering.complete:
                break
        total = min(gathering.total, gathering.bound)
        exact = gathering.total < gathering.bound
        hits = tuple(gathering.hits[:limit])
        return Hits(hits, total, exact, Order.NEWEST, tuple(gathering.unread))

    def _best(
        self, parts: Sequence[IndexPartId], expression: Expression, limit: int, admit: Admission
    ) -> Hits | None:
        """The weightiest hits first; None when there are too many to weigh."""
        gathering = _Gathering(limit, COUNT_BOUND)
        weighed: list[tuple[float, int, Hit]] = []
        for age, part_id in enumerate(parts):
            with self._reading(part_id, gathering) as part:
                if part is None:
                    continue
                gathering.total += part.count(expression, bound=COUNT_BOUND - gathering.total)
                if gathering.total >= COUNT_BOUND:
                    return None
                found = part.best(expression, limit=COUNT_BOUND)
                admitted = set(admit(part_id, [ordinal for _, ordinal in found]))
                weighed.extend(
                    (weight, -age, Hit(part_id, ordinal)) for weight, ordinal in found if ordinal in admitted
                )
        weighed.sort(key=lambda row: (row[0], row[1], row[2].ordinal), reverse=True)
        hits = tuple(hit for _, _, hit in weighed[:limit])
        return Hits(hits, len(weighed), True, Order.BEST, tuple(gathering.unread))

    @contextlib.contextmanager
    def _reading(self, part_id: IndexPartId, gathering: _Gathering) -> Iterator[IndexPart | None]:
        """The part for as long as it is read; None, and noted as unread, when it must be rebuilt."""
        try:
            lease = self._lease(part_id)
        except (PartUnreadable, PartStale):
            gathering.unread.append(part_id)
            yield None
            return
        try:
            yield lease.part
        finally:
            with self._lock:
                lease.users -= 1
            self._shrink()

    def _lease(self, part_id: IndexPartId) -> _Lease:
        with self._lock:
            lease = self._leases.get(part_id)
            if lease is None:
                lease = self._leases[part_id] = _Lease(self._open_part(part_id))
            self._leases.move_to_end(part_id)
            lease.users += 1
            return lease

    def _shrink(self) -> None:
        """Close what was not used for longest, down to `max_open`; parts in use stay."""
        with self._lock:
            idle = [part_id for part_id, lease in self._leases.items() if not lease.users]
            surplus = max(0, len(self._leases) - self._max_open)
            closing = [self._leases.pop(part_id) for part_id in idle[:surplus]]
        for lease in closing:
            lease.part.close()

    def forget(self, part_id: IndexPartId) -> None:
        """Close a part that was rebuilt, finished or destroyed; the next search opens it anew.

        Not to be called while a search of it runs.
        """
        with self._lock:
            lease = self._leases.pop(part_id, None)
        if lease is not None:
            lease.part.close()

    def close(self) -> None:
        """Close all parts."""
        for part_id in list(self._leases):
            self.forget(part_id)


def _gather(
    part: IndexPart,
    part_id: IndexPartId,
    expression: Expression,
    before: int,
    gathering: _Gathering,
    admit: Admission | None,
) -> None:
    """Add one part's hits and their number, as far as they are wanted."""
    if admit is None and before == MAX_RECORDS:
        wanted = gathering.limit - len(gathering.hits)
        found = part.newest(expression, limit=wanted) if wanted > 0 else []
        gathering.hits.extend(Hit(part_id, ordinal) for ordinal in found)
        if wanted > 0 and len(found) < wanted:
            gathering.total += len(found)
        else:
            gathering.total += part.count(expression, bound=gathering.bound - gathering.total)
        return
    while not gathering.complete:
        found = part.newest(expression, limit=BATCH, before=before)
        admitted = set(found) if admit is None else set(admit(part_id, found))
        fresh = [Hit(part_id, ordinal) for ordinal in found if ordinal in admitted]
        gathering.total += len(fresh)
        gathering.hits.extend(fresh[: max(0, gathering.limit - len(gathering.hits))])
        if len(found) < BATCH:
            break
        before = found[-1]
