"""Opening key sheets and making the next ones: slots, epochs, MACs. Nothing here touches a file."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from hmac import compare_digest
from unicodedata import normalize

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kedang.records.ids import ID_BYTES, CaseId, id_from
from kedang.vault.errors import (
    KeySheetAltered,
    LastSlot,
    SlotMissing,
    WrongSecret,
)
from kedang.vault.hpke import open_with, public_key_of, seal_to
from kedang.vault.keysheet import (
    EpochWrap,
    KeySheet,
    Lock,
    PassphraseLock,
    QuorumLock,
    Slot,
    SlotKind,
    TokenLock,
    UnattendedLock,
    digest,
    sheet_body,
    slot_body,
)
from kedang.vault.ring import manifest_digest
from kedang.vault.shares import SplitSecret, combine_shares
from kedang.vault.suites import KEY_BYTES, SALT_BYTES, derive, derive_committed

RandomBytes = Callable[[int], bytes]

_SLOT_INFO = b"kedang key slot v1"
_MAC_INFO = b"kedang key sheet mac v1"
_WRAP_INFO = b"kedang key sheet epoch v1"
_NONCE = bytes(12)  # the key is of this one slot
_NO_MAC = bytes(32)  # stands in a sheet for the moment before its MACs are made


@dataclass(frozen=True, slots=True)
class NewPassphrase:
    """A slot that a passphrase opens."""

    passphrase: str = field(repr=False)
    lock: PassphraseLock = field(default_factory=PassphraseLock)

    def __post_init__(self) -> None:
        if not self.passphrase:
            raise ValueError("a passphrase is not empty")


@dataclass(frozen=True, slots=True)
class NewUnattended:
    """A slot that 32 random bytes open, kept apart from the sheet."""

    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewQuorum:
    """A slot that recovery shares open."""

    split: SplitSecret


@dataclass(frozen=True, slots=True)
class NewToken:
    """A slot whose secret a hardware token has encrypted."""

    secret: bytes = field(repr=False)
    lock: TokenLock


NewSlot = NewPassphrase | NewUnattended | NewQuorum | NewToken


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The epoch keys of a case, and the slot that gave them. Lives in memory only."""

    case: CaseId
    slot: str
    kind: SlotKind
    epoch_keys: Mapping[int, bytes] = field(repr=False)

    @property
    def newest_epoch(self) -> int:
        """The highest epoch there is a key for."""
        return max(self.epoch_keys)


def create_sheet(
    case: CaseId, *, slots: Sequence[NewSlot], random_bytes: RandomBytes, epoch: int = 1
) -> tuple[KeySheet, Unlocked]:
    """The first sheet of a case with a new epoch key, as unlocked by its first slot."""
    if not slots:
        raise ValueError("a sheet has at least one slot")
    made = tuple(_new_slot(case, slot, random_bytes) for slot in slots)
    keys = {epoch: random_bytes(KEY_BYTES)}
    manifest = manifest_digest(case, epoch, ())
    wrap = EpochWrap(epoch, manifest, _wraps(case, epoch, keys[epoch], made, random_bytes), _NO_MAC)
    sheet = KeySheet(case, serial=1, previous=None, slots=made, epochs=(wrap,))
    return _with_macs(sheet, keys), Unlocked(case, made[0].slot, made[0].kind, keys)


def unlock_with_passphrase(sheet: KeySheet, passphrase: str) -> Unlocked:
    """The epoch keys, by the first passphrase slot that opens. Costs one Argon2id for each slot.

    Raises (all `unlock_…`):
        SlotMissing: the sheet has no slot of the kind.
        WrongSecret: none of them opens.
        KeySheetAltered: the sheet is not as it was made.
    """
    return _unlock(sheet, SlotKind.PASSPHRASE, lambda slot: _stretched(passphrase, slot.lock, slot.salt))


def unlock_with_secret(sheet: KeySheet, secret: bytes) -> Unlocked:
    """The epoch keys, by an unattended slot."""
    return _unlock(sheet, SlotKind.UNATTENDED, lambda _: secret)


def unlock_with_shares(sheet: KeySheet, typed: Sequence[str]) -> Unlocked:
    """The epoch keys, by recovery shares; also raises what `combine_shares` raises."""
    secret = combine_shares(typed)
    return _unlock(sheet, SlotKind.QUORUM, lambda _: secret)


def unlock_with_token(sheet: KeySheet, unwrap: Callable[[TokenLock], bytes | None]) -> Unlocked:
    """The epoch keys, by a hardware token: `unwrap` gives the slot's secret, None if it cannot."""
    return _unlock(
        sheet,
        SlotKind.TOKEN,
        lambda slot: unwrap(slot.lock) if isinstance(slot.lock, TokenLock) else None,
    )


def verify_sheet(sheet: KeySheet, unlocked: Unlocked) -> None:
    """Nothing when the sheet is as a holder of the keys made it, else KeySheetAltered."""
    body = rfc8785.dumps(sheet_body(sheet))
    for epoch in sheet.epochs:
        key = unlocked.epoch_keys.get(epoch.epoch)
        if key is None or not compare_digest(epoch.mac, _mac(key, body)):
            raise KeySheetAltered(case=sheet.case, epoch=epoch.epoch)


def add_slot(sheet: KeySheet, unlocked: Unlocked, slot: NewSlot, *, random_bytes: RandomBytes) -> KeySheet:
    """The next sheet, which one more secret opens."""
    verify_sheet(sheet, unlocked)
    made = _new_slot(sheet.case, slot, random_bytes)
    epochs = tuple(
        replace(
            epoch,
            wrapped=epoch.wrapped
            + _wraps(sheet.case, epoch.epoch, unlocked.epoch_keys[epoch.epoch], (made,), random_bytes),
        )
        for epoch in sheet.epochs
    )
    return _next(sheet, unlocked.epoch_keys, slots=(*sheet.slots, made), epochs=epochs)


def remove_slot(sheet: KeySheet, unlocked: Unlocked, slot: str) -> KeySheet:
    """The next sheet without a slot. Its holder still has today's keys: a new epoch must follow."""
    verify_sheet(sheet, unlocked)
    kept = [at for at, one in enumerate(sheet.slots) if one.slot != slot]
    if len(kept) == len(sheet.slots):
        raise SlotMissing(slot=slot)
    if not kept:
        raise LastSlot(slot=slot)
    epochs = tuple(replace(epoch, wrapped=tuple(epoch.wrapped[at] for at in kept)) for epoch in sheet.epochs)
    slots = tuple(sheet.slots[at] for at in kept)
    return _next(sheet, unlocked.epoch_keys, slots=slots, epochs=epochs)


def add_epoch(
    sheet: KeySheet, unlocked: Unlocked, *, manifest: bytes, random_bytes: RandomBytes
) -> tuple[KeySheet, Unlocked]:
    """The next sheet, with a new epoch n+1 beside n. Nobody but the holder of n need be present."""
    verify_sheet(sheet, unlocked)
    if len(sheet.epochs) != 1:
        raise ValueError("the sheet holds two epochs already")
    number, key = sheet.newest_epoch + 1, random_bytes(KEY_BYTES)
    wrapped = _wraps(sheet.case, number, key, sheet.slots, random_bytes)
    epochs = (*sheet.epochs, EpochWrap(number, manifest, wrapped, _NO_MAC))
    keys = {**unlocked.epoch_keys, number: key}
    return _next(sheet, keys, slots=sheet.slots, epochs=epochs), replace(unlocked, epoch_keys=keys)


def drop_epoch(sheet: KeySheet, unlocked: Unlocked) -> tuple[KeySheet, Unlocked]:
    """The next sheet, with epoch n+1 only: once every place holds it, epoch n is unreadable."""
    verify_sheet(sheet, unlocked)
    if len(sheet.epochs) == 1:
        raise ValueError("the sheet holds one epoch only")
    newest = sheet.epochs[-1]
    keys = {newest.epoch: unlocked.epoch_keys[newest.epoch]}
    return _next(sheet, keys, slots=sheet.slots, epochs=(newest,)), replace(unlocked, epoch_keys=keys)


def _unlock(sheet: KeySheet, kind: SlotKind, secret_of: Callable[[Slot], bytes | None]) -> Unlocked:
    slots = [(at, slot) for at, slot in enumerate(sheet.slots) if slot.kind is kind]
    if not slots:
        raise SlotMissing(kind=kind.value)
    for at, slot in slots:
        secret = secret_of(slot)
        private_key = None if secret is None else _private_key(sheet.case, slot, secret)
        if private_key is None:
            continue
        keys = {epoch.epoch: _unwrapped(sheet.case, epoch, at, slot, private_key) for epoch in sheet.epochs}
        unlocked = Unlocked(sheet.case, slot.slot, kind, keys)
        verify_sheet(sheet, unlocked)
        return unlocked
    raise WrongSecret(kind=kind.value)


def _unwrapped(case: CaseId, epoch: EpochWrap, at: int, slot: Slot, private_key: bytes) -> bytes:
    info = _wrap_info(case, epoch.epoch, slot)
    key = open_with(private_key, epoch.wrapped[at], info=info)
    if key is None:
        raise KeySheetAltered(case=case, epoch=epoch.epoch)
    return key


def _new_slot(case: CaseId, slot: NewSlot, random_bytes: RandomBytes) -> Slot:
    """A slot with a new key pair, the private half sealed."""
    salt, private_key = random_bytes(SALT_BYTES), random_bytes(KEY_BYTES)
    lock, secret = _lock_and_secret(slot, salt)
    cipher_key, commitment = derive_committed(secret, salt=salt, info=_SLOT_INFO)
    made = Slot(
        slot=id_from(random_bytes(ID_BYTES)),
        lock=lock,
        public_key=public_key_of(private_key),
        salt=salt,
        commitment=commitment,
        locked_key=b"",
    )
    sealed = AESGCM(cipher_key).encrypt(_NONCE, private_key, _slot_context(case, made))
    return replace(made, locked_key=sealed)


def _lock_and_secret(slot: NewSlot, salt: bytes) -> tuple[Lock, bytes]:
    match slot:
        case NewPassphrase():
            return slot.lock, _stretched(slot.passphrase, slot.lock, salt)
        case NewUnattended():
            return UnattendedLock(), _whole_secret(slot.secret)
        case NewQuorum():
            split = slot.split
            return QuorumLock(split.identifier, split.quorum), _whole_secret(split.secret)
        case NewToken():
            return slot.lock, _whole_secret(slot.secret)


def _whole_secret(secret: bytes) -> bytes:
    if len(secret) != KEY_BYTES:
        raise ValueError(f"a secret is {KEY_BYTES} bytes")
    return secret


def _stretched(passphrase: str, lock: Lock, salt: bytes) -> bytes:
    """The secret of a passphrase slot; NFKC, so that full-width and half-width forms are the same."""
    if not isinstance(lock, PassphraseLock):
        raise TypeError("only a passphrase is stretched")
    return Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=lock.iterations,
        lanes=lock.lanes,
        memory_cost=lock.memory_kib,
    ).derive(normalize("NFKC", passphrase).encode())


def _private_key(case: CaseId, slot: Slot, secret: bytes) -> bytes | None:
    """The slot's private key, None when the secret is another's."""
    cipher_key, commitment = derive_committed(secret, salt=slot.salt, info=_SLOT_INFO)
    if not compare_digest(commitment, slot.commitment):
        return None
    try:
        return AESGCM(cipher_key).decrypt(_NONCE, slot.locked_key, _slot_context(case, slot))
    except InvalidTag as error:
        raise KeySheetAltered(case=case, slot=slot.slot) from error


def _slot_context(case: CaseId, slot: Slot) -> bytes:
    return rfc8785.dumps(slot_body(slot) | {"case": case})


def _wraps(
    case: CaseId, epoch: int, key: bytes, slots: Sequence[Slot], random_bytes: RandomBytes
) -> tuple[bytes, ...]:
    return tuple(
        seal_to(
            slot.public_key,
            key,
            info=_wrap_info(case, epoch, slot),
            ephemeral=random_bytes(KEY_BYTES),
        )
        for slot in slots
    )


def _wrap_info(case: CaseId, epoch: int, slot: Slot) -> bytes:
    named = rfc8785.dumps({"case": case, "epoch": epoch, "slot": slot.slot})
    return _WRAP_INFO + named


def _next(
    sheet: KeySheet,
    keys: Mapping[int, bytes],
    *,
    slots: tuple[Slot, ...],
    epochs: tuple[EpochWrap, ...],
) -> KeySheet:
    following = KeySheet(sheet.case, sheet.serial + 1, digest(sheet), slots, epochs)
    return _with_macs(following, keys)


def _with_macs(sheet: KeySheet, keys: Mapping[int, bytes]) -> KeySheet:
    body = rfc8785.dumps(sheet_body(sheet))
    return replace(
        sheet,
        epochs=tuple(replace(epoch, mac=_mac(keys[epoch.epoch], body)) for epoch in sheet.epochs),
    )


def _mac(epoch_key: bytes, body: bytes) -> bytes:
    mac_key = derive(epoch_key, salt=b"", info=_MAC_INFO)
    return hmac.digest(mac_key, body, sha256)
