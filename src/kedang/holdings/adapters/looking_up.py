"""Rows by their ids, some hundred in each question to the database, and all rows of a case.

The case is not asked for beside the ids: SQLite takes an index that begins with the case for the shorter way and
reads every row of the case for each question. Ids are unique over all cases; where they were not read from rows
of the case, the rows found say whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F, Func, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.lookups import Exact

LOOKUP = 500  # ids in one question

Value = TypeVar("Value")
Row = TypeVar("Row", bound=Model)


class _AsItStands(Func):
    """A column by which SQLite does not look for an index; other databases know how many rows a value has."""

    template = "+%(expressions)s"  # https://www.sqlite.org/optoverview.html, section 2

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The plain column."""
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)


def all_of_case(model: type[Row], case: str) -> QuerySet[Row]:
    """Every row of a case, to be read one after the other as they lie.

    SQLite would look each of them up in turn by an index that begins with the case.
    """
    return model._default_manager.filter(Exact(_AsItStands(F("case_id")), case))


def in_batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The values, so many at a time that a question to the database stays small."""
    for start in range(0, len(values), LOOKUP):
        yield values[start : start + LOOKUP]


def any_of(numbers: Iterable[int]) -> RawSQL:
    """What `column__in` is compared with for many numbers: one parameter, where Django would resolve each of them."""
    return _any_of(list(numbers), "int[]")


def any_of_ids(ids: Iterable[str]) -> RawSQL:
    """The same for many ids."""
    return _any_of(list(ids), "text[]")


def any_of_octets(values: Sequence[bytes]) -> RawSQL:
    """The same for at least one value of octets, of which there are some hundred: a parameter for each."""
    return RawSQL(", ".join(["%s"] * len(values)), tuple(values))  # noqa: S611 - nothing but marks


def _any_of(values: list[Any], of_type: str) -> RawSQL:
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(values),))
    return RawSQL(f"SELECT unnest(%s::{of_type})", (values,))  # noqa: S611 - one of two types


def gathered(values: Iterable[Value]) -> Iterator[Sequence[Value]]:
    """The same of values that come one by one and are never held all."""
    rest = iter(values)
    while some := list(islice(rest, LOOKUP)):
        yield some


def with_ids(model: type[Row], ids: Iterable[str] | Iterable[int]) -> Iterator[QuerySet[Row]]:
    """The rows of a table that have these ids, a batch at a time."""
    for some in in_batches(list(dict.fromkeys(ids))):
        yield model._default_manager.filter(id__in=some)
