"""Writing many new rows with one prepared statement.

Django's `bulk_create` resolves every value of every row as an expression, which costs several times the
insert itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import (
    BinaryField,
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

AS_THEY_ARE = (BinaryField, BooleanField, CharField, ForeignKey, IntegerField, TextField)
"""Fields whose values a database takes as Python has them."""


def insert_rows(rows: Sequence[Model], *, known_stay: bool = False) -> None:
    """Write new rows of one table, in the caller's transaction; numbers the database gives stay unknown.

    With `known_stay` a row that a constraint of the table does not let in is left out.
    """
    if not rows:
        return
    model = type(rows[0])
    _, names, prepared = _statement(model)
    values = [[getattr(row, name) for name in names] for row in rows]
    for place, prepare in prepared:
        for line in values:
            line[place] = prepare(line[place])
    insert_values(model, values, known_stay=known_stay)


def insert_values(model: type[Model], lines: Sequence[Sequence[Any]], *, known_stay: bool = False) -> None:
    """Write new rows given as the values of the model's fields in order, numbered rows without their id."""
    if not lines:
        return
    statement, _, _ = _statement(model)
    with connection.cursor() as cursor:
        cursor.executemany(statement + (" ON CONFLICT DO NOTHING" if known_stay else ""), lines)


@cache
def _statement(
    model: type[Model],
) -> tuple[str, tuple[str, ...], tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """The statement, the attributes in its order, and how to write those that need it."""
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not _given_by_database(field)]
    columns = ", ".join(quote(field.column or "") for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    prepared = tuple(
        (place, write) for place, field in enumerate(fields) if (write := writer_of(field)) is not None
    )
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - names of our own
    return statement, tuple(field.attname for field in fields), prepared


def _given_by_database(field: Field[Any, Any]) -> bool:
    return field.primary_key and field.get_internal_type() == "BigAutoField"


def writer_of(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """What makes the field's values ready for the database; None when they go as they are."""
    if isinstance(field, AS_THEY_ARE):
        return None

    if isinstance(field, JSONField):
        encoder = field.encoder

        def write_json(value: Any) -> Any:
            return None if value is None else connection.ops.adapt_json_value(value, encoder)

        return write_json

    def write(value: Any) -> Any:
        return None if value is None else field.get_db_prep_save(value, connection)

    return write
