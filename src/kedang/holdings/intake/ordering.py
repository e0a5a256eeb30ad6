"""What follows when everything is here: customers, periods and numbers, index."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.intake.archiving import archive_records
from kedang.holdings.intake.customers import recognise_customers
from kedang.holdings.intake.indexing import index_records


def put_in_order(
    archive: Archive,
    *,
    progress: Progress,
    clock: Callable[[], datetime],
    seconds: Counter[str],
) -> None:
    """Recognise customers, reckon and number what may be archived, index. Each step resumes by itself."""
    with _timed(seconds, "customers"):
        recognise_customers(archive, progress=progress, clock=clock)
    with _timed(seconds, "archive"):
        archive_records(archive, progress=progress, clock=clock)
    with _timed(seconds, "index"):
        index_records(archive, progress=progress, clock=clock)


@contextmanager
def _timed(seconds: Counter[str], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[stage] += time.perf_counter() - started
