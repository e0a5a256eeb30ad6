"""The way in for every verb that changes keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kedang.entrypoints.cli.context import Context
from kedang.holdings.actions.rotating import mend
from kedang.holdings.adapters.archive import Archive


@contextmanager
def changing_keys(context: Context) -> Iterator[Archive]:
    """The case, for changing its keys; what a crash left between sheet and rows is mended first."""
    with context.changing("keys") as archive:
        mend(archive, now=context.now())
        yield archive
