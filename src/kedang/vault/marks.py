"""Keyed marks: a MAC over the clear columns of a row, and fingerprints that find equals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from itertools import repeat
from typing import cast

from kedang.vault.errors import RowAltered

MAC_BYTES = 32
FINGERPRINT_BYTES = 16  # 128 bits: no two contents of one case meet by chance

ClearValue = str | int | bytes | bool | None

_MAC_PERSON = b"kedang row mac 1"  # BLAKE2 takes 16 bytes: one key never serves two purposes
_FINGERPRINT_PERSON = b"kedang equals 1"
_KINDS = frozenset({str, int, bytes, bool, type(None)})
_SELDOM = 4  # times that a value of a column stands there on average, from which on each is written once only
_Name = tuple[bytes, bytes, bytes, bytes, bytes, bytes]
"""A column's name as it stands before a text, a number and octets, and with none, true and false."""


class RowMarker:
    """MACs over the rows of one table, whose clear columns are always the same."""

    def __init__(self, table: str, columns: Iterable[str]) -> None:
        self.columns = tuple(sorted(columns))
        """The order in which a row's values are given."""
        self._table = _counted(table.encode())
        names = [_counted(name.encode()) for name in self.columns]
        self._names: tuple[_Name, ...] = tuple(
            (name + b"s", name + b"i", name + b"b", name + b"n", name + b"t", name + b"f") for name in names
        )

    def mac(self, key: bytes, values: Iterable[ClearValue]) -> bytes:
        """32 bytes that change when any of the values does (keyed BLAKE2b, RFC 7693).

        No two different values are written alike: 1, True, "1" and b"1" differ.
        """
        written = _written(zip(self._names, values, strict=True))
        return _keyed(key, b"".join((self._table, *written)))

    def macs(self, key: bytes, columns: Sequence[Sequence[ClearValue]]) -> list[bytes]:
        """The `mac` of each of many rows, whose values are given column by column, at a fraction of its cost."""
        pieces: list[Iterable[bytes]] = []
        alike = self._table  # what stands next to one another and is the same in all rows
        for name, values in zip(self._names, columns, strict=True):
            written = _written_column(name, values)
            if isinstance(written, bytes):
                alike += written
                continue
            pieces += (repeat(alike), *written) if alike else written
            alike = b""
        rows = repeat(alike, len(columns[0]) if columns else 0)
        return _all_keyed(key, map(b"".join, zip(*pieces, rows, strict=False)))


def _written(named: Iterable[tuple[_Name, ClearValue]]) -> list[bytes]:
    """Each value as it stands in a MAC, behind the name of its column."""
    found = []
    # A call for each value would cost more than all the rest.
    for (text, number, octets, nothing, yes, no), value in named:
        if isinstance(value, str):
            encoded = value.encode()
            found.append(text + len(encoded).to_bytes(4) + encoded)
        elif value is None:
            found.append(nothing)
        elif value is True:
            found.append(yes)
        elif value is False:
            found.append(no)
        elif isinstance(value, int):
            encoded = b"%d" % value
            found.append(number + len(encoded).to_bytes(4) + encoded)
        else:
            found.append(octets + len(value).to_bytes(4) + value)
    return found


def _written_column(name: _Name, values: Sequence[ClearValue]) -> bytes | tuple[Iterable[bytes], ...]:
    """The same for all values of one column: once when all are one, else in pieces that follow each other."""
    kinds = set(map(type, values))
    if not kinds <= _KINDS or {int, bool} <= kinds:  # what is equal need not be the same
        return (_written((name, value) for value in values),)
    if len(kinds) == 1 and values.count(values[0]) == len(values):
        return _written([(name, values[0])])[0]
    if kinds == {bytes}:
        return _counted_column(name[2], cast(Sequence[bytes], values))
    distinct = set(values)
    if kinds == {str} and len(distinct) * _SELDOM > len(values):
        return _counted_column(name[0], list(map(str.encode, cast(Sequence[str], values))))
    known = dict(zip(distinct, _written((name, one) for one in distinct), strict=True))
    return (map(known.__getitem__, values),)


def _counted_column(name: bytes, values: Sequence[bytes]) -> tuple[Iterable[bytes], ...]:
    heads = {length: name + length.to_bytes(4) for length in set(map(len, values))}
    return map(heads.__getitem__, map(len, values)), values


def _keyed(key: bytes, written: bytes) -> bytes:
    return _all_keyed(key, (written,))[0]


def _all_keyed(key: bytes, written: Iterable[bytes]) -> list[bytes]:
    begun = blake2b(digest_size=MAC_BYTES, key=key, person=_MAC_PERSON)
    found = []
    for one in written:
        digest = begun.copy()  # takes half as long as to begin with the key
        digest.update(one)
        found.append(digest.digest())
    return found


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
