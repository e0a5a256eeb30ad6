"""Opening key sheets and making the next ones: slots, epochs, MACs. Nothing here touches a file.

Every change gives the next sheet: its serial is one higher, and it names the digest of the sheet before.
A holder of the keys never works on a sheet older than the one he last saw: it might bring back a slot
that was removed.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import compare_digest
from importlib import import_module
from typing import Any

import rfc8785

from kedang.records.ids import CaseId
from kedang.vault.errors import (
    KeySheetAltered,
    KeySheetForeign,
    KeySheetForked,
    KeySheetStale,
    SlotMissing,
    SlotRemoved,
    WrongSecret,
)
from kedang.vault.hpke import public_key_of
from kedang.vault.keysheet import EpochWrap, KeySheet, Slot, SlotKind, TokenLock, digest, sheet_body
from kedang.vault.quorums import Quorum, SplitSecret
from kedang.vault.ring import manifest_digest
from kedang.vault.slots import (
    NO_CHANGES,
    NewPassphrase,
    NewQuorum,
    NewSlot,
    NewToken,
    NewUnattended,
    RandomBytes,
    SlotChanges,
    make_slot,
    places_after,
    private_key_of,
    stretched,
    unwrap_epoch_key,
    wrap_epoch_key,
)
from kedang.vault.suites import KEY_BYTES, derive

__all__ = [
    "NO_CHANGES",
    "NewPassphrase",
    "NewQuorum",
    "NewSlot",
    "NewToken",
    "NewUnattended",
    "RandomBytes",
    "SlotChanges",
    "Unlocked",
    "add_epoch",
    "add_slot",
    "create_sheet",
    "drop_epoch",
    "refreshed",
    "remove_slot",
    "replace_slot",
    "reshare",
    "unlock_with_passphrase",
    "unlock_with_secret",
    "unlock_with_shares",
    "unlock_with_token",
    "verify_sheet",
]

_MAC_INFO = b"kedang key sheet mac v1"
_NO_MAC = bytes(32)  # stands in a sheet for the moment before its MACs are made


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The epoch keys of a case, and the slot that gave them. Lives in memory only."""

    case: CaseId
    slot: str
    kind: SlotKind
    epoch_keys: dict[int, bytes] = field(repr=False)
    slot_private_key: bytearray = field(repr=False)
    """Opens later sheets without asking anybody; its own copy in each `Unlocked`, empty once forgotten."""
    serial: int
    """Of the sheet that was opened or made last; an older one is refused from then on."""
    sheet: bytes
    """Digest of that sheet."""

    @property
    def newest_epoch(self) -> int:
        """The highest epoch there is a key for."""
        return max(self.epoch_keys)

    def copied(self) -> Unlocked:
        """The same keys with a life of their own: forgetting one leaves the other."""
        return replace(
            self, epoch_keys=dict(self.epoch_keys), slot_private_key=bytearray(self.slot_private_key)
        )

    def forget(self) -> None:
        """Overwrite the slot's private key and let the epoch keys go.

        Python cannot overwrite `bytes`: those that others still refer to live until they let go too.
        """
        self.slot_private_key[:] = bytes(len(self.slot_private_key))
        del self.slot_private_key[:]
        self.epoch_keys.clear()


def create_sheet(
    case: CaseId, *, slots: Sequence[NewSlot], random_bytes: RandomBytes, epoch: int = 1
) -> tuple[KeySheet, Unlocked]:
    """The first sheet of a case with a new epoch key, as unlocked by its first slot."""
    if not slots:
        raise ValueError("a sheet has at least one slot")
    pairs = [make_slot(case, slot, random_bytes) for slot in slots]
    made = tuple(slot for slot, _ in pairs)
    key = random_bytes(KEY_BYTES)
    manifest = manifest_digest(case, epoch, ())
    wrap = EpochWrap(epoch, manifest, wrap_epoch_key(case, epoch, key, made, random_bytes), _NO_MAC)
    sheet = _with_macs(KeySheet(case, serial=1, previous=None, slots=made, epochs=(wrap,)), {epoch: key})
    first = made[0]
    return sheet, _opened(sheet, first.slot, first.kind, {epoch: key}, pairs[0][1])


def unlock_with_passphrase(sheet: KeySheet, passphrase: str) -> Unlocked:
    """The epoch keys, by the first passphrase slot that opens. Costs one Argon2id for each slot.

    Raises (all `unlock_…`):
        SlotMissing: the sheet has no slot of the kind.
        WrongSecret: none of them opens.
        KeySheetAltered: the sheet is not as it was made.
    """
    return _unlock(sheet, SlotKind.PASSPHRASE, lambda slot: stretched(passphrase, slot.lock, slot.salt))


def unlock_with_secret(sheet: KeySheet, secret: bytes) -> Unlocked:
    """The epoch keys, by an unattended slot."""
    return _unlock(sheet, SlotKind.UNATTENDED, lambda _: secret)


def unlock_with_shares(sheet: KeySheet, typed: Sequence[str]) -> Unlocked:
    """The epoch keys, by recovery shares; also raises what `combine_shares` raises."""
    secret = _load_shares().combine_shares(typed)
    return _unlock(sheet, SlotKind.QUORUM, lambda _: secret)


def _load_shares() -> Any:
    """`kedang.vault.shares`, which loads the words of SLIP-39: only where shares are read or made."""
    return import_module("kedang.vault.shares")


def unlock_with_token(sheet: KeySheet, unwrap: Callable[[TokenLock], bytes | None]) -> Unlocked:
    """The epoch keys, by a hardware token: `unwrap` gives the slot's secret, None if it cannot.

    What `unwrap` raises ends it at once: a wrong PIN is never tried on the next slot.
    """
    return _unlock(
        sheet,
        SlotKind.TOKEN,
        lambda slot: unwrap(slot.lock) if isinstance(slot.lock, TokenLock) else None,
    )


def refreshed(sheet: KeySheet, unlocked: Unlocked) -> Unlocked:
    """The keys of a newer sheet (or the same), by the slot that opened the case: nobody is asked.

    An epoch that is known already vouches for the new one beside it. Where the sheet holds none that is
    known, nothing does: public keys are no secret, so whoever can write the sheet's place could have sealed
    a key of his own to them. Before anything is sealed under such an epoch, its page with the case's own
    key must open and hold the key that is known.

    Raises:
        KeySheetForeign: of another case.
        KeySheetStale: older than the sheet that was seen last.
        KeySheetForked: another sheet of the same serial.
        SlotRemoved: the slot is in the sheet no more; unlock with another.
        KeySheetAltered: not as a holder of the keys made it.
    """
    if not unlocked.slot_private_key:
        raise ValueError("the keys were forgotten")
    _require_not_older(sheet, unlocked)
    private_key = bytes(unlocked.slot_private_key)
    for at, slot in enumerate(sheet.slots):
        if slot.slot == unlocked.slot and slot.public_key == public_key_of(private_key):
            followed = _unwrapped(sheet, at, private_key)
            _require_same_keys(unlocked, followed)
            return followed
    raise SlotRemoved(slot=unlocked.slot, serial=sheet.serial)


def verify_sheet(sheet: KeySheet, unlocked: Unlocked) -> None:
    """Nothing when the sheet is as a holder of the keys made it, else KeySheetAltered."""
    body = rfc8785.dumps(sheet_body(sheet))
    for epoch in sheet.epochs:
        key = unlocked.epoch_keys.get(epoch.epoch)
        if key is None or not compare_digest(epoch.mac, _mac(key, body)):
            raise KeySheetAltered(case=sheet.case, epoch=epoch.epoch)


def add_slot(sheet: KeySheet, unlocked: Unlocked, slot: NewSlot, *, random_bytes: RandomBytes) -> KeySheet:
    """The next sheet, which one more secret opens."""
    return _changed(sheet, unlocked, SlotChanges(added=(slot,)), random_bytes)[0]


def remove_slot(sheet: KeySheet, unlocked: Unlocked, slot: str) -> KeySheet:
    """The next sheet without a slot. Its holder still has today's keys: a new epoch must follow.

    `add_epoch` with `changes` does both in one sheet, so that none is left undone in between.
    """
    return _changed(sheet, unlocked, SlotChanges(removed=frozenset((slot,))), _no_randomness)[0]


def replace_slot(
    sheet: KeySheet, unlocked: Unlocked, slot: str, new: NewSlot, *, random_bytes: RandomBytes
) -> tuple[KeySheet, Unlocked]:
    """The next sheet, with a new slot and key pair in the old one's place; a new epoch must follow.

    When it is the slot that opened the case, the new one carries on.
    """
    return _changed(sheet, unlocked, SlotChanges(replaced={slot: new}), random_bytes)


def reshare(
    sheet: KeySheet, unlocked: Unlocked, slot: str, *, quorum: Quorum, random_bytes: RandomBytes
) -> tuple[KeySheet, Unlocked, SplitSecret]:
    """The next sheet, which a new quorum opens in place of an old one, and the new cards to print.

    The secret is new too, so that old and new cards never mix. A new epoch must follow.
    """
    if not any(one.slot == slot and one.kind is SlotKind.QUORUM for one in sheet.slots):
        raise SlotMissing(slot=slot, kind=SlotKind.QUORUM.value)
    split = _load_shares().split_secret(random_bytes(KEY_BYTES), random_bytes=random_bytes, quorum=quorum)
    following, carried = replace_slot(sheet, unlocked, slot, NewQuorum(split), random_bytes=random_bytes)
    return following, carried, split


def add_epoch(
    sheet: KeySheet,
    unlocked: Unlocked,
    *,
    manifest: bytes,
    random_bytes: RandomBytes,
    changes: SlotChanges = NO_CHANGES,
) -> tuple[KeySheet, Unlocked]:
    """The next sheet, with a new epoch n+1 beside n. Nobody but the holder of n need be present.

    `changes` take effect in the same sheet: a removed slot never gets the new key.
    """
    if len(sheet.epochs) != 1:
        raise ValueError("the sheet holds two epochs already")
    slots, epochs, carried = _with_changes(sheet, unlocked, changes, random_bytes)
    number, key = sheet.newest_epoch + 1, random_bytes(KEY_BYTES)
    wrapped = wrap_epoch_key(sheet.case, number, key, slots, random_bytes)
    epochs = (*epochs, EpochWrap(number, manifest, wrapped, _NO_MAC))
    return _next(sheet, carried, {**carried.epoch_keys, number: key}, slots=slots, epochs=epochs)


def drop_epoch(sheet: KeySheet, unlocked: Unlocked) -> tuple[KeySheet, Unlocked]:
    """The next sheet, with epoch n+1 only: once every place holds it, epoch n is unreadable."""
    if len(sheet.epochs) == 1:
        raise ValueError("the sheet holds one epoch only")
    _require_workable(sheet, unlocked)
    newest = sheet.epochs[-1]
    keys = {newest.epoch: unlocked.epoch_keys[newest.epoch]}
    return _next(sheet, unlocked, keys, slots=sheet.slots, epochs=(newest,))


def _unlock(sheet: KeySheet, kind: SlotKind, secret_of: Callable[[Slot], bytes | None]) -> Unlocked:
    slots = [(at, slot) for at, slot in enumerate(sheet.slots) if slot.kind is kind]
    if not slots:
        raise SlotMissing(kind=kind.value)
    for at, slot in slots:
        secret = secret_of(slot)
        private_key = None if secret is None else private_key_of(sheet.case, slot, secret)
        if private_key is not None:
            return _unwrapped(sheet, at, private_key)
    raise WrongSecret(kind=kind.value)


def _unwrapped(sheet: KeySheet, at: int, private_key: bytes) -> Unlocked:
    """The keys of the sheet by its slot at place `at`, once its MACs are right."""
    slot = sheet.slots[at]
    keys = {epoch.epoch: unwrap_epoch_key(sheet.case, epoch, at, slot, private_key) for epoch in sheet.epochs}
    unlocked = _opened(sheet, slot.slot, slot.kind, keys, private_key)
    verify_sheet(sheet, unlocked)
    return unlocked


def _opened(
    sheet: KeySheet, slot: str, kind: SlotKind, keys: Mapping[int, bytes], private_key: bytes | bytearray
) -> Unlocked:
    return Unlocked(sheet.case, slot, kind, dict(keys), bytearray(private_key), sheet.serial, digest(sheet))


def _require_not_older(sheet: KeySheet, unlocked: Unlocked) -> None:
    if sheet.case != unlocked.case:
        raise KeySheetForeign(case=sheet.case)
    if sheet.serial < unlocked.serial:
        raise KeySheetStale(serial=sheet.serial, seen=unlocked.serial)
    if sheet.serial == unlocked.serial and digest(sheet) != unlocked.sheet:
        raise KeySheetForked(serial=sheet.serial)


def _require_same_keys(known: Unlocked, followed: Unlocked) -> None:
    for epoch in known.epoch_keys.keys() & followed.epoch_keys.keys():
        if not compare_digest(known.epoch_keys[epoch], followed.epoch_keys[epoch]):
            raise KeySheetAltered(case=known.case, epoch=epoch)


def _require_workable(sheet: KeySheet, unlocked: Unlocked) -> None:
    """Nothing when the next sheet may be made from this one."""
    verify_sheet(sheet, unlocked)
    _require_not_older(sheet, unlocked)


def _changed(
    sheet: KeySheet, unlocked: Unlocked, changes: SlotChanges, random_bytes: RandomBytes
) -> tuple[KeySheet, Unlocked]:
    slots, epochs, carried = _with_changes(sheet, unlocked, changes, random_bytes)
    return _next(sheet, carried, carried.epoch_keys, slots=slots, epochs=epochs)


def _with_changes(
    sheet: KeySheet, unlocked: Unlocked, changes: SlotChanges, random_bytes: RandomBytes
) -> tuple[tuple[Slot, ...], tuple[EpochWrap, ...], Unlocked]:
    """Slots and epochs after the changes, and who carries on."""
    _require_workable(sheet, unlocked)
    places = places_after(sheet, changes)
    carried, slots = unlocked, []
    wrapped: list[list[bytes]] = [[] for _ in sheet.epochs]
    for at, new in places:
        if at is not None and new is None:
            slots.append(sheet.slots[at])
            _extend(wrapped, [epoch.wrapped[at] for epoch in sheet.epochs])
        elif new is not None:
            made, private_key = make_slot(sheet.case, new, random_bytes)
            slots.append(made)
            keys = [(epoch.epoch, unlocked.epoch_keys[epoch.epoch]) for epoch in sheet.epochs]
            _extend(wrapped, [wrap_epoch_key(sheet.case, *key, (made,), random_bytes)[0] for key in keys])
            if at is not None and sheet.slots[at].slot == unlocked.slot:
                carried = _opened(sheet, made.slot, made.kind, unlocked.epoch_keys, private_key)
    epochs = tuple(replace(epoch, wrapped=tuple(w)) for epoch, w in zip(sheet.epochs, wrapped, strict=True))
    return tuple(slots), epochs, carried


def _extend(columns: list[list[bytes]], row: Sequence[bytes]) -> None:
    for column, one in zip(columns, row, strict=True):
        column.append(one)


def _no_randomness(count: int) -> bytes:
    raise ValueError(f"nothing new is made, so {count} random bytes are not needed")


def _next(
    sheet: KeySheet,
    unlocked: Unlocked,
    keys: Mapping[int, bytes],
    *,
    slots: tuple[Slot, ...],
    epochs: tuple[EpochWrap, ...],
) -> tuple[KeySheet, Unlocked]:
    following = KeySheet(sheet.case, sheet.serial + 1, digest(sheet), slots, epochs)
    made = _with_macs(following, keys)
    return made, _opened(made, unlocked.slot, unlocked.kind, keys, unlocked.slot_private_key)


def _with_macs(sheet: KeySheet, keys: Mapping[int, bytes]) -> KeySheet:
    body = rfc8785.dumps(sheet_body(sheet))
    return replace(
        sheet,
        epochs=tuple(replace(epoch, mac=_mac(keys[epoch.epoch], body)) for epoch in sheet.epochs),
    )


def _mac(epoch_key: bytes, body: bytes) -> bytes:
    mac_key = derive(epoch_key, salt=b"", info=_MAC_INFO)
    return hmac.digest(mac_key, body, sha256)
