"""The figures that pages show, kept for all who ask this process (`queries/kept_figures`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from django.db import close_old_connections, connection

from kedang.access.deciding import Act, scopes_of
from kedang.holdings.queries.kept_figures import KeptFigures

if TYPE_CHECKING:
    from kedang.entrypoints.web.desk import Desk

Made = TypeVar("Made")


def of_case(desk: Desk, name: Hashable, make: Callable[[], Made]) -> Made:
    """A figure of the whole case; `make` must not hold on to the desk's archive, which is of this thread."""
    return FIGURES.get((desk.archive.case_id, name, desk.today()), make)


def of_scope(desk: Desk, act: Act, name: Hashable, make: Callable[[], Made]) -> Made:
    """A figure of the records with which the person may do this; nobody of another scope is told it."""
    return of_case(desk, (act, scopes_of(desk.person, act, today=desk.today()), name), make)


def _later(work: Callable[[], None]) -> None:
    """On the one thread that counts while people are answered."""

    def done() -> None:
        close_old_connections()
        try:
            work()
        finally:
            connection.close()

    _COUNTING.submit(done)


_COUNTING = ThreadPoolExecutor(max_workers=1, thread_name_prefix="counting")
FIGURES = KeptFigures(time.monotonic, _later)
