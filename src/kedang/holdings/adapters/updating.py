"""Writing changed columns of many rows with one prepared statement.

Django's `bulk_update` builds one statement with a CASE for each row and column, which grows quadratically.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model

from kedang.holdings.adapters.inserting import writer_of


def update_rows(rows: Sequence[Model], columns: Iterable[str]) -> None:
    """Write `columns` (names of fields) of each row, in the caller's transaction."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [cast("Field[Any, Any]", meta.get_field(name)) for name in columns]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column or '')} = %s" for field in fields)
    statement = f"UPDATE {quote(meta.db_table)} SET {assignments} WHERE {quote('id')} = %s"  # noqa: S608
    names = [field.attname for field in fields]
    values = [[*(getattr(row, name) for name in names), row.pk] for row in rows]
    for place, field in enumerate(fields):
        write = writer_of(field)
        if write is not None:
            for line in values:
                line[place] = write(line[place])
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
