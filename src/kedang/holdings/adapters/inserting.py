"""Writing many new rows with few statements.

Django's `bulk_create` resolves every value of every row as an expression, which costs several times the
insert itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain
from operator import attrgetter
from sqlite3 import sqlite_version_info
from typing import Any, TypeVar

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
PARAMETERS = 12_000 if sqlite_version_info >= (3, 32) else 900
"""Most values of one statement: SQLite before 3.32 takes 999. While it works on one, other threads go on, and it writes
down the last number that it has given to a row of a table once for each."""
Made = TypeVar("Made")


def insert_rows(model: type[Model], rows: Sequence[object], *, known_stay: bool = False) -> None:
    """Write new rows of a table, in the caller's transaction; numbers the database gives stay unknown.

    A row is anything with the table's columns as attributes. With `known_stay` a row that a constraint of
    the table does not let in is left out.
    """
    if rows:
        _, values_of, prepared = _statement(model)
        insert_values(model, _prepared_lines(map(values_of, rows), prepared), known_stay=known_stay)


def _prepared_lines(lines: Iterable[Sequence[Any]], prepared: Sequence[Prepared]) -> list[Sequence[Any]]:
    """The values of each row as the database takes them."""
    if not prepared:
        return list(lines)
    columns: list[Sequence[Any]] = list(zip(*lines, strict=True))
    for place, write in prepared:
        columns[place] = once_each(write, columns[place])
    return list(zip(*columns, strict=True))


def once_each(made: Callable[[Any], Made], values: Sequence[Any]) -> list[Made]:
    """What is made of each value, made once of those that are one and the same object."""
    distinct = {id(value): value for value in values}
    known = {one: made(value) for one, value in distinct.items()}
    return [known[id(value)] for value in values]


def insert_values(model: type[Model], lines: Sequence[Sequence[Any]], *, known_stay: bool = False) -> None:
    """Write new rows given as the values of the model's fields in order, numbered rows without their id."""
    if not lines:
        return
    head, _, _ = _statement(model)
    tail = " ON CONFLICT DO NOTHING" if known_stay else ""
    mark = "?" if connection.vendor == "sqlite" else "%s"  # Django would look for each in a long statement
    one = f"({', '.join([mark] * len(lines[0]))})"
    together = max(1, PARAMETERS // len(lines[0]))
    with connection.cursor() as cursor:
        for start in range(0, len(lines), together):
            some = lines[start : start + together]
            statement = head + ", ".join([one] * len(some)) + tail
            cursor.execute(statement, list(chain.from_iterable(some)))


@cache
def _statement(model: type[Model]) -> tuple[str, Callable[[object], Sequence[Any]], tuple[Prepared, ...]]:
    """The statement up to its values, what takes these out of a row in order, and how to write those that need it."""
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not _given_by_database(field)]
    columns = ", ".join(quote(field.column or "") for field in fields)
    table = quote(model._meta.db_table)
    head = f"INSERT INTO {table} ({columns}) VALUES "  # noqa: S608 - names of our own
    return head, attrgetter(*(field.attname for field in fields)), _prepared_of(fields)


def _prepared_of(fields: Sequence[Field[Any, Any]]) -> tuple[Prepared, ...]:
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
