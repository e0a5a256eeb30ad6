"""Columns of database rows as canonical JSON, and back: what JSON has no type for is in an object of one member.

plain   ["…",3,true,null]          bytes   {"base64":["…",null]}
day     {"day":["2026-11-21"]}     time    {"time":["2026-11-21T08:15:30.000000Z"]}
JSON    {"json":[{…},[…]]}         what all rows have: once, ["…"]
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeAlias

import msgspec

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Value: TypeAlias = "bool | int | str | bytes | datetime | date | list[Json] | dict[str, Json] | None"
Column: TypeAlias = "Sequence[object] | Mapping[str, Sequence[object]]"

GREATEST_INTEGER = 2**53 - 1  # what RFC 8785 can write
_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODER: Final = msgspec.json.Decoder()
PLAIN: Final = ""
OCTETS: Final = "base64"
TIME: Final = "time"
DAY: Final = "day"
JSON: Final = "json"


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


def plain_columns(rows: Sequence[Mapping[str, Value]]) -> Mapping[str, Column]:
    """The columns of rows that all have the same, with nothing in them that JSON has no type for.

    Raises:
        ValueError: an integer beyond 2^53 - 1, a time that is not UTC, a name that is not ASCII.
        TypeError: a fraction, another type that no column has, or values of two kinds.
        KeyError: rows with other columns.
    """
    return {name: _plain_column([row[name] for row in rows]) for name in rows[0]}


def once(values: Sequence[Any]) -> Sequence[Any]:
    """Values of one type as they stand in a line: one that all rows have is written once."""
    return values[:1] if values.count(values[0]) == len(values) else values


def named(kind: str, values: Sequence[object]) -> Column:
    """A column of a kind."""
    return {kind: values} if kind else values


def stored_json(text: str) -> Json | msgspec.Raw:
    """The value of a JSON column, checked and written once for all rows that have the same text there.

    Raises what `plain_columns` raises, and ValueError for what is no JSON.
    """
    value: Json = json.loads(text)
    return None if value is None else msgspec.Raw(canonical(_checked(value)))


def typed_column(said: object, rows: int) -> Sequence[Value]:
    """The values of the rows as they were before `plain_columns`; what stands there once is one object for all.

    Raises:
        ValueError, TypeError: no column of so many rows that `plain_columns` writes.
    """
    kind, values = PLAIN, said
    if isinstance(said, dict) and len(said) == 1:
        ((kind, values),) = said.items()
        if kind == PLAIN:
            raise ValueError("a kind that is not named")
    if kind not in _READERS or not isinstance(values, list) or len(values) not in (1, rows):
        raise ValueError("a column that no snapshot holds")
    read = _READERS[kind]
    typed = [None if value is None else read(value) for value in values]
    return typed if len(typed) == rows else typed * rows


def written_time(instant: datetime) -> str:
    """The instant as text, in UTC with six digits of a second."""
    offset = instant.utcoffset()
    if offset is None or offset.total_seconds():
        raise ValueError("times of a snapshot are UTC")
    return f"{instant.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"  # strftime pads no year


def read_time(text: str) -> datetime:
    """The instant of such a text."""
    instant = datetime.fromisoformat(text)
    if written_time(instant) != text:
        raise ValueError("not a time of a snapshot")
    return instant


def _plain_column(values: Sequence[Value]) -> Column:
    kinds = {_kind(value) for value in values if value is not None}
    if len(kinds) > 1:
        raise TypeError("values of two kinds in one column")
    kind = kinds.pop() if kinds else PLAIN
    written = [None if value is None else _WRITERS[kind](value) for value in values]
    alike = kind != JSON and len(set(map(type, written))) == 1  # 1 equals true
    return named(kind, once(written) if alike else written)


def _kind(value: Value) -> str:
    if isinstance(value, str | int):
        return PLAIN
    if isinstance(value, bytes):
        return OCTETS
    if isinstance(value, datetime):
        return TIME
    return DAY if isinstance(value, date) else JSON


def _checked(value: Any) -> Any:
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
        bounded(value)
    elif value is not None and not isinstance(value, str):
        raise TypeError(f"a snapshot holds no {type(value).__name__}")
    return value


def bounded(value: int) -> int:
    """The integer.

    Raises:
        ValueError: it is beyond 2^53 - 1.
    """
    if not -GREATEST_INTEGER <= value <= GREATEST_INTEGER:
        raise ValueError("an integer beyond 2^53 - 1")
    return value


def _read_plain(value: object) -> Value:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return bounded(value)
    raise TypeError("a value that no snapshot holds")


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


_WRITERS: Final[Mapping[str, Callable[[Any], object]]] = {
    PLAIN: lambda value: bounded(value) if type(value) is int else value,
    OCTETS: bytes,
    TIME: written_time,
    DAY: date.isoformat,
    JSON: _checked,
}
_READERS: Final[Mapping[str, Callable[[Any], Value]]] = {
    PLAIN: _read_plain,
    OCTETS: _read_base64,
    TIME: read_time,
    DAY: _read_day,
    JSON: _checked,
}
