"""Slots of a key sheet: key pairs whose private half is sealed under a secret that somebody holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hmac import compare_digest
from unicodedata import normalize

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from kedang.records.ids import ID_BYTES, CaseId, id_from
from kedang.vault.errors import KeySheetAltered, LastSlot, SlotMissing
from kedang.vault.hpke import open_with, public_key_of, seal_to
from kedang.vault.keysheet import (
    EpochWrap,
    KeySheet,
    Lock,
    PassphraseLock,
    QuorumLock,
    Slot,
    TokenLock,
    UnattendedLock,
    slot_body,
)
from kedang.vault.quorums import SplitSecret
from kedang.vault.suites import KEY_BYTES, SALT_BYTES, derive_committed

RandomBytes = Callable[[int], bytes]

_SLOT_INFO = b"kedang key slot v1"
_WRAP_INFO = b"kedang key sheet epoch v1"
_NONCE = bytes(12)  # the key is of this one slot


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
class SlotChanges:
    """Which slots go and come when a new epoch begins. A replaced slot keeps its place, not its id."""

    removed: frozenset[str] = frozenset()
    replaced: Mapping[str, NewSlot] = field(default_factory=dict, repr=False)
    added: tuple[NewSlot, ...] = field(default=(), repr=False)


NO_CHANGES = SlotChanges()


def make_slot(case: CaseId, slot: NewSlot, random_bytes: RandomBytes) -> tuple[Slot, bytes]:
    """A slot with a new key pair, and its private key, which the slot holds sealed."""
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
    return replace(made, locked_key=sealed), private_key


def private_key_of(case: CaseId, slot: Slot, secret: bytes) -> bytes | None:
    """The slot's private key, None when the secret is another's."""
    cipher_key, commitment = derive_committed(secret, salt=slot.salt, info=_SLOT_INFO)
    if not compare_digest(commitment, slot.commitment):
        return None
    try:
        return AESGCM(cipher_key).decrypt(_NONCE, slot.locked_key, _slot_context(case, slot))
    except InvalidTag as error:
        raise KeySheetAltered(case=case, slot=slot.slot) from error


def stretched(passphrase: str, lock: Lock, salt: bytes) -> bytes:
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


def wrap_epoch_key(
    case: CaseId, epoch: int, key: bytes, slots: Sequence[Slot], random_bytes: RandomBytes
) -> tuple[bytes, ...]:
    """The epoch's key, sealed to each slot's public key, in their order."""
    return tuple(
        seal_to(
            slot.public_key,
            key,
            info=_wrap_info(case, epoch, slot),
            ephemeral=random_bytes(KEY_BYTES),
        )
        for slot in slots
    )


def unwrap_epoch_key(case: CaseId, epoch: EpochWrap, at: int, slot: Slot, private_key: bytes) -> bytes:
    """The epoch's key as the slot at place `at` opens it, else KeySheetAltered."""
    key = open_with(private_key, epoch.wrapped[at], info=_wrap_info(case, epoch.epoch, slot))
    if key is None:
        raise KeySheetAltered(case=case, epoch=epoch.epoch)
    return key


def places_after(sheet: KeySheet, changes: SlotChanges) -> list[tuple[int | None, NewSlot | None]]:
    """For each slot of the next sheet: its place in this one, None when added; the new slot, if any."""
    ids = [slot.slot for slot in sheet.slots]
    for named in sorted(changes.removed | changes.replaced.keys()):
        if named not in ids:
            raise SlotMissing(slot=named)
    if changes.removed & changes.replaced.keys():
        raise ValueError("a slot is removed or replaced, not both")
    kept: list[tuple[int | None, NewSlot | None]] = [
        (at, changes.replaced.get(slot)) for at, slot in enumerate(ids) if slot not in changes.removed
    ]
    if not kept and not changes.added:
        raise LastSlot(slots=len(ids))
    return [*kept, *((None, slot) for slot in changes.added)]


def _lock_and_secret(slot: NewSlot, salt: bytes) -> tuple[Lock, bytes]:
    match slot:
        case NewPassphrase():
            return slot.lock, stretched(slot.passphrase, slot.lock, salt)
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


def _slot_context(case: CaseId, slot: Slot) -> bytes:
    return rfc8785.dumps(slot_body(slot) | {"case": case})


def _wrap_info(case: CaseId, epoch: int, slot: Slot) -> bytes:
    named = rfc8785.dumps({"case": case, "epoch": epoch, "slot": slot.slot})
    return _WRAP_INFO + named
