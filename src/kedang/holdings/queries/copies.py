"""What copies should hold, how each of them stands, and which snapshots have been kept long enough."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.actions.snapshotting import kept_here, newest_snapshot
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.instants import one_instant
from kedang.holdings.adapters.kept_snapshots import absent, blocks_name, snapshot_name
from kedang.holdings.models import Case, Copy, KeyPage, LedgerHead, LedgerLeaf, Pack, Snapshot
from kedang.preservation.copy_plans import CopyObject
from kedang.preservation.retention import RetentionPolicy, snapshots_to_drop
from kedang.preservation.snapshot_blocks import BlockObject
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.errors import ObjectMissing
from kedang.vault.pack import pack_name
from kedang.vault.store import BlobStore

QUIET = frozenset({"snapshot-taken", "backed-up", "drilled", "searched", "shown", "exported", "unlocked"})
"""Acts that change nothing but the ledger, whose leaves reach copies by themselves."""
MOST_QUIET = 5_000  # leaves looked through before a snapshot is simply taken
RETENTION = RetentionPolicy()


@dataclass(frozen=True, slots=True)
class WantedInCopy:
    """What a complete copy holds at one instant."""

    epoch: int
    objects: tuple[CopyObject, ...]
    expired: frozenset[str]
    """Snapshots whose key has been dropped."""
    generation: int
    leaves: int
    missing: tuple[str, ...]
    """What the home should have and has not."""


def kept_objects(case: CaseId, store: BlobStore) -> Iterator[CopyObject]:
    """Packs and key pages that the archive holds and the home has; the store is that of the home."""
    packs = Pack.objects.filter(case_id=case, state="kept").values_list("id", flat=True)
    pages = KeyPage.objects.filter(case_id=case).values_list("stored", flat=True)
    names = [pack_name(PackId(pack)) for pack in packs]
    names += [ring.page_name(KeyPageId(page)) for page in pages]
    for name in names:
        with suppress(ObjectMissing):
            yield CopyObject(name, store.size(name))


def wanted_in_copy(
    case: CaseId, store: BlobStore, snapshot: Snapshot, blocks: Sequence[BlockObject]
) -> WantedInCopy:
    """Packs, key pages, the snapshot with its blocks, and how far the ledger has grown. The store is that of the home."""
    with one_instant():
        epoch = Case.objects.values_list("epoch", flat=True).get(id=case)
        packs = list(Pack.objects.filter(case_id=case, state="kept").values_list("id", flat=True))
        pages = list(KeyPage.objects.filter(case_id=case).values_list("stored", flat=True))
        head = LedgerHead.objects.get(case_id=case)
        dropped = Snapshot.objects.filter(case_id=case).exclude(dropped=None)
        expired = frozenset(map(snapshot_name, dropped.values_list("id", flat=True)))
    names = [pack_name(PackId(pack)) for pack in packs]
    names += [ring.page_name(KeyPageId(page)) for page in pages]
    names += [*(blocks_name(one.id) for one in blocks), snapshot_name(snapshot.id)]
    objects, missing = [], []
    for name in names:
        try:
            objects.append(CopyObject(name, store.size(name)))
        except ObjectMissing:
            missing.append(name)
    return WantedInCopy(epoch, tuple(objects), expired, head.generation, head.size, tuple(missing))


def older_copies(case: CaseId, epoch: int) -> tuple[str, ...]:
    """Copies that still hold key pages of an older epoch, which nobody can open who has today's sheet."""
    rows = Copy.objects.filter(case_id=case, ring_epoch__gt=0, ring_epoch__lt=epoch).order_by("ordinal")
    return tuple(rows.values_list("id", flat=True))


def still_current(archive: Archive) -> Snapshot | None:
    """The last snapshot, when nothing has happened since that a new one would show; else None."""
    case = archive.case_id
    row = newest_snapshot(case)
    if row is None:
        return None
    since = LedgerLeaf.objects.filter(case_id=case, n__gte=row.ledger_size).order_by("n")
    if since.count() > MOST_QUIET:
        return None
    if any(json.loads(bytes(leaf))["act"] not in QUIET for leaf in since.values_list("leaf", flat=True)):
        return None
    with suppress(KedangError, KeyError):
        outline = kept_here(archive, row).outline()
        whole = archive.store.size(snapshot_name(row.id)) == row.size_bytes
        if whole and not any(absent(archive.store, outline.objects)):
            return row
    return None


def snapshots_past_keeping(case: CaseId, *, now: datetime) -> list[Snapshot]:
    """The snapshots whose keys the next change of the epoch leaves behind."""
    living = {row.id: row for row in Snapshot.objects.filter(case_id=case, dropped=None)}
    taken = {one: row.taken for one, row in living.items()}
    return [living[one] for one in snapshots_to_drop(taken, RETENTION, now=now)]
