"""Rows read in bulk: many values of a column are equal, and each is turned into what it means once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Field, IntegerField, Model, QuerySet, TextField
from django.db.models.functions import Cast

AT_ONCE = 2000
KNOWN = 4096  # values of one column that are remembered
Meaning = Callable[[Any], Any]


def raw_chunks(rows: QuerySet[Any]) -> Iterator[list[Sequence[Any]]]:
    """Rows as the database gives them, AT_ONCE at most at a time."""
    statement, values = rows.query.sql_with_params()
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while some := cursor.fetchmany(AT_ONCE):
            yield some


def read_columns(
    rows: QuerySet[Any], columns: Sequence[str], *, json_as: Meaning
) -> Iterator[list[Sequence[Any]]]:
    """The columns of AT_ONCE rows at a time, each with its values in the query's order.

    Octets are `bytes` whatever the database, days and times as in ISO 8601, JSON as `json_as` makes it of its text.
    Raises what Django raises as it reads them.
    """
    fields = [_field(rows.model, name) for name in columns]
    meanings = _meanings(fields, json_as)
    for some in raw_chunks(rows.values_list(*plainly(rows.model, columns))):
        found: list[Sequence[Any]] = list(zip(*some, strict=True))
        for at, meaning in meanings.items():
            found[at] = [None if said is None else meaning(said) for said in found[at]]
        yield found


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def plainly(model: type[Model], columns: Sequence[str]) -> list[str | Cast]:
    """What is asked for to have columns as the database has them: SQLite would be told to make days and times of texts."""
    found: list[str | Cast] = []
    for name in columns:
        kind = _PLAINLY.get((connection.vendor, _field(model, name).get_internal_type()))
        found.append(name if kind is None else Cast(name, kind))
    return found


_PLAINLY: Mapping[tuple[str, str], Field[Any, Any]] = {
    ("sqlite", "JSONField"): TextField(),
    ("sqlite", "DateField"): TextField(),
    ("sqlite", "DateTimeField"): TextField(),
    ("sqlite", "BooleanField"): IntegerField(),
    ("postgresql", "JSONField"): TextField(),
}
"""What is asked for in place of a column; PostgreSQL gives days, times and switches as what they are."""


def _meanings(fields: Sequence[Any], json_as: Meaning) -> Mapping[int, Meaning]:
    """What turns what the database gives into the value, by the column's place."""
    found: dict[int, Meaning] = {}
    for at, field in enumerate(fields):
        kind = field.get_internal_type()
        if kind == "JSONField":
            found[at] = lru_cache(KNOWN)(json_as)
        elif kind in ("DateField", "DateTimeField"):
            found[at] = lru_cache(KNOWN)(_time_in(field))
        elif kind == "BooleanField" and connection.vendor == "sqlite":
            found[at] = (1).__eq__
        elif kind == "BinaryField" and connection.vendor == "postgresql":
            found[at] = bytes
    return found


def _time_in(field: Any) -> Meaning:
    """What makes of a day or a time, as the database gives it, its text in ISO 8601."""
    column = field.get_col(field.model._meta.db_table)
    converters = connection.ops.get_db_converters(column) if connection.vendor == "sqlite" else []

    def meaning(said: Any) -> str:
        value: Any = said
        for convert in converters:
            value = convert(value, column, connection)
        text: str = value.isoformat()
        return text

    return meaning
