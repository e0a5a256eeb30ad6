"""Reclaiming what crashes left: packs and key pages that no row refers to. Housekeeping, not destruction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import KeyPage, Pack
from kedang.vault import pack, ring

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
