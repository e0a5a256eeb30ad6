"""A new epoch without destruction: alone, or because slots go. Broken anywhere it is carried through later.

New secrets are in memory only. A change that brings some and breaks before the sheet has them is given up:
the old sheet stands, nothing was changed, and what was printed opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from kedang.holdings.actions.epochs import (
    Change,
    Perform,
    begin_change,
    carry_through,
    newest_sheet,
    plainly,
    require_places,
)
from kedang.holdings.actions.keyplacing import places_behind
from kedang.holdings.actions.progress import Progress, Silent
from kedang.holdings.actions.slots import keep_secret, note_slots, require_no_change
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, open_copies
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.errors import EpochChangeUnderway
from kedang.holdings.models import ChangedPage, EpochChange
from kedang.holdings.queries.copies import older_copies
from kedang.records.ids import KeyPageId
from kedang.vault import ring
from kedang.vault.slots import NO_CHANGES, NewUnattended, SlotChanges

OURS = ("rotate", "slots")


@dataclass(frozen=True, slots=True)
class Carrying:
    """What a change is carried through with."""

    clock: Callable[[], datetime]
    progress: Progress = field(default_factory=Silent)
    perform: Perform = plainly
    copies: Sequence[CopyStore] | None = None
    """None: all that are registered."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """The outcome of a change."""

    epoch: int
    purpose: str
    given_up: bool
    """It broke before the sheet had it; nothing was changed."""
    places_missed: tuple[str, ...] = ()
    copies_missed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


def rotate(archive: Archive, carrying: Carrying, *, changes: SlotChanges = NO_CHANGES) -> Rotated:
    """A new epoch under which every key is sealed again; slots change with it.

    Raises:
        EpochChangeUnderway: another change has not ended.
        TooFewPlaces: no registered copy is reached that could hold the new keys too.
    """
    require_no_change(archive)
    copies = list(open_copies(archive)) if carrying.copies is None else carrying.copies
    require_places(archive, copies)
    for new in (*changes.replaced.values(), *changes.added):
        if isinstance(new, NewUnattended):
            keep_secret(archive, new.secret)
    purpose = "rotate" if changes == NO_CHANGES else "slots"
    with transaction.atomic():
        row = begin_change(archive, purpose=purpose, doomed=(), now=carrying.clock())
        brings = bool(changes.replaced or changes.added)
        rewrite(archive, [row], removes=sorted(changes.removed), brings=brings)
    return _carry(archive, row, carrying, copies, changes)


def require_ready(archive: Archive) -> None:
    """Nothing when a change could begin now; asked before new secrets are made and printed.

    Raises:
        EpochChangeUnderway, TooFewPlaces: as `rotate`.
    """
    require_no_change(archive)
    require_places(archive, list(open_copies(archive)))


def mend(archive: Archive, *, now: datetime) -> None:
    """Note slots that a sheet has and the rows do not, after a crash between the two."""
    if not EpochChange.objects.filter(case_id=archive.case_id, finished=None).exists():
        note_slots(archive, newest_sheet(archive), now=now)


def unfinished(archive: Archive) -> EpochChange | None:
    """The change that was interrupted, if there is one.

    Raises:
        EpochChangeUnderway: it is a destruction, which `destroy --resume` carries through.
    """
    row = EpochChange.objects.filter(case_id=archive.case_id, finished=None).first()
    if row is not None and row.purpose not in OURS:
        raise EpochChangeUnderway(purpose=row.purpose)
    return row


def resume(archive: Archive, row: EpochChange, carrying: Carrying) -> Rotated:
    """Carry an interrupted change through, or give it up when its new secrets are lost."""
    begun = newest_sheet(archive).newest_epoch >= row.to_epoch
    if row.brings and not begun:
        _give_up(archive, row)
        return Rotated(archive.epoch, row.purpose, given_up=True)
    copies = list(open_copies(archive)) if carrying.copies is None else carrying.copies
    return _carry(archive, row, carrying, copies, SlotChanges(removed=frozenset(row.removes)))


def _carry(
    archive: Archive,
    row: EpochChange,
    carrying: Carrying,
    copies: Sequence[CopyStore],
    changes: SlotChanges,
) -> Rotated:
    change = Change(
        archive=archive,
        row=row,
        copies=copies,
        clock=carrying.clock,
        progress=carrying.progress,
        perform=carrying.perform,
        slot_changes=changes,
    )
    carry_through(change)
    carrying.perform("slots", lambda: note_slots(archive, newest_sheet(archive), now=carrying.clock()))
    return Rotated(
        row.to_epoch,
        row.purpose,
        given_up=False,
        places_missed=places_behind(archive, row.clean_since),
        copies_missed=older_copies(archive.case_id, row.to_epoch),
    )


def _give_up(archive: Archive, row: EpochChange) -> None:
    """Take away what was sealed for an epoch that never came."""
    sealed = ChangedPage.objects.filter(change=row).exclude(stored="")
    for name in sealed.values_list("stored", flat=True):
        archive.store.delete(ring.page_name(KeyPageId(name)))
    with transaction.atomic():
        ChangedPage.objects.filter(change=row).delete()
        row.delete()
    note_slots(archive, newest_sheet(archive), now=row.started)
