"""Customers recognised with certainty, and the records that are theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive


def recognise_customers(
    archive: Archive, *, progress: Progress, clock: Callable[[], datetime]
) -> None:
    """placeholder"""
