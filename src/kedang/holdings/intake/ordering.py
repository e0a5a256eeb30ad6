"""What follows when everything is here: customers, periods and numbers, index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.intake.archiving import archive_records
from kedang.holdings.intake.customers import recognise_customers
from kedang.holdings.intake.indexing import index_records
from kedang.holdings.intake.seconds import Seconds


def put_in_order(
    archive: Archive,
    *,
    progress: Progress,
    clock: Callable[[], datetime],
    seconds: Seconds,
) -> None:
    """Recognise customers, reckon and number what may be archived, index. Each step resumes by itself."""
    with seconds.timed("customers"):
        recognise_customers(archive, progress=progress, clock=clock)
    with seconds.timed("archive"):
        archive_records(archive, progress=progress, clock=clock)
    with seconds.timed("index"):
        index_records(archive, progress=progress)
