"""Rows as lines of a snapshot, straight from what the database gives: a million of them are written.

A column is turned into what stands in the line as a whole, a value that all rows have once. The columns are those
that `snapshot_values.plain_columns` makes of the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Field, Model, QuerySet

from kedang.holdings.adapters.reading_rows import raw_chunks
from kedang.preservation.snapshot_lines import RowsLine, rows_lines
from kedang.preservation.snapshot_values import (
    DAY,
    JSON,
    OCTETS,
    PLAIN,
    TIME,
    Column,
    bounded,
    named,
    once,
    stored_json,
    written_time,
)

KNOWN = 4096  # values of one column that are remembered
Meaning = Callable[[Any], Any]
_NOTHING = type(None)
_SWITCH = {0: False, 1: True}


def raw_lines(rows: QuerySet[Any]) -> Iterator[Sequence[Any]]:
    """What the database gives, as it gives it: to be compared with what it gave before, not to be understood."""
    return chain.from_iterable(raw_chunks(rows))


class PlainRows:
    """Makes lines of the rows of one table, given as the database gives these columns."""

    def __init__(self, table: str, model: type[Model], columns: Sequence[str]) -> None:
        self._table = table
        self._columns = [(name, *_writing(model._meta.get_field(name))) for name in columns]

    def lines(self, rows: Sequence[Sequence[Any]]) -> Iterator[RowsLine]:
        """The rows in order.

        Raises:
            ValueError, TypeError, KeyError: a column holds what does not belong there.
        """
        return rows_lines(self._table, rows, self._written)

    def _written(self, rows: Sequence[Sequence[Any]]) -> Mapping[str, Column]:
        found = {}
        columns = zip(*rows, strict=True)
        for (name, kind, types, meaning), values in zip(self._columns, columns, strict=True):
            if not types.issuperset(map(type, values)):
                raise TypeError(f"a value of {self._table} that no snapshot holds")
            some = once(values)
            if meaning is not None:
                some = [None if said is None else meaning(said) for said in some]
            found[name] = named(kind, some)
        return found


def _writing(field: Any) -> tuple[str, frozenset[type], Meaning | None]:
    """Of a column: as what it stands in a line, what the database may give, and what is made of each value, if anything."""
    while field.is_relation:
        field = field.target_field
    kind = field.get_internal_type()
    if kind == "BinaryField":
        return OCTETS, frozenset({bytes, memoryview, _NOTHING}), None
    if kind == "JSONField":
        return JSON, frozenset({str, _NOTHING}), lru_cache(KNOWN)(stored_json)
    if kind in ("DateField", "DateTimeField"):
        meaning = lru_cache(KNOWN)(_time_in(field))
        return DAY if kind == "DateField" else TIME, frozenset({str, date, datetime, _NOTHING}), meaning
    if kind == "BooleanField":
        return PLAIN, frozenset({int, bool, _NOTHING}), _SWITCH.__getitem__
    if "Integer" in kind or "AutoField" in kind:
        return PLAIN, frozenset({int, _NOTHING}), bounded
    return PLAIN, frozenset({str, _NOTHING}), None


def _time_in(field: Field[Any, Any]) -> Meaning:
    """What a day or a time is in a line: SQLite gives texts, PostgreSQL what they are."""
    column = field.get_col(field.model._meta.db_table)
    converters = connection.ops.get_db_converters(column) if connection.vendor == "sqlite" else []

    def meaning(said: Any) -> str:
        value: Any = said
        for convert in converters:
            value = convert(value, column, connection)
        if isinstance(value, datetime):
            return written_time(value)
        if not isinstance(value, date):
            raise TypeError("a day or a time")
        return value.isoformat()

    return meaning
