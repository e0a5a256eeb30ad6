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


def read_values(rows: QuerySet[Any], columns: Sequence[str], *, json_as: Meaning) -> Iterator[list[Any]]:
    """The columns of every row in the query's order, as `values_list` gives them; JSON as `json_as` makes it.

    Octets are `bytes` whatever the database. Equal values may be one object: they are for reading only.
    Raises what Django raises as it reads them.
    """
    fields = [_field(rows.model, name) for name in columns]
    meanings = _meanings(fields, json_as)
    asked = [_asked(name, field) for name, field in zip(columns, fields, strict=True)]
    for line in rows.values_list(*asked).iterator(chunk_size=AT_ONCE):
        values = list(line)
        for at, meaning in meanings.items():
            if (said := values[at]) is not None:
                values[at] = meaning(said)
        yield values


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)


def _asked(name: str, field: Any) -> str | Cast:
    """The column, plainly where its meaning is found here."""
    plainly = _PLAINLY.get((connection.vendor, field.get_internal_type()))
    return name if plainly is None else Cast(name, plainly)


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
        elif kind == "BinaryField" and connection.vendor == "postgresql":
            found[at] = bytes
        elif ("sqlite", kind) in _PLAINLY and connection.vendor == "sqlite":
            found[at] = (1).__eq__ if kind == "BooleanField" else lru_cache(KNOWN)(_time_in(field))
    return found


def _time_in(field: Any) -> Meaning:
    """What Django makes of the text of a day or a time."""
    column = field.get_col(field.model._meta.db_table)
    converters = connection.ops.get_db_converters(column)

    def meaning(said: str) -> Any:
        value: Any = said
        for convert in converters:
            value = convert(value, column, connection)
        return value

    return meaning
