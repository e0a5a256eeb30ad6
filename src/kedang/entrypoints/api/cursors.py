"""Pages of a list: a cursor names the last row that was given, and nothing of what was in it."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from kedang.entrypoints.errors import CursorUnreadable

MOST = 200
Row = TypeVar("Row", bound=Model)


def page_of(rows: QuerySet[Row], column: str, cursor: str, limit: int) -> tuple[list[Row], str]:
    """At most `limit` rows after the cursor, in the order of `column` (unique, of octets or text), and the next cursor.

    The next cursor is empty at the end.

    Raises:
        CursorUnreadable: no cursor of ours.
    """
    ordered = rows.order_by(column)
    if cursor:
        ordered = ordered.filter(**{f"{column}__gt": _read(cursor)})
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    return found[:limit], _written(getattr(found[limit - 1], column)) if more else ""


def _written(value: Any) -> str:
    octets = value.encode() if isinstance(value, str) else bytes(value)
    return ("s" if isinstance(value, str) else "b") + base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _read(cursor: str) -> str | bytes:
    try:
        octets = base64.urlsafe_b64decode(cursor[1:] + "=" * (-len(cursor[1:]) % 4))
        if cursor[0] == "s":
            return octets.decode()
        if cursor[0] == "b":
            return octets
    except (binascii.Error, ValueError) as error:
        raise CursorUnreadable() from error
    raise CursorUnreadable()
