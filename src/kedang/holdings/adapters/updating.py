"""Writing changed columns of many rows with one prepared statement.

Django's `bulk_update` builds one statement with a CASE for each row and column, which grows quadratically.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import Model


def update_rows(rows: Sequence[Model], columns: Iterable[str]) -> None:
    """Write `columns` (names of fields) of each row, in the caller's transaction."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [meta.get_field(name) for name in columns]
    quote = connection.ops.quote_name
    assignments = ", ".join(f"{quote(field.column or '')} = %s" for field in fields)  # type: ignore[union-attr]
    statement = f"UPDATE {quote(meta.db_table)} SET {assignments} WHERE {quote('id')} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                [
                    *(
                        field.get_db_prep_save(getattr(row, field.attname), connection)  # type: ignore[union-attr]
                        for field in fields
                    ),
                    row.pk,
                ]
                for row in rows
            ],
        )
