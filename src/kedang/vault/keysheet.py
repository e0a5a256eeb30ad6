"""The key sheet 密钥页: which secrets open a case, as one canonical file of a few KiB.

The format is docs/formats/key-sheet.md: canonical JSON (RFC 8785), read strictly, so that every byte of
the file is accounted for. `unlocking.py` opens and changes sheets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import rfc8785

from kedang.records.ids import CaseId
from kedang.vault.errors import KeySheetForeign, KeySheetMalformed, KeySheetStale
from kedang.vault.hpke import ENCAPSULATED_BYTES
from kedang.vault.quorums import Group, Quorum
from kedang.vault.suites import COMMITMENT_BYTES, KEY_BYTES, SALT_BYTES, TAG_BYTES

FORMAT = "kedang-key-sheet"
VERSION = 1
MOST_BYTES = 256 * 1024  # far beyond any real sheet; a file larger is none
DIGEST_BYTES = 32

_MOST_SAFE = 2**53 - 1  # whole numbers of JSON, RFC 8785
_MOST_MEMORY_KIB = 1024 * 1024  # a hostile sheet may cost a minute, not the computer
_MOST_ITERATIONS = 64
_MOST_LANES = 16
_ID_BYTES = 16
_MOST_WRAPPED_BYTES = 4096  # RSA-OAEP of a token, with room

Json = dict[str, "Json"] | list["Json"] | str | int | None


class SlotKind(StrEnum):
    """What opens a slot."""

    PASSPHRASE = "passphrase"  # noqa: S105  # the kind, not one
    UNATTENDED = "unattended"
    QUORUM = "quorum"
    TOKEN = "pkcs11"  # noqa: S105  # as above


@dataclass(frozen=True, slots=True)
class PassphraseLock:
    """Argon2id (RFC 9106) with these costs makes the slot's secret from the passphrase."""

    memory_kib: int = 64 * 1024  # RFC 9106 section 4, second recommended: 64 MiB, 3 passes, 4 lanes
    iterations: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class UnattendedLock:
    """The slot's secret is kept apart from the sheet, for a computer that starts by itself."""


@dataclass(frozen=True, slots=True)
class QuorumLock:
    """The slot's secret is on SLIP-39 cards with this identifier."""

    identifier: int
    quorum: Quorum


@dataclass(frozen=True, slots=True)
class TokenLock:
    """The slot's secret is encrypted by a key that a hardware token holds."""

    mechanism: str
    token_key: str
    """Id of the key on the token, in hexadecimal digits."""
    wrapped_secret: bytes


Lock = PassphraseLock | UnattendedLock | QuorumLock | TokenLock


@dataclass(frozen=True, slots=True)
class Slot:
    """A key pair, its private half sealed under a secret that somebody holds."""

    slot: str
    lock: Lock
    public_key: bytes
    salt: bytes
    commitment: bytes
    locked_key: bytes

    @property
    def kind(self) -> SlotKind:
        """What opens it."""
        return _KINDS[type(self.lock)]


@dataclass(frozen=True, slots=True)
class EpochWrap:
    """An epoch's key, sealed to the public key of every slot."""

    epoch: int
    manifest: bytes
    """Digest of the page manifest when the epoch began."""
    wrapped: tuple[bytes, ...]
    """In the order of the slots."""
    mac: bytes
    """Over the whole sheet without its MACs, under a key that only this epoch's key gives."""


@dataclass(frozen=True, slots=True)
class KeySheet:
    """One case's sheet. While an epoch changes it holds two epochs, n and n+1, else one."""

    case: CaseId
    serial: int
    """1 for the first sheet, one more with every change."""
    previous: bytes | None
    """SHA-256 of the sheet before this one."""
    slots: tuple[Slot, ...]
    epochs: tuple[EpochWrap, ...]

    @property
    def newest_epoch(self) -> int:
        """The highest epoch that the sheet has a key for."""
        return self.epochs[-1].epoch


def encode(sheet: KeySheet) -> bytes:
    """The bytes of the sheet, the only ones that stand for it."""
    body = sheet_body(sheet)
    body["macs"] = [epoch.mac.hex() for epoch in sheet.epochs]
    return rfc8785.dumps(body)


def decode(stored: bytes) -> KeySheet:
    """The sheet, when every byte is as this version writes it; its MACs are checked when unlocking.

    Raises:
        KeySheetMalformed: anything else.
    """
    if len(stored) > MOST_BYTES:
        raise KeySheetMalformed(size_bytes=len(stored))
    try:
        sheet = _sheet(json.loads(stored))
        same = encode(sheet) == stored
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise KeySheetMalformed(size_bytes=len(stored)) from error
    if not same:
        raise KeySheetMalformed(size_bytes=len(stored))
    return sheet


def digest(sheet: KeySheet) -> bytes:
    """SHA-256 of the sheet's bytes, which the next sheet names."""
    return sha256(encode(sheet)).digest()


def require_current(sheet: KeySheet, *, case: CaseId, ledger_epoch: int) -> None:
    """Nothing when the sheet is of this case and not older than the ledger.

    Raises:
        KeySheetForeign, KeySheetStale.
    """
    if sheet.case != case:
        raise KeySheetForeign(case=case)
    if sheet.newest_epoch < ledger_epoch:
        raise KeySheetStale(epoch=sheet.newest_epoch, ledger_epoch=ledger_epoch)


def sheet_body(sheet: KeySheet) -> dict[str, Json]:
    """The sheet without its MACs, which is what they are made over."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "case": sheet.case,
        "serial": sheet.serial,
        "previous": None if sheet.previous is None else sheet.previous.hex(),
        "slots": [slot_body(slot) | {"locked_key": slot.locked_key.hex()} for slot in sheet.slots],
        "epochs": [
            {
                "epoch": epoch.epoch,
                "manifest": epoch.manifest.hex(),
                "wrapped": [wrapped.hex() for wrapped in epoch.wrapped],
            }
            for epoch in sheet.epochs
        ],
    }


def slot_body(slot: Slot) -> dict[str, Json]:
    """A slot without its sealed private key, which is bound to all of it."""
    return {
        "slot": slot.slot,
        "kind": slot.kind.value,
        "lock": _lock_body(slot.lock),
        "public_key": slot.public_key.hex(),
        "salt": slot.salt.hex(),
        "commitment": slot.commitment.hex(),
    }


_KINDS: Mapping[type[Lock], SlotKind] = {
    PassphraseLock: SlotKind.PASSPHRASE,
    UnattendedLock: SlotKind.UNATTENDED,
    QuorumLock: SlotKind.QUORUM,
    TokenLock: SlotKind.TOKEN,
}


def _lock_body(lock: Lock) -> dict[str, Json]:
    match lock:
        case PassphraseLock():
            return {
                "argon2id": {
                    "memory_kib": lock.memory_kib,
                    "iterations": lock.iterations,
                    "lanes": lock.lanes,
                }
            }
        case UnattendedLock():
            return {}
        case QuorumLock():
            groups: list[Json] = [[group.threshold, group.count] for group in lock.quorum.groups]
            return {
                "slip39": {
                    "identifier": lock.identifier,
                    "group_threshold": lock.quorum.group_threshold,
                    "groups": groups,
                }
            }
        case TokenLock():
            return {
                "mechanism": lock.mechanism,
                "token_key": lock.token_key,
                "wrapped_secret": lock.wrapped_secret.hex(),
            }


# Reading. A missing field is a KeyError, a wrong type a TypeError or ValueError; a field too many makes
# the bytes differ from those the sheet is written as.


def _sheet(read: Json) -> KeySheet:
    body = _object(read)
    if (body["format"], body["version"]) != (FORMAT, VERSION):
        raise ValueError("no key sheet of a known version")
    slots = tuple(_slot(slot) for slot in _list(body["slots"]))
    macs = _list(body["macs"])
    found = _list(body["epochs"])
    epochs = tuple(_epoch(epoch, mac, slots=len(slots)) for epoch, mac in zip(found, macs, strict=True))
    numbers = [epoch.epoch for epoch in epochs]
    if numbers not in ([numbers[0]], [numbers[0], numbers[0] + 1]):
        raise ValueError("one epoch, or two that follow each other")
    if not slots or len({slot.slot for slot in slots}) != len(slots):
        raise ValueError("slots, each once")
    previous = body["previous"]
    return KeySheet(
        case=CaseId(_text(body["case"])),
        serial=_whole(body["serial"], 1, _MOST_SAFE),
        previous=None if previous is None else _bytes(previous, DIGEST_BYTES),
        slots=slots,
        epochs=epochs,
    )


def _epoch(read: Json, mac: Json, *, slots: int) -> EpochWrap:
    body = _object(read)
    sealed_bytes = ENCAPSULATED_BYTES + KEY_BYTES + TAG_BYTES
    wrapped = tuple(_bytes(sealed, sealed_bytes) for sealed in _list(body["wrapped"]))
    if len(wrapped) != slots:
        raise ValueError("every slot has every epoch's key")
    return EpochWrap(
        epoch=_whole(body["epoch"], 1, _MOST_SAFE),
        manifest=_bytes(body["manifest"], DIGEST_BYTES),
        wrapped=wrapped,
        mac=_bytes(mac, DIGEST_BYTES),
    )


def _slot(read: Json) -> Slot:
    body = _object(read)
    return Slot(
        slot=_bytes(body["slot"], _ID_BYTES).hex(),
        lock=_lock(SlotKind(_text(body["kind"])), _object(body["lock"])),
        public_key=_bytes(body["public_key"], KEY_BYTES),
        salt=_bytes(body["salt"], SALT_BYTES),
        commitment=_bytes(body["commitment"], COMMITMENT_BYTES),
        locked_key=_bytes(body["locked_key"], KEY_BYTES + TAG_BYTES),
    )


def _lock(kind: SlotKind, body: dict[str, Json]) -> Lock:
    if kind is SlotKind.PASSPHRASE:
        cost = _object(body["argon2id"])
        return PassphraseLock(
            memory_kib=_whole(cost["memory_kib"], 8, _MOST_MEMORY_KIB),
            iterations=_whole(cost["iterations"], 1, _MOST_ITERATIONS),
            lanes=_whole(cost["lanes"], 1, _MOST_LANES),
        )
    if kind is SlotKind.QUORUM:
        split = _object(body["slip39"])
        groups = tuple(_group(_list(group)) for group in _list(split["groups"]))
        threshold = _whole(split["group_threshold"], 1, len(groups))
        return QuorumLock(_whole(split["identifier"], 0, 2**15 - 1), Quorum(threshold, groups))
    if kind is SlotKind.TOKEN:
        wrapped = bytes.fromhex(_text(body["wrapped_secret"]))
        if len(wrapped) > _MOST_WRAPPED_BYTES:
            raise ValueError("a wrapped secret is shorter")
        return TokenLock(_text(body["mechanism"]), _text(body["token_key"]), wrapped)
    return UnattendedLock()


def _group(numbers: list[Json]) -> Group:
    threshold, count = numbers
    return Group(_whole(threshold, 1, 16), _whole(count, 1, 16))


def _object(read: Json) -> dict[str, Json]:
    if not isinstance(read, dict):
        raise TypeError("an object belongs here")
    return read


def _list(read: Json) -> list[Json]:
    if not isinstance(read, list):
        raise TypeError("a list belongs here")
    return read


def _text(read: Json) -> str:
    if not isinstance(read, str):
        raise TypeError("a text belongs here")
    return read


def _whole(read: Json, least: int, most: int) -> int:
    if type(read) is not int or not least <= read <= most:  # True is an int too
        raise ValueError("a whole number in bounds belongs here")
    return read


def _bytes(read: Json, length: int) -> bytes:
    found = bytes.fromhex(_text(read))
    if len(found) != length:
        raise ValueError("bytes of a fixed length belong here")
    return found
