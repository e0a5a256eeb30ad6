"""Everything that lives sealed anew under fresh keys, so that an old key sheet and old key pages open none of it.

The steps in their order; each may be interrupted anywhere and is done again or found done:

1. ordered    one transaction: the intent, how much there is, its ledger event;
2. first      a new epoch: fresh keys must not lie in pages that the old sheet opens;
3. listed     the key pages there are now: every key in them is to end;
4. records    batch by batch into new packs, under new keys in new pages; each batch is one transaction;
   names      customers, sources, and what is sealed for the case;
5. backup     a snapshot of the rows as they are now, and the new packs, in one copy at least: snapshots of before
              open nothing once the old keys have ended;
6. last       another epoch, which leaves the old pages behind as a whole; index parts are made again with it;
7. packs      those that nothing refers to any more;
8. outcome    in the ledger.

What is left is told by the rows: whoever names an old page is sealed again, so that a broken run goes on where it
was. Nobody else may take in, change keys or write copies meanwhile: the caller holds all three locks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from kedang.holdings.actions import parts
from kedang.holdings.actions.backing_up import back_up
from kedang.holdings.actions.epochs import (
    RESEAL,
    Change,
    Doomed,
    begin_change,
    carry_through,
    newest_sheet,
    require_places,
)
from kedang.holdings.actions.forgetting import forget_wholes
from kedang.holdings.actions.fresh_contents import MovedMeanwhile, seal_records
from kedang.holdings.actions.fresh_names import seal_case, seal_names
from kedang.holdings.actions.fresh_row_sets import seal_row_sets
from kedang.holdings.actions.keyplacing import places_behind
from kedang.holdings.actions.laying_leaves import lay_leaves
from kedang.holdings.actions.reclaiming import drop_unused_packs, unused_packs_of_copies
from kedang.holdings.actions.rotating import Carrying
from kedang.holdings.actions.slots import note_slots, require_no_change
from kedang.holdings.actions.snapshotting import take_snapshot
from kedang.holdings.actions.unlocking import which_case
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, open_copies
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.keyed import keyed_models
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.errors import EpochChangeUnderway, TooFewPlaces
from kedang.holdings.intake.indexing import texts_of
from kedang.holdings.intake.plain import read_records
from kedang.holdings.models import (
    Case,
    Copy,
    EpochChange,
    IndexPart,
    KeyPage,
    NewPart,
    OldPage,
    Order,
    Pack,
    Record,
    SealingAnew,
    Segment,
    Snapshot,
)
from kedang.holdings.queries.resealing import LIMITS, to_seal
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError

AT_ONCE = 256
"""Records of a batch at most; a batch ends where its pack is full."""
ROUNDS = 3  # how often what came under an old key meanwhile is sealed again
MADE_AGAIN = (Case, IndexPart, NewPart, Snapshot)
"""Tables whose old keys may end: parts are made again with the last change, snapshots of before open nothing."""


@dataclass(slots=True)
class SealedAnew:
    """The outcome."""

    epoch: int
    records: int
    ranges: int
    packs: int
    packs_removed: int
    places_missed: tuple[str, ...] = ()
    copies_outstanding: tuple[str, ...] = ()
    """Copies with key pages of before: not reached."""
    old_packs: dict[str, int] = field(default_factory=dict)
    """By copy that was reached: how many packs of before lie there. Old keys open them, for whoever kept those."""
    not_promised: tuple[str, ...] = LIMITS

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


def unfinished(archive: Archive) -> SealingAnew | None:
    """The work that was interrupted, if there is one."""
    return SealingAnew.objects.filter(case_id=archive.case_id).first()


def is_unfinished(fonds_code: str | None) -> bool:
    """Whether the work of a case was interrupted, told without any key."""
    return SealingAnew.objects.filter(case_id=which_case(fonds_code).id).exists()


def order(archive: Archive, *, now: datetime) -> SealingAnew:
    """The intent, in one transaction.

    Raises:
        EpochChangeUnderway: a change of the keys, or a destruction, has not ended.
        TooFewPlaces: no registered copy is reached.
        DiskNearlyFull: everything does not fit on the disk a second time.
    """
    require_no_change(archive)
    if Order.objects.filter(case_id=archive.case_id).exclude(state="carried-out").exists():
        raise EpochChangeUnderway(purpose="destroy")
    require_places(archive, list(open_copies(archive)))
    much = to_seal(archive)
    archive.home.require_room(much.size_bytes)
    with transaction.atomic():
        epoch = Case.objects.select_for_update().values_list("epoch", flat=True).get(id=archive.case_id)
        row = SealingAnew(
            id=archive.new_id(),
            case_id=archive.case_id,
            ordered=now,
            from_epoch=epoch,
            records=much.records,
            ranges=much.ranges,
        )
        guarded(archive, row).save(force_insert=True)
        facts: dict[str, str | int] = {
            "epoch": epoch,
            "records": much.records,
            "ranges": much.ranges,
            "packs": much.packs,
        }
        book.write(archive.case_id, [Event(archive.agent, "resealing-ordered", (), facts)], now=now)
    return row


def carry_out(
    archive: Archive, row: SealingAnew, carrying: Carrying, *, at_once: int = AT_ONCE
) -> SealedAnew:
    """Take the work from wherever it stands to its end."""
    perform = carrying.perform
    copies = list(open_copies(archive)) if carrying.copies is None else list(carrying.copies)
    change = row.change
    if change is None:
        _first_epoch(archive, row, carrying, copies)
        if not row.listed:
            perform("listed", lambda: _list_pages(archive, row))
        for _ in range(ROUNDS):
            _seal_all(archive, row, carrying, at_once)
            perform("backup", lambda: _back_up(archive, carrying, copies))
            perform("begun", lambda: _begin_last(archive, row, now=carrying.clock()))
            row.refresh_from_db()
            change = row.change
            if change is not None:
                break
        else:
            raise EpochChangeUnderway(purpose=RESEAL)  # something goes on naming old pages
    last = _change(archive, change, carrying, copies)
    last.swap = partial(_swap, archive, row, change)
    if not change.step:
        words = partial(parts.make_parts, archive, change, set(), partial(texts_of, archive))
        perform("words", lambda: words(progress=carrying.progress))
    if change.finished is None:
        carry_through(last)
    perform("files", lambda: parts.end_parts(archive, change))
    return _finish(archive, row, last, carrying)


def _change(
    archive: Archive, row: EpochChange, carrying: Carrying, copies: Sequence[CopyStore], prefix: str = ""
) -> Change:
    def perform(step: str, act: Callable[[], None]) -> None:
        carrying.perform(prefix + step, act)

    return Change(
        archive=archive,
        row=row,
        copies=copies,
        clock=carrying.clock,
        progress=carrying.progress,
        perform=perform,
    )


def go_on_after_restore(archive: Archive, pages: Sequence[str], *, now: datetime) -> None:
    """The intent again in an archive that was restored from the middle of it, in the caller's transaction.

    `pages` have keys under names that have others too: they are left behind with the last change of the epoch.
    """
    if not pages:
        return
    much = to_seal(archive)
    row = SealingAnew(
        id=archive.new_id(),
        case_id=archive.case_id,
        ordered=now,
        from_epoch=archive.epoch - 1,
        records=much.records,
        ranges=much.ranges,
        listed=True,
    )
    guarded(archive, row).save(force_insert=True)
    old = (OldPage(case_id=archive.case_id, anew=row, page=page) for page in pages)
    insert_rows(OldPage, [guarded(archive, one) for one in old])


def _first_epoch(archive: Archive, row: SealingAnew, carrying: Carrying, copies: Sequence[CopyStore]) -> None:
    """An epoch that the old sheet has no key of, unless there is one already."""
    change = EpochChange.objects.filter(case_id=archive.case_id, finished=None).first()
    if change is None and archive.epoch > row.from_epoch:
        return
    if change is None:
        with transaction.atomic():
            change = begin_change(archive, purpose=RESEAL, doomed=(), now=carrying.clock())
    carry_through(_change(archive, change, carrying, copies, "first-"))
    note_slots(archive, newest_sheet(archive), now=carrying.clock())


def _list_pages(archive: Archive, row: SealingAnew) -> None:
    """Every key page there is: whatever is made from now on lies in others."""
    with transaction.atomic():
        case = Case.objects.select_for_update().get(id=archive.case_id)
        if case.epoch <= row.from_epoch:
            raise EpochChangeUnderway(purpose=RESEAL)
        pages = KeyPage.objects.filter(case=case).order_by("id").values_list("id", flat=True)
        old = (OldPage(case=case, anew=row, page=page) for page in pages)
        insert_rows(OldPage, [guarded(archive, one) for one in old])
        rewrite(archive, [row], listed=True)


def _old(row: SealingAnew) -> Any:
    return OldPage.objects.filter(anew=row).values("page")


def _left(archive: Archive, row: SealingAnew) -> QuerySet[Record]:
    """Records that have something under an old key, in order."""
    ranges = Segment.objects.filter(case_id=archive.case_id, record_id=OuterRef("id"), key_page__in=_old(row))
    under = Q(key_page__in=_old(row)) | Q(Exists(ranges), segments__gt=0)
    return Record.objects.filter(under, case_id=archive.case_id).order_by("id")


def _seal_all(archive: Archive, row: SealingAnew, carrying: Carrying, at_once: int) -> None:
    """Batches until nothing names an old page."""
    forget_wholes(archive, now=carrying.clock())
    left = _left(archive, row)
    carrying.progress.stage("reseal", left.count())
    after = ""
    while batch := list(read_records(left.filter(id__gt=after)[:at_once])):
        sealed: list[int] = []

        def one_batch(batch: Any = batch, sealed: list[int] = sealed) -> None:
            with suppress(MovedMeanwhile):  # read again, where it is now
                done, size_bytes = seal_records(archive, batch, now=carrying.clock())
                carrying.progress.advance(done, size_bytes)
                sealed.append(done)

        carrying.perform("records", one_batch)
        if sealed:
            after = batch[sealed[0] - 1].id
    for step, batch_of in (("row-sets", partial(seal_row_sets, now=carrying.clock())), ("names", seal_names)):
        done = [1]
        while done[0]:

            def one_more(done: list[int] = done, batch_of: Any = batch_of) -> None:
                with suppress(MovedMeanwhile):
                    done.insert(0, batch_of(archive, row))

            carrying.perform(step, one_more)
    if Case.objects.filter(id=archive.case_id, key_page__in=_old(row)).exists():
        carrying.perform("case", lambda: seal_case(archive))


def _names_old(archive: Archive, row: SealingAnew) -> bool:
    """Whether any row that stays names an old page: whatever table it is in, its key would be lost."""
    within = {"case_id": archive.case_id, "key_page__in": _old(row)}
    return Case.objects.filter(id=archive.case_id, key_page__in=_old(row)).exists() or any(
        model._default_manager.filter(**within).exists()
        for model in keyed_models()
        if model not in MADE_AGAIN
    )


def _back_up(archive: Archive, carrying: Carrying, copies: Sequence[CopyStore]) -> None:
    """The rows of now and all new packs in a copy: no older snapshot is of any use soon.

    Raises:
        TooFewPlaces: no copy is complete.
    """
    take_snapshot(archive, clock=carrying.clock, progress=carrying.progress, fresh=True)
    done = back_up(archive, copies, clock=carrying.clock, progress=carrying.progress)
    if all(one.code for one in done):
        raise TooFewPlaces(copies=len(copies))


def _begin_last(archive: Archive, row: SealingAnew, *, now: datetime) -> None:
    """The intent to leave the old pages behind, unless something names one of them yet."""
    with transaction.atomic():
        if _names_old(archive, row):
            return
        doomed = (Doomed(page, page) for page in _old(row).values_list("page", flat=True))
        change = begin_change(archive, purpose=RESEAL, doomed=doomed, now=now)
        words = IndexPart.objects.filter(case_id=archive.case_id, key_page__in=_old(row)).order_by("ordinal")
        parts.begin_parts(archive, change, list(words))
        rewrite(archive, [row], change=change)


def _swap(archive: Archive, row: SealingAnew, change: EpochChange) -> list[Event]:
    """What changes with the epoch. Nothing may name what ends: it would be lost."""
    parts.swap_parts(archive, change, set(), partial(texts_of, archive))
    if _names_old(archive, row):
        raise EpochChangeUnderway(purpose=RESEAL)
    return []


def _finish(archive: Archive, row: SealingAnew, last: Change, carrying: Carrying) -> SealedAnew:
    """Old packs go, the outcome is written; leaves and what is left are told of every copy that is reached."""
    perform = carrying.perform
    case = archive.case_id
    removed: list[int] = [0]
    perform("packs", lambda: removed.insert(0, drop_unused_packs(archive)))
    outstanding = Copy.objects.filter(case_id=case, ring_epoch__gt=0, ring_epoch__lt=last.row.to_epoch)
    outcome = SealedAnew(
        epoch=last.row.to_epoch,
        records=row.records,
        ranges=row.ranges,
        packs=Pack.objects.filter(case_id=case, state="kept").count(),
        packs_removed=removed[0],
        places_missed=places_behind(archive, last.row.clean_since),
        copies_outstanding=tuple(outstanding.order_by("ordinal").values_list("id", flat=True)),
        old_packs=dict(unused_packs_of_copies(archive, last.copies)),
    )
    perform("outcome", lambda: _note_outcome(archive, row, outcome, now=carrying.clock()))
    sign_head(archive, now=carrying.clock())
    for copy in last.copies:
        with suppress(KedangError):  # outstanding as its key pages are; the next backup brings them
            lay_leaves(archive, copy)
    return outcome


def _note_outcome(archive: Archive, row: SealingAnew, outcome: SealedAnew, *, now: datetime) -> None:
    facts: dict[str, str | int] = {
        "epoch": outcome.epoch,
        "records": outcome.records,
        "ranges": outcome.ranges,
        "packs": outcome.packs,
        "packs_removed": outcome.packs_removed,
        "places_outstanding": len(outcome.places_missed),
        "copies_outstanding": len(outcome.copies_outstanding),
    }
    objects = tuple(f"copy:{one}" for one in outcome.copies_outstanding)
    with transaction.atomic():
        OldPage.objects.filter(anew=row).delete()
        row.delete()
        book.write(archive.case_id, [Event(archive.agent, "resealed", objects, facts)], now=now)
