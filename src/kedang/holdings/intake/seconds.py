"""Seconds by stage of a long work."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Seconds(defaultdict[str, float]):
    """How long each stage took so far."""

    def __init__(self) -> None:
        super().__init__(float)

    def add(self, more: Mapping[str, float]) -> None:
        """Count the seconds of a worker too."""
        for stage, spent in more.items():
            self[stage] += spent

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the block to a stage."""
        started = time.perf_counter()
        yield
        self[stage] += time.perf_counter() - started
