"""The mentions of one kind in a DuckDB database in memory: each distinct row once, in narrow columns.

Nothing touches the disk: no temporary directory, no extension is looked for. Values that are only compared for
equality are kept as numbers of 8 or 4 bytes; two different values with one number are rarer than 1 in 10^12 pairs of a
million (8 bytes), and the 4-byte ones (parts of an address) count only together.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from kedang.resolution.comparable import Comparable
from kedang.resolution.comparisons import SHARED_FROM
from kedang.resolution.frequencies import Frequencies, band_of, name_column
from kedang.resolution.mentions import MentionKind
from kedang.resolution.rows import COLUMNS, TEXT_COLUMNS, rows_of

BATCH_ROWS = 10_000
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
OWNERS_PER_MOBILE = 0.6
"""Different mobile numbers a customer gives over the years: about 1.7; measured on generated customers only."""


Row = tuple[int, bool, int | None, tuple[str, ...]]
"""Place of the mention, whether its name is weak, its place again when it shares no row, the values of `COLUMNS`."""


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
        "set enable_progress_bar=false",
    ):
        database.execute(setting)
    return database


def _coded(column: str) -> str:
    said = f"nullif({column}, '')"
    if column in TEXT_COLUMNS:
        return f"{said} as {column}"
    if column in _SMALL:
        return f"if({said} is null, null, (hash({column}) >> 33)::integer) as {column}"
    return f"if({said} is null, null, (hash({column}) >> 1)::bigint) as {column}"


@dataclass(slots=True)
class MentionTable:
    """Distinct rows (`{kind}_rows`) and which mention has which (`{kind}_members`: node, row)."""

    database: duckdb.DuckDBPyConnection
    kind: MentionKind

    @property
    def rows(self) -> str:
        """Name of the table of rows."""
        return f"{self.kind.value}_rows"

    @property
    def members(self) -> str:
        """Name of the table of mentions and their rows."""
        return f"{self.kind.value}_members"

    def make(self) -> None:
        """Empty tables."""
        empty = ", ".join(f"null::varchar as {column}" for column in COLUMNS)
        coded = ", ".join(map(_coded, COLUMNS))
        self.database.execute(
            f"create table {self.rows} as select 0::integer as unique_id, {coded}, false as weak, 0::ubigint as whole from (select {empty}) limit 0"
        )
        self.database.execute(f"create table {self.members} (node integer, row integer)")

    @property
    def ties(self) -> str:
        """Name of the table of scored pairs of rows."""
        return f"{self.kind.value}_ties"

    def size(self) -> int:
        """How many distinct rows there are."""
        return self._one(f"select count(*) from {self.rows}")[0]

    def add(self, batch: list[Row]) -> None:
        """Take in rows of mentions; rows that are there already are only counted."""
        if not batch:
            return
        nodes, weak, alone, values = zip(*batch, strict=True)
        columns = {
            "node": pa.array(nodes, pa.int32()),
            "weak": pa.array(weak),
            "alone": pa.array(alone, pa.int32()),
        }
        for column, said in zip(COLUMNS, zip(*values, strict=True), strict=True):
            columns[column] = pa.array(said, pa.string())
        database = self.database
        database.register("arrived", pa.table(columns))
        coded = ", ".join(map(_coded, COLUMNS))
        whole = ", ".join((*COLUMNS, "weak", "alone"))
        database.execute(
            f"create or replace temp table coming as select node, {coded}, weak, hash({whole}) as whole from arrived"
        )
        database.unregister("arrived")
        database.execute(
            f"insert into {self.rows} select min(node), {', '.join(f'any_value({column})' for column in COLUMNS)}, any_value(weak), whole"
            f" from coming anti join {self.rows} using (whole) group by whole"
        )
        database.execute(
            f"insert into {self.members} select node, unique_id from coming join {self.rows} using (whole)"
        )

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
        database.execute(
            f"create or replace table {self.rows} as select r.* exclude (whole), coalesce(b.band, 0)::tinyint as band, {shared},"
            " words is not null as latin, coalesce(road, flat, suburb, town) is not null as latin_places"
            f" from {self.rows} as r left join bands as b on md5_number_lower(r.{name}) = b.value"
        )
        database.unregister("bands")
        database.unregister("common")

    def _one(self, query: str) -> tuple[int, ...]:
        rows = self.database.execute(query).fetchall()
        return tuple(rows[0]) if rows else (0,)


def fill(
    database: duckdb.DuckDBPyConnection, mentions: Iterable[Comparable], apart: Container[str] = frozenset()
) -> Mapping[MentionKind, MentionTable]:
    """The tables of persons and of organisations, of nodes (mentions numbered in the order of their ids) and of certain numbers.

    Mentions in `apart` share no row with others: a person has spoken of them.
    """
    tables = {kind: MentionTable(database, kind) for kind in MentionKind}
    waiting: dict[MentionKind, list[Row]] = {kind: [] for kind in MentionKind}
    for table in tables.values():
        table.make()
    database.execute("create table arrivals (place integer, id varchar)")
    database.execute("create table numbers (place integer, kind varchar, value ubigint)")
    ids: list[str] = []
    numbers: list[tuple[int, str, str]] = []
    for place, one in enumerate(mentions):
        ids.append(one.id)
        numbers += [(place, number.kind.value, number.value) for number in one.certain]
        rows = waiting[one.kind]
        rows += [(place, one.weak_name, place if one.id in apart else None, row) for row in rows_of(one)]
        if len(rows) >= BATCH_ROWS:
            tables[one.kind].add(rows)
            rows.clear()
        if len(ids) >= BATCH_ROWS:
            _add_nodes(database, place + 1 - len(ids), ids, numbers)
    _add_nodes(database, place + 1 - len(ids) if ids else 0, ids, numbers)
    for kind, table in tables.items():
        table.add(waiting[kind])
    database.execute("drop table if exists coming")
    _number_nodes(database, tables.values())
    return tables


def _add_nodes(
    database: duckdb.DuckDBPyConnection, first: int, ids: list[str], numbers: list[tuple[int, str, str]]
) -> None:
    """Write the mentions that have arrived, and empty both lists."""
    if not ids:
        return
    arrived = pa.table({"place": pa.array(range(first, first + len(ids)), pa.int32()), "id": pa.array(ids)})
    database.register("arrived", arrived)
    database.execute("insert into arrivals select * from arrived")
    certain = {
        "place": pa.array([one[0] for one in numbers], pa.int32()),
        "kind": pa.array([one[1] for one in numbers], pa.string()),
        "value": pa.array([one[2] for one in numbers], pa.string()),
    }
    database.register("arrived", pa.table(certain))
    database.execute("insert into numbers select place, kind, hash(value) from arrived")
    database.unregister("arrived")
    ids.clear()
    numbers.clear()


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
