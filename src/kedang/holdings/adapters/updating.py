"""Writing changed columns of many rows with one prepared statement.

Django's `bulk_update` builds one statement with a CASE for each row and column, which grows quadratically.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model

from kedang.holdings.adapters.inserting import prepared_lines, prepared_of


def update_rows(model: type[Model], rows: Sequence[object], columns: Iterable[str]) -> None:
    """Write `columns` (names of fields) of each row of a table, in the caller's transaction.

    A row is anything with these columns and the id as attributes.
    """
    if not rows:
        return
    fields = [cast("Field[Any, Any]", model._meta.get_field(name)) for name in columns]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column or '')} = %s" for field in fields)
    table = quote(model._meta.db_table)
    statement = f"UPDATE {table} SET {assignments} WHERE {quote('id')} = %s"  # noqa: S608 - names of our own
    values_of = attrgetter(*(field.attname for field in fields), "id")
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared_lines(map(values_of, rows), prepared_of(fields)))
