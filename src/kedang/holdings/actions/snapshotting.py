"""Snapshots: the rows of one instant, sealed, without key pages, words or fingerprints.

A snapshot refers to the blocks of rows that the one before has written, as far as they are the same: what it costs
is what has changed. Fingerprints go into it sealed under the key of their holder, so that they die with the record or
customer even in old snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from kedang.holdings.actions.block_writing import BlockWriter, KnownBlocks, known_blocks
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.snapshot_marks import count_holders, marks_of_case
from kedang.holdings.actions.snapshot_reading import Reading, in_order
from kedang.holdings.actions.snapshot_rows import TableRows, model_of, rows_of
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.kept_snapshots import (
    MARKS,
    TABLES,
    KeptSnapshot,
    snapshot_binding,
    snapshot_name,
)
from kedang.holdings.models import Case, LedgerHead, Snapshot
from kedang.ledger.leaves import Event
from kedang.preservation.snapshots import SnapshotHeader, TableCount, Written, snapshot_stream
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId
from kedang.vault.blob import SealedSize
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES


def take_snapshot(
    archive: Archive, *, clock: Callable[[], datetime], progress: Progress, fresh: bool = False
) -> Snapshot:
    """A new snapshot in the home's store, its key in the ring, its row and event committed.

    It refers to blocks that are there already, unless it is to be `fresh`: then every row is sealed anew.
    """
    snapshot_id, key, now = archive.new_id(), archive.new_key(), clock()
    known = KnownBlocks() if fresh else _known(archive)
    with archive.keyring.undisturbed(), one_instant():
        header = _header(archive.case_id, now)
        progress.stage("snapshot", sum(entry.rows for entry in header.tables))
        sealed = _written(archive, snapshot_id, key, header, known, progress)
    pages = archive.write_pages({snapshot_id: key})
    with transaction.atomic():
        archive.keep_pages(pages)
        row = Snapshot(
            id=snapshot_id,
            case_id=archive.case_id,
            taken=now,
            epoch=header.epoch,
            ledger_size=header.ledger_size,
            size_bytes=sealed.sealed_bytes,
            key_page=pages[snapshot_id].id,
        )
        guarded(archive, row).save(force_insert=True)
        event = Event(
            archive.agent, "snapshot-taken", (f"snapshot:{snapshot_id}",), {"size": header.ledger_size}
        )
        book.write(archive.case_id, [event], now=clock())
    return row


def newest_snapshot(case: CaseId) -> Snapshot | None:
    """The row of the newest snapshot whose key lives; None when there is none."""
    rows = Snapshot.objects.filter(case_id=case, dropped=None)
    return rows.order_by("-taken", "-id").first()


def kept_here(archive: Archive, row: Snapshot) -> KeptSnapshot:
    """A snapshot as it lies in the home, if it does."""
    return KeptSnapshot(archive.store, archive.case_id, row.id, archive.key(row.key_page, row.id))


def _known(archive: Archive) -> KnownBlocks:
    """The blocks of the newest snapshot; none when it is not here or not whole: then all rows are written again."""
    row = newest_snapshot(archive.case_id)
    if row is None:
        return KnownBlocks()
    try:
        return known_blocks(kept_here(archive, row))
    except (KedangError, KeyError):
        return KnownBlocks()


def _written(
    archive: Archive,
    snapshot_id: str,
    key: bytes,
    header: SnapshotHeader,
    known: KnownBlocks,
    progress: Progress,
) -> SealedSize:
    """The snapshot in the home; its new blocks are on the disk before it is there itself."""
    with archive.store.create(snapshot_name(snapshot_id)) as sink, BlockWriter(archive) as blocks:
        reading = Reading(archive, header.schema, known, blocks, progress)
        return seal_stream(
            key,
            snapshot_stream(
                header, _entries(reading, header), lambda: [*known.objects.values(), *blocks.objects()]
            ),
            sink.write,
            binding=snapshot_binding(archive.case_id, snapshot_id),
            salt=archive.random_bytes(SALT_BYTES),
            suite=archive.suite,
        )


def _entries(reading: Reading, header: SnapshotHeader) -> Iterator[Written]:
    for table in (counted.table for counted in header.tables if counted.rows):
        some = marks_of_case(reading) if table == MARKS else TableRows(reading, table).entries()
        yield from in_order(some, reading.progress)


@contextmanager
def one_instant() -> Iterator[None]:
    """Everything read inside is of one instant, while others go on writing."""
    begin = (
        "BEGIN DEFERRED"
        if connection.vendor == "sqlite"
        else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)  # Django's own would take the lock of writers
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _header(case: CaseId, now: datetime) -> SnapshotHeader:
    counts = [TableCount(table, rows_of(table, case).count()) for table in TABLES if model_of(table)]
    return SnapshotHeader(
        case=case,
        taken=now,
        schema=schema_name(),
        ledger_size=LedgerHead.objects.get(case_id=case).size,
        epoch=Case.objects.get(id=case).epoch,
        tables=(*counts, TableCount(MARKS, count_holders(case))),
    )


def schema_name() -> str:
    """The last migration of the tables."""
    applied = MigrationRecorder.Migration.objects.filter(app="holdings").order_by("-name").first()
    return applied.name if applied else ""
