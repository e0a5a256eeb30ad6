"""Reclaiming what crashes left: packs and key pages that no row refers to. Housekeeping, not destruction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore
from kedang.holdings.adapters.keyed import pack_columns
from kedang.holdings.models import KeyPage, Pack, Segment
from kedang.records.errors import KedangError
from kedang.records.ids import PackId
from kedang.vault import pack, ring

ROWS_AT_ONCE = 500
GRACE = timedelta(hours=24)  # design 6: a pack is reclaimed only when it is a day old


def reclaim(archive: Archive, *, now: datetime) -> int:
    """Remove unreferenced packs and pages that are a day old; how many. The home must be held."""
    case = archive.case_id
    kept_packs = set(Pack.objects.filter(case_id=case, state="kept").values_list("id", flat=True))
    kept_pages = set(KeyPage.objects.filter(case_id=case).values_list("stored", flat=True))
    reclaimed = 0
    for kind, kept in ((pack.KIND, kept_packs), (ring.KIND, kept_pages)):
        for name in list(archive.store.names(kind)):
            object_id = name.partition("/")[2]
            if object_id not in kept and _age(archive, name, now) >= GRACE:
                archive.store.delete(name)
                reclaimed += 1
    Pack.objects.filter(case_id=case, state="writing", lease_until__lt=now).delete()
    archive.store.sweep()
    return reclaimed


def _age(archive: Archive, name: str, now: datetime) -> timedelta:
    kind, _, object_id = name.partition("/")
    path = archive.home.vault / kind / object_id[:2] / object_id
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)


def drop_unused_packs(archive: Archive) -> int:
    """Remove packs of which no row says that anything lies in them; how many. All locks of the home are held."""
    case = archive.case_id
    used: set[str] = set()
    for model, column in pack_columns():
        rows_of = model._default_manager.filter(case_id=case)
        if model is Segment:
            rows_of = rows_of.exclude(key_id="")  # of a hole nothing is read
        used.update(rows_of.values_list(column, flat=True).distinct())
    rows = Pack.objects.filter(case_id=case).values_list("id", flat=True)
    for start in range(0, len(needless := [one for one in rows if one not in used]), ROWS_AT_ONCE):
        Pack.objects.filter(id__in=needless[start : start + ROWS_AT_ONCE]).delete()
    removed = 0
    for name in list(archive.store.names(pack.KIND)):
        if name.partition("/")[2] not in used:
            archive.store.delete(name)
            removed += 1
    return removed


def unused_packs_of_copies(archive: Archive, copies: Sequence[CopyStore]) -> Iterator[tuple[str, int]]:
    """How many packs lie in each copy that is reached which the archive has no more."""
    rows = Pack.objects.filter(case_id=archive.case_id).values_list("id", flat=True)
    here = {pack.pack_name(PackId(one)) for one in rows}
    for copy in copies:
        with suppress(KedangError):
            copy.require_answer()
            if old := sum(name not in here for name in copy.store.names(pack.KIND)):
                yield copy.id, old
