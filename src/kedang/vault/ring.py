"""Key pages: up to 1,024 record keys, sealed under an epoch key. The format is docs/formats/key-page.md.

page  = "KDKP", version, suite, count (2), epoch (8), page id (16), commitment (32), sealed
sealed = AEAD(kind, version, then count entries of id (16) and key (32) by ascending id)
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

from cryptography.exceptions import InvalidTag

from kedang.records.ids import CaseId, KeyPageId
from kedang.vault.errors import EpochKeyMismatch, KeyPageDamaged, KeyPageForeign
from kedang.vault.opaque_ids import id_bytes
from kedang.vault.store import BlobStore
from kedang.vault.suites import (
    COMMITMENT_BYTES,
    KEY_BYTES,
    TAG_BYTES,
    Suite,
    aead,
    derive_committed,
)

KIND = "ring"
MOST_ENTRIES = 1024

_VERSION = 1
_MAGIC = b"KDKP"
_HEADER = struct.Struct(f">4sBBHQ16s{COMMITMENT_BYTES}s")
_ENTRY = struct.Struct(f">16s{KEY_BYTES}s")
_PAYLOAD_PREFIX = bytes((1, 1))  # kind: record keys; version
_INFO = b"kedang key page v1"
_NONCE = bytes(12)  # the key is of this one page
_SUITES = {int(suite): suite for suite in Suite}


@dataclass(frozen=True, slots=True)
class KeyPage:
    """An immutable page of keys, by the id of their holder."""

    page: KeyPageId
    case: CaseId
    epoch: int
    keys: Mapping[str, bytes] = field(repr=False)
    """Holder's id (32 hexadecimal digits) to key."""


def page_name(page: KeyPageId) -> str:
    """The name of a page's object in its store."""
    return f"{KIND}/{page}"


def seal_page(epoch_key: bytes, page: KeyPage, *, suite: Suite = Suite.AES_256_GCM) -> bytes:
    """The sealed page. Its id is 16 random bytes, never used before, and is the salt of its key."""
    if not 0 < len(page.keys) <= MOST_ENTRIES:
        raise ValueError(f"a page holds 1 to {MOST_ENTRIES} keys")
    if any(len(key) != KEY_BYTES for key in page.keys.values()):
        raise ValueError(f"a key is {KEY_BYTES} bytes")
    page_id = id_bytes(page.page)
    cipher_key, commitment = derive_committed(epoch_key, salt=page_id, info=_info(suite))
    header = _HEADER.pack(_MAGIC, _VERSION, suite, len(page.keys), page.epoch, page_id, commitment)
    entries = sorted((id_bytes(holder), key) for holder, key in page.keys.items())
    payload = _PAYLOAD_PREFIX + b"".join(entry_id + key for entry_id, key in entries)
    return header + aead(suite, cipher_key).encrypt(_NONCE, payload, header + page.case.encode())


def open_page(epoch_key: bytes, sealed: bytes, *, page: KeyPageId, case: CaseId, epoch: int) -> KeyPage:
    """The page with its keys.

    Raises:
        KeyPageDamaged: altered, cut or extended, or of another case.
        KeyPageForeign: the page says that it is another page or of another epoch.
        EpochKeyMismatch: sealed under another epoch key.
    """
    if len(sealed) < _HEADER.size:
        raise KeyPageDamaged(page=page)
    header = sealed[: _HEADER.size]
    magic, version, suite, count, found_epoch, page_id, commitment = _HEADER.unpack(header)
    size = _HEADER.size + len(_PAYLOAD_PREFIX) + count * _ENTRY.size + TAG_BYTES
    if (magic, version, len(sealed)) != (_MAGIC, _VERSION, size) or suite not in _SUITES:
        raise KeyPageDamaged(page=page)
    if page_id != id_bytes(page) or found_epoch != epoch:
        raise KeyPageForeign(page=page, epoch=epoch, found_epoch=found_epoch)
    cipher_key, expected = derive_committed(epoch_key, salt=page_id, info=_info(_SUITES[suite]))
    if not compare_digest(commitment, expected):
        raise EpochKeyMismatch(page=page, epoch=epoch)
    cipher = aead(_SUITES[suite], cipher_key)
    try:
        payload = cipher.decrypt(_NONCE, sealed[_HEADER.size :], header + case.encode())
    except InvalidTag as error:
        raise KeyPageDamaged(page=page) from error
    return KeyPage(page, case, epoch, _keys(payload, page))


def write_page(
    store: BlobStore, epoch_key: bytes, page: KeyPage, *, suite: Suite = Suite.AES_256_GCM
) -> None:
    """Seal a page and make it durable."""
    store.put(page_name(page.page), seal_page(epoch_key, page, suite=suite))


def read_page(store: BlobStore, epoch_key: bytes, *, page: KeyPageId, case: CaseId, epoch: int) -> KeyPage:
    """A stored page with its keys."""
    return open_page(epoch_key, store.read(page_name(page)), page=page, case=case, epoch=epoch)


def stored_pages(store: BlobStore) -> Iterator[KeyPageId]:
    """The ids of all key pages in a store, of whatever epoch, in order."""
    return (KeyPageId(name.removeprefix(f"{KIND}/")) for name in store.names(KIND))


def page_epoch(sealed: bytes) -> int:
    """The epoch that a stored page says it is of, unchecked: for sorting old pages from new."""
    if len(sealed) < _HEADER.size or sealed[:4] != _MAGIC:
        raise KeyPageDamaged(size_bytes=len(sealed))
    epoch: int = _HEADER.unpack_from(sealed)[4]
    return epoch


def manifest_digest(case: CaseId, epoch: int, pages: Iterable[KeyPageId]) -> bytes:
    """SHA-256 over the ids of all pages of an epoch, whatever their order."""
    ids = sorted(id_bytes(page) for page in pages)
    digest = sha256(b"kedang page manifest v1")
    digest.update(len(case.encode()).to_bytes(2) + case.encode())
    digest.update(epoch.to_bytes(8) + len(ids).to_bytes(8))
    for page_id in ids:
        digest.update(page_id)
    return digest.digest()


def _info(suite: Suite) -> bytes:
    return _INFO + bytes((suite,))


def _keys(payload: bytes, page: KeyPageId) -> dict[str, bytes]:
    if payload[: len(_PAYLOAD_PREFIX)] != _PAYLOAD_PREFIX:
        raise KeyPageDamaged(page=page)
    entries = tuple(_ENTRY.iter_unpack(memoryview(payload)[len(_PAYLOAD_PREFIX) :]))
    ids = [entry_id for entry_id, _ in entries]
    if ids != sorted(set(ids)):
        raise KeyPageDamaged(page=page)
    return {entry_id.hex(): key for entry_id, key in entries}
