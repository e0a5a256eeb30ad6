"""Writing changed columns of many rows with one prepared statement.

Django's `bulk_update` builds one statement with a CASE for each row and column, which grows quadratically.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model

from kedang.holdings.adapters.inserting import once_each, writer_of


def update_rows(model: type[Model], rows: Sequence[object], columns: Iterable[str]) -> None:
    """Write `columns` (names of fields) of each row of a table, in the caller's transaction.

    A row is anything with these columns and the id as attributes.
    """
    names = tuple(columns)
    if rows:
        values_of = attrgetter("id", *(_field(model, name).attname for name in names))
        ids, *values = zip(*map(values_of, rows), strict=True)
        update_columns(model, ids, dict(zip(names, values, strict=True)))


def update_columns(
    model: type[Model], ids: Sequence[str | int], columns: Mapping[str, Sequence[Any]]
) -> None:
    """The same of rows given column by column, by the names of the fields."""
    fields = [_field(model, name) for name in columns]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column or '')} = %s" for field in fields)
    table = quote(model._meta.db_table)
    statement = f"UPDATE {table} SET {assignments} WHERE {quote('id')} = %s"  # noqa: S608 - names of our own
    writers = map(writer_of, fields)
    ready = [
        values if write is None else once_each(write, values)
        for write, values in zip(writers, columns.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(zip(*ready, ids, strict=True)))


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", model._meta.get_field(name))
