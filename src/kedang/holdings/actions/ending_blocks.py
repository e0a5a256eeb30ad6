"""Blocks that no snapshot refers to any more, taken out of a copy and out of the home.

Their keys have ended with the last snapshot that had them; what is deleted here nobody could open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from django.core.exceptions import ObjectDoesNotExist

from kedang.holdings.actions.snapshotting import kept_here
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_snapshots import (
    BLOCKS,
    SNAPSHOTS,
    KeptSnapshot,
    blocks_name,
    snapshot_name,
)
from kedang.holdings.models import Case, Snapshot
from kedang.preservation.snapshot_blocks import BlockObject
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId
from kedang.vault.store import BlobStore


def living_keys(archive: Archive) -> dict[str, bytes]:
    """The key of every snapshot that has not ended; not those whose page is damaged."""
    rows = Snapshot.objects.filter(case_id=archive.case_id, dropped=None)
    found = {}
    for one, page in rows.values_list("id", "key_page"):
        with suppress(KedangError, KeyError, ObjectDoesNotExist):
            found[one] = archive.key(page, one)
    return found


def needless_blocks(
    store: BlobStore,
    case: CaseId,
    present: Collection[str],
    ended: Collection[str],
    keys: Mapping[str, bytes],
) -> list[str]:
    """Names of objects of blocks in a copy that none of its snapshots needs but those that have `ended`.

    `present` is what lies there. Where one snapshot cannot be read, nobody knows what it needs, and all are left.
    """
    needed: set[str] = set()
    for name in (name for name in present if name.startswith(f"{SNAPSHOTS}/") and name not in ended):
        one = name.partition("/")[2]
        if one not in keys:
            return []
        try:
            outline = KeptSnapshot(store, case, one, keys[one]).outline()
        except KedangError:
            return []
        needed |= {blocks_name(used.id) for used in outline.objects}
    return sorted(name for name in present if name.startswith(f"{BLOCKS}/") and name not in needed)


def clear_home(archive: Archive, newest: Snapshot, needed: Iterable[BlockObject]) -> None:
    """Older snapshots and their blocks lie in copies only; a new copy needs the newest one. Other cases' stay."""
    store, case = archive.store, archive.case_id
    keep = {snapshot_name(newest.id), *(blocks_name(one.id) for one in needed)}
    older = {name for name in store.names(SNAPSHOTS) if name not in keep}
    blocks = {name for name in store.names(BLOCKS) if name not in keep}
    if Case.objects.exclude(id=case).exists():
        mine = {snapshot_name(row.id): row for row in Snapshot.objects.filter(case_id=case)}
        older &= mine.keys()
        blocks &= {name for one in older for name in _blocks_of(archive, mine[one])}
    for name in (*sorted(blocks), *sorted(older)):
        store.delete(name)


def _blocks_of(archive: Archive, row: Snapshot) -> list[str]:
    try:
        return [blocks_name(one.id) for one in kept_here(archive, row).outline().objects]
    except (KedangError, KeyError):
        return []
