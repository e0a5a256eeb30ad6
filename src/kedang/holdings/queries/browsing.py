"""A page of the list of records, in the order asked for, and where the next begins."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Func, Q, QuerySet

from kedang.holdings.browsing_errors import CursorMalformed
from kedang.holdings.models import Record
from kedang.holdings.queries.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Sort:
    """One order of the list; records without the value come last."""

    column: str
    descending: bool = False


SORTS = {
    "newest": Sort("record_date", descending=True),
    "oldest": Sort("record_date"),
    "code": Sort("reference_code"),
    "due": Sort("retention_until"),
    "received": Sort("first_order"),
}
FIRST_SORT = "newest"
FEW = 3_000  # records that are sorted rather than picked out of the whole order


@dataclass(frozen=True, slots=True)
class Listed:
    """The records of one page, and the cursor of the next; empty at the end."""

    records: tuple[Record, ...]
    following: str


class _Sorted(Func):
    """The column as it is, so that SQLite sorts the few wanted instead of walking an index through all."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Unary plus: nothing but "no index"."""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)


def listed(
    case: str,
    records: QuerySet[Record],
    wanted: Wanted,
    *,
    sort: str,
    after: str,
    limit: int,
    about: int,
    today: date,
) -> Listed:
    """At most `limit` of the wanted records after the cursor `after`; `about` how many there are.

    Raises:
        CursorMalformed: the cursor is none of this list.
    """
    order = SORTS.get(sort, SORTS[FIRST_SORT])
    found = records.filter(wanted.condition(case, today=today))
    if after:
        found = found.filter(_behind(order, after))
    found = found.order_by(*_ordering(order, few=about <= FEW))
    rows = list(found[: limit + 1])
    page = rows[:limit]
    return Listed(tuple(page), cursor_of(order, page[-1]) if len(rows) > limit else "")


def _ordering(order: Sort, *, few: bool) -> tuple[Any, ...]:
    column = _Sorted(F(order.column)) if few else F(order.column)
    nullable = order.column not in ("first_order",)
    if order.descending:
        return (column.desc(nulls_last=True if nullable else None), "-id")
    return (column.asc(nulls_last=True if nullable else None), "id")


def cursor_of(order: Sort, record: Record) -> str:
    """Where a record stands in the order: only its date, number or place in it, and its id."""
    value = getattr(record, order.column)
    if isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, (bytes, memoryview)):
        value = bytes(value).hex()
    said = json.dumps([order.column, value, record.id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _behind(order: Sort, cursor: str) -> Q:
    value, record = _read(order, cursor)
    after = "lt" if order.descending else "gt"
    if value is None:
        return Q(**{f"{order.column}__isnull": True, f"id__{after}": record})
    return (
        Q(**{f"{order.column}__{after}": value})
        | Q(**{order.column: value, f"id__{after}": record})
        | Q(**{f"{order.column}__isnull": True})
    )


def _read(order: Sort, cursor: str) -> tuple[Any, str]:
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        column, value, record = json.loads(said)
        if column != order.column or not isinstance(record, str):
            raise CursorMalformed()
        if value is not None and order.column in ("record_date", "retention_until"):
            value = date.fromisoformat(value)
        if value is not None and order.column == "first_order":
            value = bytes.fromhex(value)
    except (ValueError, TypeError, binascii.Error) as error:
        raise CursorMalformed() from error
    return value, record
