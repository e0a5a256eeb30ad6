"""What a snapshot has of all tables: how many rows, and the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.migrations.recorder import MigrationRecorder

from kedang.holdings.actions.snapshot_marks import count_holders, marks_of_case
from kedang.holdings.actions.snapshot_reading import Coming, Reading
from kedang.holdings.actions.snapshot_rows import TableRows, model_of, rows_of
from kedang.holdings.adapters.kept_snapshots import MARKS, TABLES
from kedang.holdings.models import Case, LedgerHead
from kedang.preservation.snapshots import SnapshotHeader, TableCount
from kedang.records.ids import CaseId


def header_of(case: CaseId, now: datetime) -> SnapshotHeader:
    """Of what a snapshot is that is taken now."""
    counts = [TableCount(table, rows_of(table, case).count()) for table in TABLES if model_of(table)]
    return SnapshotHeader(
        case=case,
        taken=now,
        schema=schema_name(),
        ledger_size=LedgerHead.objects.get(case_id=case).size,
        epoch=Case.objects.get(id=case).epoch,
        tables=(*counts, TableCount(MARKS, count_holders(case))),
    )


def entries_of(reading: Reading, tables: Iterable[str]) -> Iterator[Coming]:
    """The rows of tables in their order, in blocks or by themselves."""
    for table in tables:
        yield from marks_of_case(reading) if table == MARKS else TableRows(reading, table).entries()


def schema_name() -> str:
    """The last migration of the tables."""
    applied = MigrationRecorder.Migration.objects.filter(app="holdings").order_by("-name").first()
    return applied.name if applied else ""
