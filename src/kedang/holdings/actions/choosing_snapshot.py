"""Which snapshot of a copy a restore takes its rows from, and its own row in what was restored."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot, absent, snapshot_name
from kedang.holdings.errors import CopyUnusable
from kedang.holdings.models import KeyPage, Snapshot
from kedang.preservation.errors import SnapshotIncomplete
from kedang.preservation.snapshots import SnapshotReader
from kedang.records.errors import KedangError


@dataclass(frozen=True, slots=True)
class Chosen:
    """The snapshot that rows come from."""

    kept: KeptSnapshot
    reader: SnapshotReader
    passed_over: int
    """Newer ones that the copy does not have whole."""


def newest_whole(snapshots: Iterable[KeptSnapshot], *, pages: int) -> Chosen:
    """The newest that is there whole, as far as lengths tell; what does not even begin is passed over.

    Raises:
        CopyUnusable: none begins; `pages` are those of the ring.
        SnapshotIncomplete …: none is whole. Says what is wrong with the newest.
    """
    begun = []
    for kept in snapshots:
        with suppress(KedangError):
            begun.append((kept.reader().header.taken, kept))
    fault: KedangError | None = None
    for passed_over, (_, kept) in enumerate(sorted(begun, key=lambda one: one[0], reverse=True)):
        try:
            for one in absent(kept.store, kept.outline().objects):
                raise SnapshotIncomplete(object=one.id)
            return Chosen(kept, kept.reader(), passed_over)
        except KedangError as error:
            fault = fault or error
    raise fault or CopyUnusable(pages=pages)


def keep_row(archive: Archive, chosen: Chosen, stored: str) -> None:
    """The row of the snapshot, which it does not hold itself, so that it ends one day; `stored` has its key."""
    kept, header = chosen.kept, chosen.reader.header
    if Snapshot.objects.filter(id=kept.id).exists():
        return
    row = Snapshot(
        id=kept.id,
        case_id=archive.case_id,
        taken=header.taken,
        epoch=header.epoch,
        ledger_size=header.ledger_size,
        size_bytes=kept.store.size(snapshot_name(kept.id)),
        key_page=KeyPage.objects.get(case_id=archive.case_id, stored=stored).id,
    )
    guarded(archive, row).save(force_insert=True)
