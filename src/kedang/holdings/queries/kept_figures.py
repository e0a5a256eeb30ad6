"""Figures that many people ask for: counted once, kept for as long as counting them is worth, counted anew beside them.

What is counted in an instant is counted every time. What takes long (a case of a hundred thousand records) is kept for
FRESH_TIMES as long as it took or until something is changed here, and told for STALE_SECONDS more while it is being
counted anew. Figures are kept for each scope: nobody is told figures of another scope.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeVar

FRESH_TIMES = 20
"""Counting takes at most this part of the time,"""
MOST_FRESH_SECONDS = 60.0
"""but however long it takes, it is begun anew so often."""
STALE_SECONDS = 60.0
QUICK_SECONDS = 0.05
"""What takes no longer is never told when it is not fresh."""
MOST_KEPT = 400  # scopes and choices; a few thousand small numbers each

Made = TypeVar("Made")
Later = Callable[[Callable[[], None]], None]
"""Has something done on another thread."""


@dataclass(frozen=True, slots=True)
class _Kept:
    made: object
    when: float
    took: float


class _Standing(Enum):
    FRESH = auto()
    STALE = auto()
    GONE = auto()


class KeptFigures:
    """Figures by key, for every thread of a process."""

    def __init__(self, ticks: Callable[[], float], later: Later) -> None:
        self._ticks, self._later = ticks, later
        self._lock = threading.Lock()  # protects what follows
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._generation = 0
        self._changed = ticks()
        self._ages = 0

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was counted for `key`, or what `make` counts now; one key is always of one type.

        `make` may also be called later, on another thread: it must not hold on to anything of this one.
        """
        kept, standing = self._standing(key)
        if standing is _Standing.GONE:
            with self._maker(key):
                kept, standing = self._standing(key)  # another thread may have counted meanwhile
                if standing is not _Standing.FRESH:
                    return self._make(key, make)
        elif standing is _Standing.STALE:
            self._make_later(key, make)
        return kept.made  # type: ignore[union-attr,return-value]  # as it was kept

    def forget(self) -> None:
        """Much was changed here: everything is counted anew before it is told."""
        with self._lock:
            self._generation += 1
            self._kept.clear()

    def age(self) -> None:
        """Something was changed here: nothing that is kept is fresh."""
        self._changed = self._ticks()
        self._ages += 1

    def changes(self) -> tuple[int, int]:
        """How often something was changed here, and how often much."""
        return self._ages, self._generation

    def keep_up(self, before: tuple[int, int], now: tuple[int, int]) -> None:
        """What another process has told of its `changes`, before and now, goes for what is kept here too."""
        if now[1] != before[1]:
            self.forget()
        elif now != before:
            self.age()

    def _standing(self, key: Hashable) -> tuple[_Kept | None, _Standing]:
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            return None, _Standing.GONE
        age = self._ticks() - kept.when - kept.took
        fresh = min(FRESH_TIMES * kept.took, MOST_FRESH_SECONDS)
        if age <= fresh and kept.when >= self._changed:
            return kept, _Standing.FRESH
        slow = kept.took > QUICK_SECONDS
        return kept, _Standing.STALE if slow and age < fresh + STALE_SECONDS else _Standing.GONE

    def _maker(self, key: Hashable) -> threading.Lock:
        with self._lock:
            return self._making.setdefault(key, threading.Lock())

    def _make(self, key: Hashable, make: Callable[[], Made]) -> Made:
        generation, began = self._generation, self._ticks()
        made = make()
        took = self._ticks() - began
        with self._lock:
            if generation == self._generation:  # what was counted before a change is not kept after it
                self._kept[key] = _Kept(made, began, took)
                self._kept.move_to_end(key)
                while len(self._kept) > MOST_KEPT:
                    self._making.pop(self._kept.popitem(last=False)[0], None)
        return made

    def _make_later(self, key: Hashable, make: Callable[[], Made]) -> None:
        making = self._maker(key)
        if not making.acquire(blocking=False):
            return  # somebody counts already

        def anew() -> None:
            try:
                self._make(key, make)
            finally:
                making.release()

        self._later(anew)
