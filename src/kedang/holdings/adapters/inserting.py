"""Writing many new rows with one prepared statement.

Django's `bulk_create` resolves every value of every row as an expression, which costs several times the
insert itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection
from django.db.models import (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

AS_THEY_ARE = (BinaryField, BooleanField, CharField, ForeignKey, IntegerField, TextField)
"""Fields whose values a database takes as Python has them."""
Prepared = tuple[int, Callable[[Any], Any]]
"""Place of a value in its row, and what makes it ready for the database."""


def insert_rows(model: type[Model], rows: Sequence[object], *, known_stay: bool = False) -> None:
    """Write new rows of a table, in the caller's transaction; numbers the database gives stay unknown.

    A row is anything with the table's columns as attributes. With `known_stay` a row that a constraint of
    the table does not let in is left out.
    """
    if rows:
        _, values_of, prepared = _statement(model)
        insert_values(model, prepared_lines(map(values_of, rows), prepared), known_stay=known_stay)


def prepared_lines(lines: Iterable[Sequence[Any]], prepared: Sequence[Prepared]) -> list[Sequence[Any]]:
    """The values of each row as the database takes them."""
    if not prepared:
        return list(lines)
    ready: list[Sequence[Any]] = [list(line) for line in lines]
    for place, write in prepared:
        for line in ready:
            line[place] = write(line[place])  # type: ignore[index]  # lists, made above
    return ready


def insert_values(model: type[Model], lines: Sequence[Sequence[Any]], *, known_stay: bool = False) -> None:
    """Write new rows given as the values of the model's fields in order, numbered rows without their id."""
    if not lines:
        return
    statement, _, _ = _statement(model)
    with connection.cursor() as cursor:
        cursor.executemany(statement + (" ON CONFLICT DO NOTHING" if known_stay else ""), lines)


@cache
def _statement(model: type[Model]) -> tuple[str, Callable[[object], Sequence[Any]], tuple[Prepared, ...]]:
    """The statement, what takes the values out of a row in its order, and how to write those that need it."""
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not _given_by_database(field)]
    columns = ", ".join(quote(field.column or "") for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own
    return statement, attrgetter(*(field.attname for field in fields)), prepared_of(fields)


def prepared_of(fields: Sequence[Field[Any, Any]]) -> tuple[Prepared, ...]:
    """Place and writer of each field whose values do not go as they are."""
    return tuple(
        (place, write) for place, field in enumerate(fields) if (write := writer_of(field)) is not None
    )


_JSON = msgspec.json.Encoder()


def _given_by_database(field: Field[Any, Any]) -> bool:
    return field.primary_key and field.get_internal_type() == "BigAutoField"


def writer_of(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What makes the field's values ready for the database; None when they go as they are."""
    if isinstance(field, AS_THEY_ARE):
        return None

    if isinstance(field, JSONField):
        encoder = field.encoder
        in_text = (
            connection.vendor == "sqlite"
        )  # where Django's own way to the same text takes ten times as long

        def write_json(value: Any) -> Any:
            if value is None:
                return None
            if in_text:
                return _JSON.encode(value).decode()
            return connection.ops.adapt_json_value(value, encoder)

        return write_json

    def write(value: Any) -> Any:
        return None if value is None else field.get_db_prep_save(value, connection)

    # Rows written together share their days and times, and Django takes its time over each.
    return lru_cache(maxsize=64)(write) if isinstance(field, DateField) else write
