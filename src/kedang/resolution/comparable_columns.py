"""Comparables as columns of Arrow: how mentions are handed over to be compared, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from kedang.resolution.comparable import Comparable, birth_of
from kedang.resolution.mentions import MentionKind
from kedang.resolution.rows import COLUMNS, NUMBERS, rows_sql

BATCH = 100_000
"""Mentions handed over together."""
_READ_AT_ONCE = 16_384
_TEXTS = (
    "id", "kind", "name", "surname", "given_name", "sound", "core", "region", "industry", "legal_form", "branch",
)  # fmt: skip
_PLACES = ("city", "district", "street", "number", "room")
_LISTS = tuple(NUMBERS.values())
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*_TEXTS, "birth_date", *_PLACES)),
        ("weak_name", pa.bool_()),
        *((name, pa.list_(pa.string())) for name in ("certain", *_LISTS)),
    ]
)
"""Texts are empty, not null, where nothing is said; `certain` numbers are written kind:value."""


def columns_of(mentions: Iterable[Comparable], at_once: int = BATCH) -> Iterator[pa.RecordBatch]:
    """The mentions in batches of `SCHEMA`, in their order."""
    coming = iter(mentions)
    while some := list(islice(coming, at_once)):
        yield _columns(some)


def _columns(some: Sequence[Comparable]) -> pa.RecordBatch:
    addresses = [one.address for one in some]
    values: dict[str, Iterable[Any]] = {name: map(attrgetter(name), some) for name in (*_TEXTS, *_LISTS)}
    values |= {name: map(attrgetter(name), addresses) for name in _PLACES}
    values["weak_name"] = (one.weak_name for one in some)
    values["birth_date"] = map(birth_of, some)
    values["certain"] = ([f"{number.kind.value}:{number.value}" for number in one.certain] for one in some)
    return pa.record_batch([pa.array(list(values[one.name]), one.type) for one in SCHEMA], schema=SCHEMA)


def ahead(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same, the next being made while the one before is worked on."""
    coming = iter(batches)
    with ThreadPoolExecutor(1) as thread:
        waited_for = thread.submit(next, coming, None)
        while (batch := waited_for.result()) is not None:
            waited_for = thread.submit(next, coming, None)
            yield batch


def placed(batch: pa.RecordBatch, first: int, apart: Collection[str] = ()) -> pa.Table:
    """The mentions with their `place`, counted from `first`, and again as `alone` for those in `apart`.

    They are cut so that several threads can read them.
    """
    places = pa.array(range(first, first + batch.num_rows), pa.int32())
    is_apart = pc.is_in(batch.column("id"), pa.array(apart, pa.string()))
    whole = pa.Table.from_batches([batch]).append_column("place", places)
    whole = whole.append_column("alone", pc.if_else(is_apart, places, None))
    return pa.Table.from_batches(whole.to_batches(max_chunksize=_READ_AT_ONCE), whole.schema)


def rows_of(
    database: duckdb.DuckDBPyConnection, mentions: Sequence[Comparable]
) -> list[list[tuple[str, ...]]]:
    """The rows of each mention, values in the order of `COLUMNS`, empty where it says nothing."""
    database.register("said", placed(_columns(mentions), 0))
    rows = " union all ".join(rows_sql("said", kind) for kind in MentionKind)
    values = ", ".join(f"coalesce({column}, '')" for column in COLUMNS)
    found = database.execute(f"select place, {values} from ({rows}) order by place, facet").fetchall()
    database.unregister("said")
    return [[row[1:] for row in some] for _, some in groupby(found, itemgetter(0))]
