"""Keyed marks: a MAC over the clear columns of a row, and fingerprints that find equals."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

from kedang.vault.errors import RowAltered

MAC_BYTES = 32
FINGERPRINT_BYTES = 16  # 128 bits: no two contents of one case meet by chance

ClearValue = str | int | bytes | bool | None

_MAC_PERSON = b"kedang row mac 1"  # BLAKE2 takes 16 bytes: one key never serves two purposes
_FINGERPRINT_PERSON = b"kedang equals 1"


def row_mac(key: bytes, table: str, fields: Mapping[str, ClearValue]) -> bytes:
    """32 bytes that change when any clear column of the row changes (keyed BLAKE2b, RFC 7693).

    `fields` names every clear column, the row's id among them. Dates are given as text.
    """
    parts = [_counted(table.encode())]
    for name, said in _in_order(tuple(fields)):
        parts.append(said)
        parts.append(_tagged(fields[name]))
    joined = b"".join(parts)
    return blake2b(joined, digest_size=MAC_BYTES, key=key, person=_MAC_PERSON).digest()


def verify_row_mac(key: bytes, table: str, fields: Mapping[str, ClearValue], mac: bytes) -> None:
    """Nothing when the row is as kedang wrote it, else RowAltered."""
    if not compare_digest(row_mac(key, table, fields), mac):
        raise RowAltered(table=table)


def fingerprint(key: bytes, kind: str, value: bytes) -> bytes:
    """16 bytes that are equal for equal values of one kind under one key, and tell nothing else."""
    joined = _counted(kind.encode()) + value
    return blake2b(joined, digest_size=FINGERPRINT_BYTES, key=key, person=_FINGERPRINT_PERSON).digest()


@lru_cache(maxsize=32)
def _in_order(names: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    """The names as they are written, sorted; a table's columns are always the same."""
    return tuple((name, _counted(name.encode())) for name in sorted(names))


def _counted(piece: bytes) -> bytes:
    return len(piece).to_bytes(4) + piece


def _tagged(value: ClearValue) -> bytes:
    """A value so that no two different ones are written alike: 1, True, "1" and b"1" differ."""
    if isinstance(value, str):
        encoded = value.encode()
        return b"s" + len(encoded).to_bytes(4) + encoded
    if value is None:
        return b"n"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"i" + _counted(str(value).encode())
    return b"b" + _counted(value)
