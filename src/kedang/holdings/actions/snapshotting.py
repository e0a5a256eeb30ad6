"""Snapshots: the rows of one instant, sealed, without key pages, words or fingerprints.

A snapshot refers to the blocks of rows that the one before has written, as far as they are the same: what it costs
is what has changed. Fingerprints go into it sealed under the key of their holder, so that they die with the record or
customer even in old snapshots.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from kedang.holdings.actions.block_writing import BlockWriter, KnownBlocks, known_blocks
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.snapshot_reading import Reading, in_order
from kedang.holdings.actions.snapshot_shares import SharedWorks, ShareMissing, processes_for, shared_rows
from kedang.holdings.actions.snapshot_tables import entries_of, header_of
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.instants import one_instant
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot, snapshot_binding, snapshot_name
from kedang.holdings.models import Snapshot
from kedang.ledger.leaves import Event
from kedang.preservation.snapshot_blocks import BlockObject
from kedang.preservation.snapshots import SnapshotHeader, snapshot_stream
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId
from kedang.vault.blob import SealedSize
from kedang.vault.store import ObjectWriter
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES


def take_snapshot(
    archive: Archive,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    fresh: bool = False,
    begun: Callable[[], object] = lambda: None,
    laid: Callable[[BlockObject], object] = lambda _object: None,
) -> Snapshot:
    """A new snapshot in the home's store, its key in the ring, its row and event committed.

    It refers to blocks that are there already, unless it is to be `fresh`: then every row is sealed anew. `begun` is
    called, once, when no process is to be forked any more: from then on threads may do something else meanwhile. `laid`
    is told of each new object of blocks that is on the disk; should there be no snapshot, nothing needs it.
    """
    snapshot_id, key, now = archive.new_id(), archive.new_key(), clock()
    known = KnownBlocks() if fresh else _known(archive)
    with archive.keyring.undisturbed():
        header, sealed = _taken(archive, _Taking(snapshot_id, key, now, known, progress, begun, laid))
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


@dataclass(frozen=True, slots=True)
class _Taking:
    """One snapshot that is being taken."""

    id: str
    key: bytes = field(repr=False)
    now: datetime
    known: KnownBlocks
    progress: Progress
    begun: Callable[[], object]
    laid: Callable[[BlockObject], object]


def _taken(archive: Archive, taking: _Taking) -> tuple[SnapshotHeader, SealedSize]:
    """By several processes, where that is worth it; by this one alone when one of them could not do its share."""
    processes = processes_for(archive, taking.known)
    if processes == 1:
        taking.begun()
    else:
        with suppress(ShareMissing):
            return _taken_together(archive, taking, SharedWorks(processes, taking.now, taking.begun))
    return _taken_alone(archive, taking)


def _taken_together(
    archive: Archive, taking: _Taking, works: SharedWorks
) -> tuple[SnapshotHeader, SealedSize]:
    with archive.store.create(snapshot_name(taking.id)) as sink, BlockWriter(archive, taking.laid) as blocks:
        header, entries = shared_rows(archive, blocks, works, taking.progress)
        return header, _sealed(archive, taking, snapshot_stream(header, entries, blocks.objects), sink)


def _taken_alone(archive: Archive, taking: _Taking) -> tuple[SnapshotHeader, SealedSize]:
    with (
        one_instant(),
        archive.store.create(snapshot_name(taking.id)) as sink,
        BlockWriter(archive, taking.laid) as blocks,  # they are on the disk before the snapshot is there
    ):
        header = header_of(archive.case_id, taking.now)
        taking.progress.stage("snapshot", sum(entry.rows for entry in header.tables))
        reading = Reading(archive, header.schema, taking.known, blocks)
        coming = entries_of(reading, (counted.table for counted in header.tables if counted.rows))
        known = taking.known.objects.values()
        stream = snapshot_stream(
            header, in_order(coming, taking.progress), lambda: [*known, *blocks.objects()]
        )
        return header, _sealed(archive, taking, stream, sink)


def _sealed(archive: Archive, taking: _Taking, stream: BinaryIO, sink: ObjectWriter) -> SealedSize:
    return seal_stream(
        taking.key,
        stream,
        sink.write,
        binding=snapshot_binding(archive.case_id, taking.id),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
    )
