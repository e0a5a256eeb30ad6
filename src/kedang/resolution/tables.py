"""The mentions of one kind in a DuckDB database in memory: each distinct row once, in narrow columns.

Nothing touches the disk: no temporary directory, no extension is looked for. Values that are only compared for
equality are kept as numbers of 8 or 4 bytes; two different values with one number are rarer than 1 in 10^12 pairs of a
million (8 bytes), and the 4-byte ones (parts of an address) count only together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from kedang.resolution.comparable_columns import ahead, placed
from kedang.resolution.comparisons import SHARED_FROM
from kedang.resolution.frequencies import Frequencies, band_of, name_column
from kedang.resolution.mentions import MentionKind
from kedang.resolution.rows import COLUMNS, MOST_FACETS, TEXT_COLUMNS, rows_sql

_SMALL = frozenset(
    {
        "city",
        "district",
        "street",
        "number",
        "room",
        "region",
        "industry",
        "legal_form",
        "surname",
        "key_system",
    }
)
SHARED = ("mobile", "landline")
_FETCH = 20_000
OWNERS_PER_MOBILE = 0.6
"""Different mobile numbers a customer gives over the years: about 1.7; measured on generated customers only."""


def open_database(*, threads: int, memory_mebibytes: int = 4096) -> duckdb.DuckDBPyConnection:
    """A database in memory that writes nothing and asks nobody; it gives up beyond its memory, for it may not spill."""
    database = duckdb.connect(":memory:")
    for setting in (
        f"set threads={threads}",
        f"set memory_limit='{memory_mebibytes}MiB'",
        "set temp_directory=''",
        "set autoinstall_known_extensions=false",
        "set autoload_known_extensions=false",
        "set preserve_insertion_order=false",
        "set checkpoint_threshold='1TB'",
        "set enable_progress_bar=false",
    ):
        database.execute(setting)
    return database


def _type(column: str) -> str:
    if column in TEXT_COLUMNS:
        return "varchar"
    return "integer" if column in _SMALL else "bigint"


def _coded(column: str) -> str:
    if column in TEXT_COLUMNS:
        return column
    bits = 33 if column in _SMALL else 1
    return f"if({column} is null, null, (hash({column}) >> {bits})::{_type(column)}) as {column}"


def fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """The rows that a query has found, some at a time."""
    while some := cursor.fetchmany(_FETCH):
        yield from some


@dataclass(slots=True, eq=False)
class MentionTable:
    """Distinct rows (`{kind}_rows`) and which mention has which (`{kind}_members`: node, row).

    `database` is a cursor of its own, so that kinds are worked on at the same time.
    """

    database: duckdb.DuckDBPyConnection
    kind: MentionKind
    said: list[str] = field(default_factory=list)
    """Columns in which some row says something; the others take no memory."""

    @property
    def rows(self) -> str:
        """Name of the rows, with all columns."""
        return f"{self.kind.value}_rows"

    @property
    def members(self) -> str:
        """Name of the table of mentions and their rows."""
        return f"{self.kind.value}_members"

    @property
    def _kept(self) -> str:
        """Name of the table behind `rows`, with the columns of `said`."""
        return f"{self.kind.value}_kept"

    def make(self) -> None:
        """Empty tables."""
        self.database.execute(f"create table {self._kept} (unique_id integer, weak boolean, whole ubigint)")
        self.database.execute(f"create table {self.members} (node integer, row integer)")

    @property
    def ties(self) -> str:
        """Name of the table of scored pairs of rows."""
        return f"{self.kind.value}_ties"

    def size(self) -> int:
        """How many distinct rows there are."""
        return self._one(f"select count(*) from {self.rows}")[0]

    def add(self, arrived: pa.Table) -> None:
        """Take in the rows of these mentions (`placed`) of this kind; rows that are there already are only counted."""
        database = self.database
        database.register("arrived", arrived)
        coded = ", ".join(map(_coded, COLUMNS))
        whole = ", ".join((*COLUMNS, "weak_name", "alone"))
        database.execute(
            f"create or replace temp table coming as select place as node, place * {MOST_FACETS} + facet - 1 as unique_id, {coded},"
            f" weak_name as weak, hash({whole}) as whole from ({rows_sql('arrived', self.kind)})"
        )
        database.unregister("arrived")
        self._make_columns()
        database.execute(
            f"create or replace temp table firsts as select min(unique_id) as unique_id from coming"
            f" anti join (select whole from {self._kept} semi join coming using (whole)) using (whole) group by whole"
        )
        database.execute(
            f"insert into {self._kept} by name select unique_id, {''.join(f'{column}, ' for column in self.said)}weak, whole"
            " from coming semi join firsts using (unique_id)"
        )
        database.execute(
            f"insert into {self.members} select node, k.unique_id from coming join {self._kept} k using (whole)"
        )
        for done in ("coming", "firsts"):
            database.execute(f"drop table {done}")

    def _make_columns(self) -> None:
        """Make the columns of which the coming rows are the first to say something."""
        counts = ", ".join(f"count({column})" for column in COLUMNS)
        ((*spoken,),) = self.database.execute(f"select {counts} from coming").fetchall()
        for column, count in zip(COLUMNS, spoken, strict=True):
            if count and column not in self.said:
                self.database.execute(f"alter table {self._kept} add column {column} {_type(column)}")
                self.said.append(column)

    def finish(self) -> None:
        """No more rows come: show those that are there with all their columns."""
        silent = "".join(
            f", null::{_type(column)} as {column}" for column in COLUMNS if column not in self.said
        )
        self.database.execute(f"create or replace view {self.rows} as select *{silent} from {self._kept}")

    def count(self) -> Frequencies:
        """How many customers bear each name, how many names stand beside each telephone.

        A name is borne by as many customers as it has different official numbers, birthdays, or mobiles (of which people
        have more than one), whichever are most.
        """
        name, said = name_column(self.kind), self.database.execute
        counted = " union all ".join(
            f"select name, ceil({each} * count(*))::integer as customers from (select distinct {name} as name, {column} from"
            f" {self.rows} where {name} is not null and {column} is not null and not weak) group by name"
            for column, each in (("official", 1), ("birth", 1), ("mobile", OWNERS_PER_MOBILE), (name, 1))
        )
        said(
            f"create or replace temp table bearers as select name, max(customers) as customers from ({counted}) group by name"
        )
        (customers,) = self._one("select coalesce(sum(customers), 1)::bigint from bearers")
        names = said("select md5_number_lower(name), customers from bearers where customers > 1").fetchall()
        shared: set[int] = set()
        for number in SHARED:
            shared.update(
                one
                for (one,) in said(
                    f"select md5_number_lower({number}) from {self.rows} where {number} is not null group by {number}"
                    f" having count(distinct {name}) >= {SHARED_FROM}"
                ).fetchall()
            )
        said("drop table bearers")
        return Frequencies(customers=max(1, customers), names=dict(names), shared=frozenset(shared))

    def annotate(self, frequencies: Frequencies) -> None:
        """Write beside each row the band of its name and whether its telephones are shared."""
        name, database = name_column(self.kind), self.database
        bands = [(one, band) for one, count in frequencies.names.items() if (band := band_of(count))]
        database.register(
            "bands",
            pa.table({
                "value": pa.array([one for one, _ in bands], pa.uint64()),
                "band": pa.array([band for _, band in bands], pa.int8()),
            }),
        )  # fmt: skip
        database.register("common", pa.table({"value": pa.array(list(frequencies.shared), pa.uint64())}))
        shared = ", ".join(
            f"coalesce(md5_number_lower({number}) in (select value from common), false) as {number}_shared"
            for number in SHARED
        )
        kept = ", ".join(("unique_id", "weak", *self.said))
        database.execute(
            f"create or replace table {self._kept} as select {kept}, coalesce(b.band, 0)::tinyint as band, {shared},"
            " words is not null as latin, coalesce(road, flat, suburb, town) is not null as latin_places"
            f" from {self.rows} as r left join bands as b on md5_number_lower(r.{name}) = b.value"
        )
        self.finish()
        database.unregister("bands")
        database.unregister("common")

    def _one(self, query: str) -> tuple[int, ...]:
        rows = self.database.execute(query).fetchall()
        return tuple(rows[0]) if rows else (0,)


def fill(
    database: duckdb.DuckDBPyConnection,
    mentions: Iterable[pa.RecordBatch],
    apart: Collection[str] = frozenset(),
) -> Mapping[MentionKind, MentionTable]:
    """The tables of persons and of organisations, of nodes (mentions numbered in the order of their ids) and of certain numbers.

    Mentions are batches of `comparable_columns.SCHEMA`; those in `apart` share no row with others: a person has spoken of them.
    """
    tables = {kind: MentionTable(database.cursor(), kind) for kind in MentionKind}
    for table in tables.values():
        table.make()
    database.execute("create table arrivals (place integer, id varchar)")
    database.execute("create table numbers (place integer, kind varchar, value ubigint)")
    first = 0
    with ExitStack() as stack:
        threads = {table: stack.enter_context(ThreadPoolExecutor(1)) for table in tables.values()}
        waited_for: list[Future[None]] = []
        for batch in ahead(mentions):
            arrived = placed(batch, first, apart)
            added = [thread.submit(table.add, arrived) for table, thread in threads.items()]
            _add_nodes(database, arrived)
            for one in waited_for:  # of the batch before: the kinds need not keep step
                one.result()
            waited_for = added
            first += batch.num_rows
        for one in waited_for:
            one.result()
    for table in tables.values():
        table.finish()
    _number_nodes(database, tables.values())
    return tables


def _add_nodes(database: duckdb.DuckDBPyConnection, arrived: pa.Table) -> None:
    """Write which mentions have arrived, and their certain numbers."""
    database.register("arrived", arrived)
    database.execute("insert into arrivals select place, id from arrived")
    database.execute(
        "insert into numbers select place, split_part(one, ':', 1), hash(substr(one, 1 + strpos(one, ':')))"
        " from (select place, unnest(certain) as one from arrived)"
    )
    database.unregister("arrived")


def _number_nodes(database: duckdb.DuckDBPyConnection, tables: Iterable[MentionTable]) -> None:
    """Number the mentions by their ids, so that the order of their arrival is forgotten."""
    database.execute(
        "create table nodes as select (row_number() over (order by id) - 1)::integer as node, id, place from arrivals"
    )
    database.execute("drop table arrivals")
    database.execute("create table certain as select node, kind, value from numbers join nodes using (place)")
    database.execute("drop table numbers")
    for table in tables:
        database.execute(
            f"create or replace table {table.members} as select n.node, row from {table.members} m join nodes n on m.node = n.place"
        )
    database.execute("alter table nodes drop column place")
