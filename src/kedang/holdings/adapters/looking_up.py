"""Rows by their ids, some hundred in each question to the database.

The case is not asked for beside the ids: SQLite takes an index that begins with the case for the shorter way and
reads every row of the case for each question. Ids are unique over all cases; where they were not read from rows
of the case, the rows found say whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL

LOOKUP = 500  # ids in one question

Value = TypeVar("Value")
Row = TypeVar("Row", bound=Model)


def in_batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The values, so many at a time that a question to the database stays small."""
    for start in range(0, len(values), LOOKUP):
        yield values[start : start + LOOKUP]


def any_of(numbers: Iterable[int]) -> RawSQL:
    """What `column__in` is compared with for many numbers: one parameter, where Django would resolve each of them."""
    if connection.vendor == "sqlite":
        return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(list(numbers)),))
    return RawSQL("SELECT unnest(%s::int[])", (list(numbers),))


def gathered(values: Iterable[Value]) -> Iterator[Sequence[Value]]:
    """The same of values that come one by one and are never held all."""
    rest = iter(values)
    while some := list(islice(rest, LOOKUP)):
        yield some


def with_ids(model: type[Row], ids: Iterable[str] | Iterable[int]) -> Iterator[QuerySet[Row]]:
    """The rows of a table that have these ids, a batch at a time."""
    for some in in_batches(list(dict.fromkeys(ids))):
        yield model._default_manager.filter(id__in=some)
