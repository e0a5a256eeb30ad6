"""Values of database rows as canonical JSON, and back: what JSON has no type for is an object of one member.

bytes    {"base64":"…"}        time of day   {"time":"2026-11-21T08:15:30.000000Z"}
day      {"day":"2026-11-21"}  JSON column   {"json":…}
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Value: TypeAlias = (
    "bool | int | str | bytes | datetime | date | list[Json] | dict[str, Json] | msgspec.Raw | None"
)

GREATEST_INTEGER = 2**53 - 1  # what RFC 8785 can write
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODER: Final = msgspec.json.Decoder()
_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_AS_THEY_ARE: Final = frozenset({str, bool, type(None)})


def canonical(value: object) -> bytes:
    """Canonical JSON (RFC 8785) of values without fractions whose members have ASCII names."""
    return _ENCODER.encode(value)


def parsed(line: bytes) -> Any:
    """The value of one canonical line.

    Raises:
        ValueError: no JSON, or not as `canonical` writes it.
    """
    value = _DECODER.decode(line)
    if canonical(value) != line:
        raise ValueError("the line is not canonical")
    return value


def plain_row(row: Mapping[str, Value]) -> dict[str, object]:
    """The row with nothing in it that JSON has no type for.

    Raises:
        ValueError: an integer beyond 2^53 - 1, a time that is not UTC, a name that is not ASCII.
        TypeError: a fraction, or another type that no column has.
    """
    return {
        name: value if type(value) in _AS_THEY_ARE else _WRITERS.get(type(value), _plain)(value)
        for name, value in row.items()
    }


def stored_json(text: str) -> Value:
    """The value of a JSON column, checked and written once for all rows that have the same text there.

    Raises what `plain_row` raises, and ValueError for what is no JSON.
    """
    value: Value = json.loads(text)
    if isinstance(value, dict | list):
        return msgspec.Raw(canonical(_checked(value)))
    return value


def typed_row(row: Mapping[str, object]) -> dict[str, Value]:
    """The row as it was before `plain_row`.

    Raises:
        ValueError: a value that `plain_row` does not write.
    """
    return {name: value if isinstance(value, str) else _typed(value) for name, value in row.items()}


def written_time(instant: datetime) -> str:
    """The instant as text, in UTC with six digits of a second."""
    offset = instant.utcoffset()
    if offset is None or offset.total_seconds():
        raise ValueError("times of a snapshot are UTC")
    return f"{instant.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"  # strftime pads no year


def read_time(text: str) -> datetime:
    """The instant of such a text."""
    instant = datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    if written_time(instant) != text:
        raise ValueError("not a time of a snapshot")
    return instant


def _plain(value: Value) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return _bounded(value)
    if isinstance(value, bytes):
        return _plain_octets(value)
    if isinstance(value, datetime):
        return {"time": _written_time(value, value.tzinfo)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return {"json": _checked(value)}


def _plain_octets(value: bytes) -> object:
    return {"base64": b2a_base64(value, newline=False).decode()}


@lru_cache(maxsize=4096)  # many rows are of one instant
def _written_time(instant: datetime, _zone: tzinfo | None) -> str:
    return written_time(instant)  # equal instants of two zones are not alike


def _checked(value: object) -> object:
    """A JSON value that is written canonically."""
    if isinstance(value, dict):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise ValueError("names of members are ASCII")
        for member in value.values():
            _checked(member)
    elif isinstance(value, list):
        for member in value:
            _checked(member)
    elif isinstance(value, int):
        _bounded(value)
    elif value is not None and not isinstance(value, str):
        raise TypeError(f"a snapshot holds no {type(value).__name__}")
    return value


def _bounded(value: int) -> int:
    if not -GREATEST_INTEGER <= value <= GREATEST_INTEGER:
        raise ValueError("an integer beyond 2^53 - 1")
    return value


_WRITERS: Final[Mapping[type, Callable[[Any], object]]] = {
    int: _bounded,
    bytes: _plain_octets,
    msgspec.Raw: lambda written: {"json": written},
}
"""For the types that most values have."""


def _typed(value: object) -> Value:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return _bounded(value)
    if isinstance(value, dict) and len(value) == 1:
        ((kind, inner),) = value.items()
        if kind == "json" and isinstance(inner, dict | list):
            _checked(inner)
            return inner
        if kind in _READERS and isinstance(inner, str):
            return _READERS[kind](inner)
    raise ValueError("a value that no snapshot holds")


def _read_base64(text: str) -> bytes:
    try:
        stored = b64decode(text, validate=True)
    except Base64Error as error:
        raise ValueError("not base64") from error
    if b64encode(stored).decode() != text:
        raise ValueError("not canonical base64")
    return stored


def _read_day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("not a day of a snapshot")
    return day


_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "base64": _read_base64,
    "time": read_time,
    "day": _read_day,
}
