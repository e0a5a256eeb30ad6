"""The keys of a page that go on under the next epoch, in a page of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, F

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import KeyPageDiffers
from kedang.holdings.models import ChangedPage, DoomedKey, EpochChange
from kedang.holdings.models import KeyPage as KeyPageRow
from kedang.records.ids import KeyPageId
from kedang.vault import ring
from kedang.vault.ring import KeyPage


def planned_pages(archive: Archive, change: EpochChange, rows: Sequence[KeyPageRow]) -> list[ChangedPage]:
    """Where the survivors of each page will lie; nowhere when there are none."""
    doomed = DoomedKey.objects.filter(change=change)
    counts = doomed.values("page").annotate(n=Count("id"))
    gone = dict(counts.values_list("page", "n"))
    whole = doomed.filter(holder=F("page"))
    gone |= dict.fromkeys(whole.values_list("page", flat=True), ring.MOST_ENTRIES)
    left = {row.id: max(row.entries - gone.get(row.id, 0), 0) for row in rows}
    return [
        ChangedPage(
            case_id=row.case_id,
            change=change,
            page=row.id,
            old=row.stored,
            stored=archive.new_id() if left[row.id] else "",
            entries=left[row.id],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of the keys of a page."""

    dead: set[str]
    """Holders whose key ends."""
    heirs: Mapping[str, str]
    """Holders of a key that goes on under the name of one that ended, and that name."""

    def survivors(self, keys: Mapping[str, bytes]) -> dict[str, bytes]:
        """The page's keys under the next epoch."""
        return {self.heirs.get(one, one): key for one, key in keys.items() if one not in self.dead}


def fates_of(change: EpochChange) -> Fates:
    """What a change lets become of the keys that it names."""
    doomed = DoomedKey.objects.filter(change=change)
    return Fates(
        set(doomed.values_list("holder", flat=True)),
        dict(doomed.exclude(heir="").values_list("heir", "holder")),
    )


def seal_page_again(
    archive: Archive,
    row: KeyPageRow,
    planned: ChangedPage,
    epoch: int,
    epoch_keys: Mapping[int, bytes],
    fates: Fates,
) -> None:
    """One page; what was written is read again and compared key by key.

    Raises:
        KeyPageDiffers: it does not have as many keys as were planned, or they are not read back.
    """
    old = ring.read_page(
        archive.store,
        epoch_keys[row.epoch],
        page=KeyPageId(row.stored),
        case=archive.case_id,
        epoch=row.epoch,
    ).keys
    survivors = fates.survivors(old)
    if len(survivors) != planned.entries:
        raise KeyPageDiffers(page=row.id, expected=planned.entries, found=len(survivors))
    stored, key = KeyPageId(planned.stored), epoch_keys[epoch]
    page = KeyPage(stored, archive.case_id, epoch, survivors)
    ring.write_page(archive.store, key, page, suite=archive.suite)
    again = ring.read_page(archive.store, key, page=stored, case=archive.case_id, epoch=epoch)
    if again.keys != survivors:
        raise KeyPageDiffers(page=row.id, expected=planned.entries, found=len(again.keys))
