"""Rows as lines of a snapshot, straight from what the database gives: a million of them are written.

Many values of a column are equal, and each is turned into what stands in the line once. The lines are those that
`snapshot_lines.row_line` makes of the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Field, Model, QuerySet

from kedang.holdings.adapters.reading_rows import raw_chunks
from kedang.preservation.snapshot_lines import MOST_LINE_BYTES
from kedang.preservation.snapshot_values import GREATEST_INTEGER, canonical, plain_row, stored_json

KNOWN = 4096  # values of one column that are remembered
Meaning = Callable[[Any], Any]


class _Octets(msgspec.Struct, frozen=True, gc=False):
    base64: bytes | memoryview


class _Line(msgspec.Struct, frozen=True, gc=False):
    row: Any
    table: str


_NOTHING = type(None)
_ENCODER = msgspec.json.Encoder()
_SWITCH = {0: False, 1: True}


def raw_lines(rows: QuerySet[Any]) -> Iterator[Sequence[Any]]:
    """What the database gives, as it gives it: to be compared with what it gave before, not to be understood."""
    return chain.from_iterable(raw_chunks(rows))


class PlainRows:
    """Makes lines of the rows of one table, given as the database gives these columns, in the order of their names."""

    def __init__(self, table: str, model: type[Model], columns: Sequence[str]) -> None:
        if list(columns) != sorted(columns):
            raise ValueError("columns stand in the order of their names")
        fields = [model._meta.get_field(name) for name in columns]
        found = [_meaning(field) for field in fields]
        self._meanings = [(at, meaning) for at, (meaning, _) in enumerate(found) if meaning is not None]
        self._types = [types for _, types in found]
        self._row = msgspec.defstruct(f"{table}_row", list(columns), gc=False)
        self._table = table
        self._seen: set[tuple[type, ...]] = set()

    def line(self, raw: Sequence[Any]) -> bytes:
        """One row.

        Raises:
            ValueError, TypeError, KeyError: a column holds what does not belong there.
        """
        values = list(raw)
        for at, meaning in self._meanings:
            if (said := values[at]) is not None:
                values[at] = meaning(said)
        types = tuple(map(type, values))
        if types not in self._seen:
            if any(one not in allowed for one, allowed in zip(types, self._types, strict=True)):
                raise TypeError(f"a value of {self._table} that no snapshot holds")
            self._seen.add(types)
        line = _ENCODER.encode(_Line(self._row(*values), self._table)) + b"\n"
        if len(line) > MOST_LINE_BYTES:
            raise ValueError(f"a line of a snapshot has at most {MOST_LINE_BYTES} bytes")
        return line


def _meaning(field: Any) -> tuple[Meaning | None, frozenset[type]]:
    """What makes the values of a column what stands in a line, None where they are; and which types may stand there."""
    while field.is_relation:
        field = field.target_field
    kind = field.get_internal_type()
    if kind == "BinaryField":
        return _octets, frozenset({_Octets, _NOTHING})
    if kind == "JSONField":
        return lru_cache(KNOWN)(_json), frozenset({msgspec.Raw, str, int, bool, _NOTHING})
    if kind in ("DateField", "DateTimeField"):
        return lru_cache(KNOWN)(_time_in(field)), frozenset({msgspec.Raw, _NOTHING})
    if kind == "BooleanField":
        return _SWITCH.__getitem__, frozenset({bool, _NOTHING})
    if "Integer" in kind or "AutoField" in kind:
        return _whole, frozenset({int, _NOTHING})
    return None, frozenset({str, _NOTHING})


def _json(said: str) -> Any:
    value = stored_json(said)
    return msgspec.Raw(canonical({"json": value})) if isinstance(value, msgspec.Raw) else value


def _octets(value: Any) -> _Octets:
    if type(value) is not bytes and type(value) is not memoryview:
        raise TypeError("octets")
    return _Octets(value)


def _whole(value: Any) -> int:
    if type(value) is not int or not -GREATEST_INTEGER <= value <= GREATEST_INTEGER:
        raise TypeError("a whole number that JSON can hold")
    return value


def _time_in(field: Field[Any, Any]) -> Meaning:
    """What a day or a time is in a line: SQLite gives texts, PostgreSQL what they are."""
    column = field.get_col(field.model._meta.db_table)
    converters = connection.ops.get_db_converters(column) if connection.vendor == "sqlite" else []

    def meaning(said: Any) -> msgspec.Raw:
        value: Any = said
        for convert in converters:
            value = convert(value, column, connection)
        if not isinstance(value, date | datetime):
            raise TypeError("a day or a time")
        plain: Mapping[str, Any] = plain_row({"value": value})
        return msgspec.Raw(canonical(plain["value"]))

    return meaning
