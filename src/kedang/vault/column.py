"""Sealed values of database columns: docs/formats/sealed-blob.md section 6."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest

from cryptography.exceptions import InvalidTag

from kedang.records.ids import CaseId
from kedang.vault.errors import BlobDamaged, KeyMismatch, NotSealed
from kedang.vault.padding import padme
from kedang.vault.suites import (
    COMMITMENT_BYTES,
    SALT_BYTES,
    TAG_BYTES,
    Suite,
    aead,
    derive_committed,
)

_VERSION = 1
_HEADER = struct.Struct(f">BB{SALT_BYTES}s{COMMITMENT_BYTES}s")
_INFO = b"kedang sealed column v1"
_NONCE = bytes(12)  # the key is of this one value
_END = b"\x80"  # ISO/IEC 7816-4 padding: the last byte that is not zero ends the value
_SMALLEST_PADDED_BYTES = 32  # names, phones and resident ids look alike
_SUITES = {int(suite): suite for suite in Suite}


@dataclass(frozen=True, slots=True)
class ColumnBinding:
    """Which cell the value stands in; it opens in no other."""

    case: CaseId
    row: str
    """Opaque id of the row."""
    column: str
    """Table and column, "occurrence.path"."""

    def encoded(self) -> bytes:
        """The bytes that stand in the associated data after the header."""
        return b"".join((_counted(self.case), _once_counted(self.row), _counted(self.column)))


def seal_column(
    key: bytes,
    value: bytes,
    *,
    binding: ColumnBinding,
    salt: bytes,
    suite: Suite = Suite.AES_256_GCM,
) -> bytes:
    """The sealed value, 114 bytes for a short one. `salt` is 32 random bytes for every write."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt is {SALT_BYTES} bytes")
    cipher_key, commitment = derive_committed(key, salt=salt, info=_INFO + bytes((suite,)))
    header = _HEADER.pack(_VERSION, suite, salt, commitment)
    padding = bytes(_padded_size(len(value)) - len(value) - len(_END))
    payload = b"".join((value, _END, padding))
    return header + aead(suite, cipher_key).encrypt(_NONCE, payload, header + binding.encoded())


def open_column(key: bytes, sealed: bytes, *, binding: ColumnBinding) -> bytes:
    """The value of a cell.

    Raises:
        NotSealed: no sealed value of a known version.
        KeyMismatch: another key or suite, or a damaged header.
        BlobDamaged: altered, cut, extended, or of another case, row or column.
    """
    header = sealed[: _HEADER.size]
    if len(sealed) < _HEADER.size + TAG_BYTES or header[0] != _VERSION or header[1] not in _SUITES:
        raise NotSealed(row=binding.row, column=binding.column)
    _, suite, salt, commitment = _HEADER.unpack(header)
    cipher_key, expected = derive_committed(key, salt=salt, info=_INFO + bytes((suite,)))
    if not compare_digest(commitment, expected):
        raise KeyMismatch(row=binding.row, column=binding.column)
    cipher = aead(_SUITES[suite], cipher_key)
    try:
        payload = cipher.decrypt(_NONCE, sealed[_HEADER.size :], header + binding.encoded())
    except InvalidTag as error:
        raise BlobDamaged(row=binding.row, column=binding.column) from error
    value = payload.rstrip(b"\x00")
    if value[-1:] != _END or len(payload) != _padded_size(len(value) - 1):
        raise BlobDamaged(row=binding.row, column=binding.column)
    return value[:-1]


def salt_of(sealed: bytes) -> bytes:
    """The salt with which a value was sealed."""
    return bytes(_HEADER.unpack(sealed[: _HEADER.size])[2])


def _once_counted(field: str) -> bytes:
    encoded = field.encode()
    return len(encoded).to_bytes(2) + encoded


_counted = lru_cache(maxsize=256)(_once_counted)  # many cells are of one column and one case


@lru_cache(maxsize=256)  # most values of a column are of a few lengths
def _padded_size(value_bytes: int) -> int:
    return padme(max(value_bytes + len(_END), _SMALLEST_PADDED_BYTES))
