"""What copies should hold, how each of them stands, and which snapshots have been kept long enough."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from kedang.holdings.actions.snapshotting import kept_here, newest_snapshot, one_instant
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore
from kedang.holdings.adapters.kept_snapshots import absent, blocks_name, snapshot_name
from kedang.holdings.errors import CopyUnknown
from kedang.holdings.models import Case, Copy, KeyPage, LedgerHead, LedgerLeaf, Pack, Snapshot
from kedang.preservation.copy_plans import CopyObject
from kedang.preservation.retention import RetentionPolicy, snapshots_to_drop
from kedang.preservation.schedules import Care, CarePolicy, CareTimes, Level, standings
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
ALARMING = (Level.MISSED, Level.NEVER)


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


@dataclass(frozen=True, slots=True)
class CopyStanding:
    """How one copy stands, told without any key."""

    id: str
    ordinal: int
    kind: str
    level: str
    """Of its backups: good, due, missed or never."""
    verification: str
    drill: str
    next_due: datetime
    last_complete: datetime | None
    last_verified: datetime | None
    last_drilled: datetime | None
    keys: str
    """current, or outstanding: what was destroyed since is unreadable there only when it has been refreshed;
    never: no backup yet."""
    beside_home: bool
    last_code: str
    every_days: int

    @property
    def alarming(self) -> bool:
        """Whether somebody must be told."""
        return self.level in {level.name.lower() for level in ALARMING}

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        return asdict(self) | {"alarming": self.alarming}


def standing_of(row: Copy, *, epoch: int, now: datetime) -> CopyStanding:
    """How a copy stands at an instant."""
    times = CareTimes(row.registered, row.last_complete, row.last_verified, row.last_drilled)
    found = {one.care: one for one in standings(CarePolicy(backup_days=row.every_days), times, now=now)}
    levels = {care: one.level.name.lower() for care, one in found.items()}
    return CopyStanding(
        id=row.id,
        ordinal=row.ordinal,
        kind=row.kind,
        level=levels[Care.BACKUP],
        verification=levels[Care.VERIFICATION],
        drill=levels[Care.DRILL],
        next_due=found[Care.BACKUP].next_due,
        last_complete=row.last_complete,
        last_verified=row.last_verified,
        last_drilled=row.last_drilled,
        keys="never" if not row.ring_epoch else "current" if row.ring_epoch == epoch else "outstanding",
        beside_home=row.beside_home,
        last_code=row.last_code,
        every_days=row.every_days,
    )


def standings_of(case: CaseId, *, now: datetime) -> list[CopyStanding]:
    """How every copy of a case stands, in order."""
    epoch = Case.objects.values_list("epoch", flat=True).get(id=case)
    rows = Copy.objects.filter(case_id=case).order_by("ordinal")
    return [standing_of(row, epoch=epoch, now=now) for row in rows]


def chosen_copy(copies: Sequence[CopyStore], said: str) -> CopyStore:
    """The copy that a person means: by its number, its name, its place, or the first digits of its id.

    Raises:
        CopyUnknown: none, or more than one.
    """
    exact = [one for one in copies if said in (str(one.row.ordinal), one.name, one.address)]
    found = exact or [one for one in copies if len(said) >= 4 and one.id.startswith(said)]
    if len(found) != 1:
        raise CopyUnknown(found=len(found))
    return found[0]
