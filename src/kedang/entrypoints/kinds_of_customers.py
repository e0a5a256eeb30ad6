"""Long work about customers: comparing who is named, row sets of tables, corrections of columns. Each kind resumes what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from kedang.holdings.actions import making_row_sets, row_sets
from kedang.holdings.actions.correcting_columns import read_columns_again
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.resolving import resolve_customers
from kedang.holdings.actions.rotating import mend
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.queries.locating import find_record
from kedang.holdings.queries.row_sets import split_data

Clock = Callable[[], datetime]
Wanted = Mapping[str, Any]


def compare_all(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Everybody who is named compared; with `again` from the beginning."""
    with archive.home.held():
        done = resolve_customers(archive, progress=progress, clock=clock, again=bool(wanted.get("again")))
    return asdict(done)


def make_row_sets(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Row sets of `record`, or of every table that has none; with `again` also where there are some."""
    named = wanted.get("record")
    with archive.home.holding("keys"):
        mend(archive, now=clock())
        records = [find_record(archive, str(named))] if named else None
        done = making_row_sets.make_all(
            archive, records, again=bool(wanted.get("again")), clock=clock, progress=progress
        )
    return done.to_json()


def check_row_sets(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """The row sets of `record` compared with its original, cell by cell; with `confirm` a person's word on it."""
    with archive.home.holding("keys"):
        mend(archive, now=clock())
        record = find_record(archive, str(wanted["record"]))
        progress.stage("row-sets-check", None)
        split = row_sets.check(archive, record, clock=clock)
        if wanted.get("confirm"):
            split = row_sets.confirm(archive, record, clock=clock)
        return split_data(split)


def read_columns(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Tables beside `record` read again with what persons have said of their columns, and everybody compared anew."""
    with archive.home.held():
        done = read_columns_again(
            archive, find_record(archive, str(wanted["record"])), progress=progress, clock=clock
        )
        compared = resolve_customers(archive, progress=progress, clock=clock)
    return asdict(done) | {"compared": compared.compared, "to_judge": compared.to_judge}


CUSTOMER_KINDS: Mapping[str, Callable[[Archive, Wanted, Progress, Clock], dict[str, Any]]] = {
    "resolve": compare_all,
    "row-sets": make_row_sets,
    "row-sets-check": check_row_sets,
    "columns": read_columns,
}
