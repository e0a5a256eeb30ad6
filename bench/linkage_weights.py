"""Measure the weights that kedang ships, on generated customers whose truth is known: `python -m bench.linkage_weights`.

Prints the tables of `weights.toml`. m is counted on all true pairs; u on random pairs; `others` (chance agreement that
grows rarer with the case) on all false pairs that share the value. What is too rare to count gets half a count.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from bench.linkage_customers import customers
from kedang.resolution.blocking import pairs_sql
from kedang.resolution.comparable import Comparable
from kedang.resolution.comparable_columns import columns_of
from kedang.resolution.comparisons import BAND_STARTS, COMPARISONS, Comparison
from kedang.resolution.frequencies import Frequencies, name_column
from kedang.resolution.scoring import levels_sql
from kedang.resolution.tables import MentionTable, fill, open_database

# Other customers who bear a name, by its band: the middle of the band less the one; in the first, those not yet seen.
_BEARERS = dict(zip(BAND_STARTS, (0.25, 1.1, 2.4, 5.2, 11.0, 32.0, 120.0, 500.0), strict=True))
_BY_BEARERS = {"equal", "short"}
_BY_CUSTOMERS = {"full", "equal", "shared", "room", "number", "neighbour"}
RANDOM_PAIRS = 2_000_000
# The generator knows fewer ways to share or to change a number than life does: weights are held within these.
LEAST_OTHERS = 0.02
LEAST_DIFFERING = 0.04


def _counts(database: duckdb.DuckDBPyConnection, levels: str, one: Comparison) -> dict[int, int]:
    found = database.execute(f"select {one.name}, count(*) from {levels} group by all").fetchall()
    return {level: count for level, count in found if level >= 0}


def _level_lines(
    one: Comparison,
    m: dict[int, int],
    u: dict[int, int],
    f: dict[int, int],
    size: tuple[float, int],
    bearers: dict[int, float],
) -> list[str]:
    speaking, number = size
    true, false = sum(m.values()) + 1, sum(u.values()) + 1
    banded = sum(
        m.get(place, 0)
        for place, level in enumerate(one.levels)
        if level.name.partition("-")[0] in _BY_BEARERS and "-" in level.name
    )
    lines = []
    for place, level in enumerate(one.levels):
        word, _, band = level.name.partition("-")
        share = (banded if band else m.get(place, 0.5)) / true
        if band:
            chance = f"others = {bearers.get(place) or _BEARERS[int(band)]:.3g}"
        elif word in _BY_CUSTOMERS or (one.name == "mobile" and word == "near"):
            chance = f"others = {max(LEAST_OTHERS, f.get(place, 0) * 2 * number / speaking**2):.4g}"
        else:
            chance = f"u = {max(0.5, u.get(place, 0)) / false:.3g}"
        if one.name == "birth" and word == "equal":
            chance = f"u = {max(0.5, u.get(place, 0)) / false:.3g}"
        least = LEAST_DIFFERING if word == "other" and one.name not in ("name", "birth") else 1e-4
        lines.append(f"{level.name} = {{ m = {max(share, least):.4f}, {chance} }}")
    return lines


def _tables(database: duckdb.DuckDBPyConnection, table: MentionTable, counted: Frequencies) -> None:
    kind, rows = table.kind, table.rows
    table.annotate(counted)
    database.execute(
        f"create or replace table row_truth as select row, any_value(customer) as customer from {table.members} join truth using (node) group by row"
    )
    true = "select l.row as join_key_l, r.row as join_key_r from row_truth l join row_truth r on l.customer = r.customer and l.row < r.row"
    database.execute(f"create or replace table true_levels as {levels_sql(kind, rows, f'({true})')}")
    ((low, high),) = database.execute(f"select min(unique_id), max(unique_id) from {rows}").fetchall()
    drawn = (
        f"select a::integer as join_key_l, b::integer as join_key_r from (select {low} + floor(random() * {high - low}) as a,"
        f" {low} + floor(random() * {high - low}) as b from range({RANDOM_PAIRS}))"
    )
    apart = "join row_truth x on join_key_l = x.row join row_truth y on join_key_r = y.row where x.customer <> y.customer"
    database.execute(f"create or replace table drawn as {drawn}")
    database.execute(
        f"create or replace table drawn_apart as select join_key_l, join_key_r from drawn {apart}"
    )
    database.execute(f"create or replace table random_levels as {levels_sql(kind, rows, 'drawn_apart')}")
    database.execute(f"create or replace table met as {pairs_sql(kind, rows)}")
    database.execute(f"create or replace table met_apart as select join_key_l, join_key_r from met {apart}")
    database.execute(f"create or replace table false_levels as {levels_sql(kind, rows, 'met_apart')}")


def _bearers(database: duckdb.DuckDBPyConnection, table: MentionTable, number: int) -> dict[int, float]:
    """Other customers of one name by the place of the band's level: false pairs of equal names over true ones."""
    name = name_column(table.kind)
    ((each,),) = database.execute(f"select count(*) / {number} from row_truth").fetchall()
    first = 1  # the place of the first band among the levels of the name
    pairs = database.execute(
        f"with n as (select {name} as name, customer, any_value(band) as band, count(*) as c from {table.rows} join row_truth on unique_id = row"
        f" where {name} is not null and not weak group by all)"
        " select band, sum(true_pairs), sum(all_pairs - true_pairs) from (select band, name, sum(c * (c - 1) / 2) as true_pairs,"
        " sum(c) * (sum(c) - 1) / 2 as all_pairs from n group by all) group by band"
    ).fetchall()
    return {
        first + band: max(0.02, (each - 1) / each * false / true) for band, true, false in pairs if true > 200
    }


def weights(count: int, seed: int) -> str:
    """The weights as TOML."""
    database = open_database(threads=2)
    truth: list[int] = []

    def mentions() -> Iterator[Comparable]:
        for one, customer in customers(count, seed=seed):
            truth.append(customer)
            yield one

    out = []
    tables = fill(database, columns_of(mentions()))
    database.register(
        "truth",
        pa.table({"node": pa.array(range(len(truth)), pa.int32()), "customer": pa.array(truth, pa.int32())}),
    )
    for kind, table in tables.items():
        counted = table.count()
        _tables(database, table, counted)
        ((rows, number),) = database.execute(
            "select count(*), count(distinct customer) from row_truth"
        ).fetchall()
        out.append(f"[{kind.value}]\nmentions_each = {rows / number:.2f}\n")
        for one in COMPARISONS[kind]:
            m, u, f = (_counts(database, f"{which}_levels", one) for which in ("true", "random", "false"))
            ((drawn,),) = database.execute("select count(*) from random_levels").fetchall()
            speaking = rows * (sum(u.values()) / drawn) ** 0.5
            bearers = _bearers(database, table, number) if one.name == "name" else {}
            out += [
                f"[{kind.value}.{one.name}]",
                *_level_lines(one, m, u, f, (max(1.0, speaking), number), bearers),
                "",
            ]
    return "\n".join(out)


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--mentions", type=int, default=200_000)
    asked.add_argument("--seed", type=int, default=20_260)
    given = asked.parse_args()
    print(weights(given.mentions, given.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
