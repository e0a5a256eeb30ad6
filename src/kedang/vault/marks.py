"""Keyed marks: a MAC over the clear columns of a row, and fingerprints that find equals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

from kedang.vault.errors import RowAltered

MAC_BYTES = 32
FINGERPRINT_BYTES = 16  # 128 bits: no two contents of one case meet by chance

ClearValue = str | int | bytes | bool | None

_MAC_PERSON = b"kedang row mac 1"  # BLAKE2 takes 16 bytes: one key never serves two purposes
_FINGERPRINT_PERSON = b"kedang equals 1"


class RowMarker:
    """MACs over the rows of one table, whose clear columns are always the same."""

    def __init__(self, table: str, columns: Iterable[str]) -> None:
        self.columns = tuple(sorted(columns))
        """The order in which a row's values are given."""
        self._table = _counted(table.encode())
        names = [_counted(name.encode()) for name in self.columns]
        self._names = tuple(
            tuple(name + kind for kind in (b"s", b"i", b"b", b"n", b"t", b"f")) for name in names
        )
        """Each as it stands before a text, a number and octets, and with none, true and false."""

    def mac(self, key: bytes, values: Iterable[ClearValue]) -> bytes:
        """32 bytes that change when any of the values does (keyed BLAKE2b, RFC 7693).

        No two different values are written alike: 1, True, "1" and b"1" differ.
        """
        parts = [self._table]
        # A call for each value would cost more than all the rest.
        for (text, number, octets, nothing, yes, no), value in zip(self._names, values, strict=True):
            if isinstance(value, str):
                encoded = value.encode()
                parts += text, len(encoded).to_bytes(4), encoded
            elif value is None:
                parts.append(nothing)
            elif value is True:
                parts.append(yes)
            elif value is False:
                parts.append(no)
            elif isinstance(value, int):
                encoded = b"%d" % value
                parts += number, len(encoded).to_bytes(4), encoded
            else:
                parts += octets, len(value).to_bytes(4), value
        joined = b"".join(parts)
        return blake2b(joined, digest_size=MAC_BYTES, key=key, person=_MAC_PERSON).digest()


def row_mac(key: bytes, table: str, fields: Mapping[str, ClearValue]) -> bytes:
    """The MAC of one row. `fields` names every clear column, its id among them; dates are given as text."""
    marker = _marker(table, tuple(fields))
    return marker.mac(key, [fields[name] for name in marker.columns])


def verify_row_mac(key: bytes, table: str, fields: Mapping[str, ClearValue], mac: bytes) -> None:
    """Nothing when the row is as kedang wrote it, else RowAltered."""
    if not compare_digest(row_mac(key, table, fields), mac):
        raise RowAltered(table=table)


def fingerprint(key: bytes, kind: str, value: bytes) -> bytes:
    """16 bytes that are equal for equal values of one kind under one key, and tell nothing else."""
    joined = _counted(kind.encode()) + value
    return blake2b(joined, digest_size=FINGERPRINT_BYTES, key=key, person=_FINGERPRINT_PERSON).digest()


@lru_cache(maxsize=32)
def _marker(table: str, columns: tuple[str, ...]) -> RowMarker:
    return RowMarker(table, columns)


def _counted(piece: bytes) -> bytes:
    return len(piece).to_bytes(4) + piece
