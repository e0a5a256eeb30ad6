"""Changing the epoch: the surviving keys go into new pages, the new key into the sheet, the old ones end.

The steps in their order; each may be interrupted anywhere and is done again or found done:

1. sealing     the survivors of every page are sealed into a page of epoch n+1 beside it, and read back;
2. sheet-both  the sheet in every place holds the keys of n and n+1; the new pages lie in a copy too;
3. switched    under the lock of the case: late pages, then one transaction in which the rows of the pages
               point to the new ones, the case is of epoch n+1, and the caller's rows change;
4. sheet-new   the sheet in every place holds n+1 only: the point of no return;
5. copied      every copy that is reached has the new pages and not the old;
6. erased      every process that held n has let go of it; the old pages are deleted here;
7. done        the outcome is in the ledger.

A crash before 2 loses the new key, which nobody has; sealing begins anew with another.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import transaction
from django.db.models import Q

from kedang.holdings.actions.keyplacing import spread
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.surviving_keys import fates_of, planned_pages, seal_page_again
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, for_each, lay_ring
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.processes import has_died
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.errors import EpochChanged, EpochChangeUnderway, TooFewPlaces
from kedang.holdings.models import (
    Case,
    ChangedPage,
    Copy,
    DoomedKey,
    EpochChange,
    KeyHolder,
    SealingAnew,
    Snapshot,
)
from kedang.holdings.models import KeyPage as KeyPageRow
from kedang.holdings.queries.copies import snapshots_past_keeping
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId
from kedang.vault import keysheet, ring
from kedang.vault.errors import SlotRemoved
from kedang.vault.ring import manifest_digest
from kedang.vault.slots import NO_CHANGES, SlotChanges
from kedang.vault.unlocking import Unlocked, add_epoch, drop_epoch, refreshed

SEALING, BOTH, SWITCHED, NEW, COPIED, ERASED, DONE = (
    "sealing", "sheet-both", "switched", "sheet-new", "copied", "erased", "done",
)  # fmt: skip
RESEAL = "reseal"
"""Purpose of the changes of the epoch that belong to sealing anew."""
PAGES_AT_ONCE = 64
FLUSHES_AT_ONCE = 8  # threads that wait for the disk; sealing itself takes a fifth of a millisecond a page
POLL_SECONDS = 0.25

Perform = Callable[[str, Callable[[], None]], None]


def plainly(_step: str, act: Callable[[], None]) -> None:
    """Do a step; tests give another to break it before or after it took effect."""
    act()


@dataclass(frozen=True, slots=True)
class Doomed:
    """A key that ends: its holder and the page that has it."""

    holder: str
    """The page itself: every key of it ends."""
    page: str
    heir: str = ""
    """Holder of the key that takes its place under its name, and the page that has it; none: it ends."""
    heir_page: str = ""


@dataclass(slots=True)
class Change:
    """One change of the epoch being carried through."""

    archive: Archive
    row: EpochChange
    copies: Sequence[CopyStore]
    clock: Callable[[], datetime]
    progress: Progress
    swap: Callable[[], list[Event]] = list
    """What else changes in the transaction of the switch; the events of it."""
    perform: Perform = plainly
    beside: Sequence[str] = ()
    """Objects that must lie in a copy too before the old keys end, besides the pages."""
    slot_changes: SlotChanges = NO_CHANGES
    """Which slots come and go in the sheet that first has the new key."""


def begin_change(archive: Archive, *, purpose: str, doomed: Iterable[Doomed], now: datetime) -> EpochChange:
    """The intent of a change, in the caller's transaction. Snapshots that were kept long enough end with it.

    Raises:
        EpochChangeUnderway: another one has not ended; it is carried through first.
    """
    case = Case.objects.select_for_update().get(id=archive.case_id)
    if EpochChange.objects.filter(case=case, finished=None).exists():
        raise EpochChangeUnderway()
    if purpose != RESEAL and SealingAnew.objects.filter(case=case).exists():
        raise EpochChangeUnderway(purpose=RESEAL)
    row = EpochChange(
        id=archive.new_id(),
        case=case,
        to_epoch=case.epoch + 1,
        purpose=purpose,
        step="",
        started=now,
    )
    guarded(archive, row).save(force_insert=True)
    old = (Doomed(one.id, one.key_page) for one in snapshots_past_keeping(archive.case_id, now=now))
    keys = (
        DoomedKey(
            case=case, change=row, holder=one.holder, page=one.page, heir=one.heir, heir_page=one.heir_page
        )
        for one in chain(doomed, old)
    )
    insert_rows(DoomedKey, [guarded(archive, key) for key in keys])
    return row


def require_places(archive: Archive, copies: Sequence[CopyStore]) -> None:
    """Nothing when the new ring will lie in the home and in a copy that answers, so that no fault of one
    disk between the old keys' end and the next backup can lose everything.

    Raises:
        TooFewPlaces: no registered copy is reached.
    """
    if not any(copy.answers() for copy in copies):
        raise TooFewPlaces(copies=len(copies))
    archive.places.read_sheets(archive.case_id)


def carry_through(change: Change) -> None:
    """Take a change from wherever it stands to its end."""
    steps: Mapping[str, Callable[[Change], None]] = {
        SEALING: _seal_survivors,
        BOTH: _both_keys,
        SWITCHED: _switch,
        NEW: _new_key_only,
        COPIED: _refresh_copies,
        ERASED: _erase_old,
        DONE: _end,
    }
    order = list(steps)
    reached = order.index(change.row.step) + 1 if change.row.step else 0
    if change.row.step == SEALING:
        reached = 0  # the key that they were sealed under was in memory only, unless the sheet has it
    for name in order[reached:]:
        change.perform(name, lambda step=steps[name]: step(change))  # type: ignore[misc]
        _reached(change, name)


def _reached(change: Change, step: str) -> None:
    if step not in (SWITCHED, DONE):  # those are written in the transaction of the step itself
        rewrite(change.archive, [change.row], step=step)


def _seal_survivors(change: Change) -> None:
    """Every page's survivors, in a page of the next epoch; the next sheet, in memory."""
    archive = change.archive
    sheet = newest_sheet(archive)
    if sheet.newest_epoch == change.row.to_epoch:
        archive.keyring.take(sheet)
        return
    for name in (
        ChangedPage.objects.filter(change=change.row).exclude(stored="").values_list("stored", flat=True)
    ):
        archive.store.delete(ring.page_name(KeyPageId(name)))
    ChangedPage.objects.filter(change=change.row).delete()
    rows = list(KeyPageRow.objects.filter(case_id=archive.case_id).order_by("id"))
    planned = planned_pages(archive, change.row, rows)
    ids = (KeyPageId(one.stored) for one in planned if one.stored)
    manifest = manifest_digest(archive.case_id, change.row.to_epoch, ids)
    following, unlocked = add_epoch(
        sheet,
        archive.keyring.unlocked,
        manifest=manifest,
        random_bytes=archive.random_bytes,
        changes=change.slot_changes,
    )
    change.progress.stage("seal-keys", len(rows))
    _seal_pages(change, rows, planned, unlocked)
    spread(archive, following, now=change.clock())
    archive.keyring.use(unlocked)


def _seal_pages(
    change: Change, rows: Sequence[KeyPageRow], planned: Sequence[ChangedPage], unlocked: Unlocked
) -> None:
    """Seal, flush and read back, several pages at a time because the disk is waited for."""
    fates, epoch = fates_of(change.row), change.row.to_epoch

    def seal(pair: tuple[KeyPageRow, ChangedPage]) -> None:
        if pair[1].stored:
            seal_page_again(change.archive, *pair, epoch, unlocked.epoch_keys, fates)

    pairs = list(zip(rows, planned, strict=True))
    with ThreadPoolExecutor(FLUSHES_AT_ONCE) as threads:
        for start in range(0, len(pairs), PAGES_AT_ONCE):
            some = pairs[start : start + PAGES_AT_ONCE]
            list(threads.map(seal, some))
            insert_rows(ChangedPage, [guarded(change.archive, page) for _, page in some])
            change.progress.advance(len(some), 0)


def _both_keys(change: Change) -> None:
    """The new pages beside the old ones in every copy that is reached, in one at least."""
    names = [*_new_names(change), *change.beside]
    change.progress.stage("copy-keys", len(change.copies))
    reached = 0
    for copy in change.copies:
        try:
            lay_ring(change.archive, copy, names)
            reached += 1
        except KedangError:
            continue  # noted when the copies are refreshed
        change.progress.advance(1, 0)
    if not reached:
        raise TooFewPlaces(copies=len(change.copies))


def _new_names(change: Change) -> list[str]:
    stored = ChangedPage.objects.filter(change=change.row).exclude(stored="")
    return [ring.page_name(KeyPageId(one)) for one in stored.values_list("stored", flat=True)]


def _switch(change: Change) -> None:
    """Late pages, then everything at once: rows of pages, the case's epoch, the caller's rows, the event."""
    archive, row = change.archive, change.row
    with transaction.atomic():
        case = Case.objects.select_for_update().get(id=archive.case_id)
        _seal_late(change)
        swapped = change.swap()  # first: every key still lies where it was
        dropped = DoomedKey.objects.filter(change=row).values("holder")
        ended = Q(id__in=dropped) | Q(key_page__in=dropped, dropped=None)  # by itself, or with its whole page
        rewrite(archive, Snapshot.objects.filter(ended, case=case), dropped=change.clock())
        moved = {one.page: one for one in ChangedPage.objects.filter(change=row)}
        pages = list(KeyPageRow.objects.filter(case=case).order_by("id"))
        for page in pages:
            page.stored, page.epoch, page.entries = (
                moved[page.id].stored,
                row.to_epoch,
                moved[page.id].entries,
            )
        update_rows(KeyPageRow, [page for page in pages if page.stored], ("stored", "epoch", "entries"))
        KeyPageRow.objects.filter(case=case, id__in=[page.id for page in pages if not page.stored]).delete()
        case.epoch = row.to_epoch
        case.save(update_fields=["epoch"])
        facts: dict[str, str | int] = {"epoch": row.to_epoch, "pages": len(pages), "purpose": row.purpose}
        events = [Event(archive.agent, "epoch-changed", (), facts), *swapped]
        rewrite(archive, [row], step=SWITCHED)
        book.write(archive.case_id, events, now=change.clock())
    archive.case.epoch = row.to_epoch
    archive.keyring.moved_to(row.to_epoch)


def _seal_late(change: Change) -> None:
    """Pages that were added since the sealing; nothing in them is doomed."""
    known = ChangedPage.objects.filter(change=change.row).values("page")
    rows = list(KeyPageRow.objects.filter(case_id=change.archive.case_id).exclude(id__in=known))
    if rows:
        planned = planned_pages(change.archive, change.row, rows)
        _seal_pages(change, rows, planned, change.archive.keyring.unlocked)


def _new_key_only(change: Change) -> None:
    """From here on nobody who has this sheet opens an old page."""
    archive = change.archive
    sheet = newest_sheet(archive)
    if len(sheet.epochs) > 1:
        archive.keyring.take(sheet)
        sheet, unlocked = drop_epoch(sheet, archive.keyring.unlocked)
        archive.keyring.use(unlocked)
    spread(archive, sheet, now=change.clock())
    rewrite(archive, [change.row], clean_since=sheet.serial)


def _refresh_copies(change: Change) -> None:
    """New pages and only those, in every copy; those that are not reached stay outstanding."""
    archive = change.archive
    pages = KeyPageRow.objects.filter(case_id=archive.case_id)
    names = [ring.page_name(KeyPageId(one)) for one in pages.values_list("stored", flat=True)]
    for copy in change.copies:
        try:
            lay_ring(archive, copy, names, drop_others=True)
        except KedangError as error:
            rewrite(archive, Copy.objects.filter(id=copy.id), last_code=error.code)
        else:
            rewrite(archive, Copy.objects.filter(id=copy.id), ring_epoch=change.row.to_epoch)


def _erase_old(change: Change) -> None:
    """Wait until nobody holds an older epoch, then take its pages away."""
    archive, epoch = change.archive, change.row.to_epoch
    archive.keyring.renew()
    older = KeyHolder.objects.filter(case_id=archive.case_id, epoch__lt=epoch)
    while any(not has_died(one.process) for one in older.filter(lease_until__gte=change.clock())):
        change.progress.stage("wait-for-others", None)
        time.sleep(POLL_SECONDS)
    older.delete()
    old = ChangedPage.objects.filter(change=change.row).values_list("old", flat=True)
    there = set(archive.store.names(ring.KIND))  # other cases of the home have their pages here too
    for_each(archive.store.delete, sorted(there.intersection(ring.page_name(KeyPageId(one)) for one in old)))


def _end(change: Change) -> None:
    """The rows of the change have done their work."""
    with transaction.atomic():
        rewrite(change.archive, [change.row], step=DONE, finished=change.clock())
        ChangedPage.objects.filter(change=change.row).delete()
        DoomedKey.objects.filter(change=change.row).delete()
    sign_head(change.archive, now=change.clock())


def newest_sheet(archive: Archive) -> keysheet.KeySheet:
    """The newest sheet that this process can open, of all reachable places.

    Raises:
        SlotRemoved: the newest does not know the slot that opened the case: nobody goes on with an older one.
        EpochChanged: none opens.
    """
    for sheet in archive.keyring.sheets():
        try:
            refreshed(sheet, archive.keyring.unlocked)
        except SlotRemoved:
            raise
        except KedangError:
            continue
        return sheet
    raise EpochChanged(held=archive.epoch)
