"""Slots of the key sheet: who opens the case. A slot comes without a new epoch; it goes only with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from kedang.holdings.actions.epochs import RESEAL, newest_sheet
from kedang.holdings.actions.keyplacing import spread
from kedang.holdings.actions.unlocking import said_kind
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.errors import EpochChangeUnderway, SlotInUse, SlotUnknown
from kedang.holdings.models import EpochChange, KeySlot, SealingAnew
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError
from kedang.vault import unlocking
from kedang.vault.keysheet import KeySheet, QuorumLock, Slot
from kedang.vault.slots import NewPassphrase, NewQuorum, NewSlot, NewToken, NewUnattended

Clock = Callable[[], datetime]
_NEW_KINDS: dict[type[NewSlot], str] = {
    NewPassphrase: "passphrase",
    NewQuorum: "quorum",
    NewToken: "token",
    NewUnattended: "unattended",
}


def add_slot(archive: Archive, new: NewSlot, *, clock: Clock) -> tuple[str, tuple[str, ...]]:
    """The id of a new slot, and the places that its sheet did not reach.

    Raises:
        EpochChangeUnderway: a change of the keys is carried through first.
        SecretBesideSheet: an unattended secret would lie with a sheet.
    """
    require_no_change(archive)
    sheet = newest_sheet(archive)
    if isinstance(new, NewUnattended):
        keep_secret(archive, new.secret)
    following = unlocking.add_slot(sheet, archive.keyring.unlocked, new, random_bytes=archive.random_bytes)
    missed = spread(archive, following, now=clock())
    archive.keyring.take(following)
    note_slots(archive, following, now=clock())
    return following.slots[-1].slot, missed


def require_no_change(archive: Archive) -> None:
    """Nothing when no change of the keys is under way, else EpochChangeUnderway."""
    row = EpochChange.objects.filter(case_id=archive.case_id, finished=None).first()
    if row is not None:
        raise EpochChangeUnderway(purpose=row.purpose)
    if SealingAnew.objects.filter(case_id=archive.case_id).exists():
        raise EpochChangeUnderway(purpose=RESEAL)


def find_slot(sheet: KeySheet, named: str) -> Slot:
    """The slot whose id begins so, or the only one of this kind.

    Raises:
        SlotUnknown: none, or several.
    """
    of_kind = [slot for slot in sheet.slots if said_kind(slot.kind) == named]
    found = of_kind or [slot for slot in sheet.slots if named and slot.slot.startswith(named.casefold())]
    if len(found) != 1:
        raise SlotUnknown(found=len(found))
    return found[0]


def require_other(archive: Archive, slot: Slot) -> None:
    """Nothing when another slot has opened the case, else SlotInUse: nobody would hold the new keys."""
    if slot.slot == archive.keyring.unlocked.slot:
        raise SlotInUse(slot=slot.slot)


def kind_of(new: NewSlot) -> str:
    """The kind of a slot that is still to be made, as `said_kind` says it."""
    return _NEW_KINDS[type(new)]


def keep_secret(archive: Archive, secret: bytes) -> None:
    """Keep one more unattended secret, before a sheet names its slot."""
    archive.places.require_outside(archive.home.root)
    archive.places.require_apart()
    kept = archive.places.read_secrets(archive.case_id)
    archive.places.write_secrets(archive.case_id, (*kept, secret))


def note_slots(archive: Archive, sheet: KeySheet, *, now: datetime) -> None:
    """Rows and events for every slot that has come or gone, once each; secrets that open nothing go.

    Also mends what a crash between sheet and rows has left behind.
    """
    there = {slot.slot: slot for slot in sheet.slots}
    with transaction.atomic():
        rows = {row.id: row for row in KeySlot.objects.filter(case_id=archive.case_id)}
        events = [_came(archive, slot, sheet, now) for slot in sheet.slots if slot.slot not in rows]
        for row in rows.values():
            if row.id not in there and row.ended is None:
                rewrite(archive, [row], ended=now)
                facts: dict[str, str | int] = {"kind": row.kind, "epoch": sheet.newest_epoch}
                events.append(Event(archive.agent, "key-slot-removed", (f"slot:{row.id}",), facts))
        if events:
            book.write(archive.case_id, events, now=now)
    kept = archive.places.read_secrets(archive.case_id)
    useful = [secret for secret in kept if _opens(sheet, secret)]
    if len(useful) < len(kept):
        archive.places.write_secrets(archive.case_id, useful)


def _came(archive: Archive, slot: Slot, sheet: KeySheet, now: datetime) -> Event:
    kind = said_kind(slot.kind)
    row = KeySlot(id=slot.slot, case_id=archive.case_id, kind=kind, epoch=sheet.newest_epoch, added=now)
    guarded(archive, row).save(force_insert=True)
    return slot_event(archive, slot, epoch=sheet.newest_epoch)


def slot_event(archive: Archive, slot: Slot, *, epoch: int) -> Event:
    """What the ledger says of a slot that was added."""
    facts: dict[str, str | int] = {"kind": said_kind(slot.kind), "epoch": epoch}
    if isinstance(slot.lock, QuorumLock):
        groups = slot.lock.quorum.groups
        facts["threshold"] = groups[0].threshold if len(groups) == 1 else slot.lock.quorum.group_threshold
        facts["shares"] = sum(group.count for group in groups)
    return Event(archive.agent, "key-slot-added", (f"slot:{slot.slot}",), facts)


def _opens(sheet: KeySheet, secret: bytes) -> bool:
    try:
        unlocking.unlock_with_secret(sheet, secret).forget()
    except KedangError:
        return False
    return True
