"""Pairs scored by Splink: on DuckDB here, on Spark where one machine is outgrown. Loading this module takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from splink import SettingsCreator

from kedang.resolution.blocking import block_sqls, pairs_sql
from kedang.resolution.comparisons import COMPARISONS, Comparison
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import Model
from kedang.resolution.tables import MentionTable

PART_ROWS = 150_000
"""Rows whose pairs are looked at together: bounds the memory of a part."""

COMPARED = (
    "name", "core", "mobile", "birth", "surname", "sound", "region", "industry", "legal_form", "landline", "email",
    "account", "handle", "key", "key_system", "city", "district", "street", "number", "room", "weak", "band",
    "mobile_shared", "landline_shared", "given", "family", "words", "road",
    "flat", "suburb", "town", "latin", "latin_places",
)  # fmt: skip
"""Columns of rows that conditions speak of.
"""


def settings_of(model: Model, *, latin: bool) -> SettingsCreator:
    """The model as Splink's settings; without `latin` the levels of names in Latin letters are left out, which costs half."""
    prior = 2 ** (model.prior_bits() + model.shift)
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(one, model, latin=latin) for one in COMPARISONS[model.kind]],
        probability_two_random_records_match=prior / (1 + prior),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _comparison(one: Comparison, model: Model, *, latin: bool) -> dict[str, Any]:
    silent: dict[str, Any] = {
        "sql_condition": one.silent,
        "label_for_charts": "silent",
        "is_null_level": True,
    }
    levels = [
        {
            "sql_condition": level.when or "ELSE",
            "label_for_charts": level.name,
            "m_probability": (weight := model.weights[one.name][level.name]).m,
            "u_probability": weight.chance(model.frequencies.customers),
        }
        for level in one.levels
        if latin or not level.latin
    ]
    return {"output_column_name": one.name, "comparison_levels": [silent, *levels]}


Engine = Callable[[MentionTable, Model, float], None]
"""Makes the table of ties (l, r, bits, one column of levels for each comparison) of at least so many bits."""


def score(table: MentionTable, model: Model, floor: float) -> None:
    """Make the table of ties with DuckDB: block after block, then the pairs of a part of the rows at a time.

    Rows that several mentions have are compared with themselves.
    """
    database = table.database
    database.execute("create temp table met (join_key_l integer, join_key_r integer)")
    for block in block_sqls(table.kind, table.rows):
        database.execute(f"insert into met {block}")
    database.execute(f"insert into met {selves_sql(table)}")
    parts = max(1, -(-table.size() // PART_ROWS))
    for part in range(parts):
        pairs = f"(select distinct join_key_l, join_key_r from met where hash(join_key_l) % {parts} = {part})"
        found = scored_sql(model, table.rows, pairs, floor=floor)
        database.execute(
            f"{f'insert into {table.ties}' if part else f'create table {table.ties} as'} {found}"
        )
    database.execute("drop table met")


def selves_sql(table: MentionTable) -> str:
    """SQL of the rows that several mentions have, each as a pair with itself."""
    return f"select row, row from {table.members} group by row having count(*) > 1"


def met_sql(table: MentionTable) -> str:
    """SQL of all pairs of rows to compare, at once."""
    return f"{pairs_sql(table.kind, table.rows)} union all {selves_sql(table)}"


def scored_sql(model: Model, rows: str, pairs: str, *, floor: float) -> str:
    """SQL of the ties among pairs: the model's bits of the levels added up."""
    kind = model.kind
    bits = [_double(model.prior_bits() + model.shift)]
    for one, weights in zip(COMPARISONS[kind], model.level_bits(), strict=True):
        cases = " ".join(f"when {place} then {_double(weight)}" for place, weight in enumerate(weights))
        bits.append(f"case {one.name} {cases} else 0e0 end")
    names = ", ".join(f"cast({one.name} as tinyint) as {one.name}" for one in COMPARISONS[kind])
    return (
        f"select * from (select join_key_l as l, join_key_r as r, {' + '.join(bits)} as bits, {names}"
        f" from ({levels_sql(kind, rows, pairs)})) where bits >= {_double(floor)}"
    )


def _double(value: float) -> str:
    """A literal that DuckDB and Spark both take for a double."""
    return f"{value:.15e}"


def levels_sql(kind: MentionKind, rows: str, pairs: str) -> str:
    """The levels of each pair in plain SQL: for counting, and for telling Splink's apart from ours."""
    names = ", ".join(f"{side}.{column} as {column}_{side}" for side in "lr" for column in COMPARED)
    cases = ", ".join(
        f"case when {one.silent} then -1 "
        + " ".join(f"when {level.when} then {place}" for place, level in enumerate(one.levels[:-1]))
        + f" else {len(one.levels) - 1} end as {one.name}"
        for one in COMPARISONS[kind]
    )
    return (
        f"select join_key_l, join_key_r, {cases} from (select join_key_l, join_key_r, {names} from {pairs} as p"
        f" join {rows} as l on p.join_key_l = l.unique_id join {rows} as r on p.join_key_r = r.unique_id)"
    )
