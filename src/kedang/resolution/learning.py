"""Weights learnt on the case itself, where it is big enough: expectation maximisation by Splink.

What true pairs look like (m) is learnt in two rounds, each on pairs that agree in something that the round does not
judge: own mobile numbers for the names, rare names for all else; among Latin names, of which fewer are known with a
mobile number, numbers of the firm's systems and e-mail addresses too. How often chance agrees (u) is not learnt there: it
comes from counting (names, in `tables`) and from the shipped weights; among Latin names from pairs taken at random. A
m never moves further than `MOST_CHANGE` (`MOST_LATIN_CHANGE`) from the shipped one, so that an odd case cannot teach nonsense.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from splink import Linker
from splink.backends.duckdb import DuckDBAPI

from kedang.resolution.comparisons import BAND_STARTS, COMPARISONS
from kedang.resolution.frequencies import name_column
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import Model, Weight
from kedang.resolution.scoring import scored_sql, settings_of
from kedang.resolution.tables import MentionTable

LEARN_FROM = 20_000
"""Rows of a kind; fewer hold too few true pairs for the rarer levels."""
LEARN_LATIN_FROM = 1_000
"""Rows of persons, most of them in Latin letters: what ships was measured on Chinese ones, so that less is enough."""
LEAST_PAIRS = 300
"""Pairs that a round must have, else it is left out."""
MOST_PAIRS = 100_000
"""Pairs that a round draws."""
RANDOM_PAIRS = 500_000
LEAST_REACHED = 3
_STEP = 7_919
MOST_CHANGE = 4.0
MOST_LATIN_CHANGE = 10.0
_RARE = 3  # bands of names that few bear: most pairs of them are true
_LEAST = 1e-4


def all_learnt(kinds: Sequence[tuple[MentionTable, Model]]) -> list[Model]:
    """The models with m from this case, of all kinds at once; frequencies must be counted and written into the tables."""
    with warnings.catch_warnings(), ThreadPoolExecutor(max(1, len(kinds))) as threads:
        warnings.simplefilter("ignore")
        return list(threads.map(lambda one: _learnt(*one), kinds))


def _learnt(table: MentionTable, model: Model) -> Model:
    latin = _is_latin(table)
    api = DuckDBAPI(connection=table.database)
    start = replace(model, weights=_as_shares(model))
    rounds = [_rule(*one) for one in enumerate(_drawn(table, _rounds(table.kind, latin=latin)))]
    linker = Linker(
        api.register(_drawn_name(table)),
        settings_of(start, latin=latin),
        validate_settings=False,
        log_level="CRITICAL",
    )
    for rule in rounds:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    found = linker.misc.save_model_to_json()
    linker.table_management.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]
    table.database.execute(f"drop table {_drawn_name(table)}")
    model = replace(
        model,
        weights=_taken_over(model, start, found, MOST_LATIN_CHANGE if latin else MOST_CHANGE),
        learnt=True,
    )
    return _with_chance(table, model) if latin else model


def worth_learning(table: MentionTable, learn_from: int) -> bool:
    """Whether there are rows enough to learn from."""
    rows = table.size()
    return rows >= learn_from or (rows >= min(learn_from, LEARN_LATIN_FROM) and _is_latin(table))


def _is_latin(table: MentionTable) -> bool:
    """Whether most rows are of persons in Latin letters."""
    rows = table.database.execute(f"select 2 * count(words) > count(*) from {table.rows}").fetchall()
    return bool(rows[0][0])


def _with_chance(table: MentionTable, model: Model) -> Model:
    """The model with u counted on pairs taken at random, which are hardly ever of one customer."""
    rows = table.size()
    turns = ", ".join(f"({turn * _STEP % rows})" for turn in range(1, 1 + max(1, RANDOM_PAIRS // rows)))
    said = table.database.execute
    said(
        f"create temp table placed as select unique_id, row_number() over (order by unique_id) - 1 as place from {table.rows}"
    )
    said(
        f"create temp table drawn as select a.unique_id as join_key_l, (a.place + turn) % {rows} as place"
        f" from placed as a, (values {turns}) as t(turn) where turn > 0"
    )
    pairs = "(select join_key_l, b.unique_id as join_key_r from drawn join placed as b using (place))"
    said(f"create temp table reached as {scored_sql(model, table.rows, pairs, floor=-1000.0)}")
    said("delete from reached where bits >= 0")
    weights = {}
    for one in COMPARISONS[table.kind]:
        counted = dict(
            said(f"select {one.name}, count(*) from reached where {one.name} >= 0 group by all").fetchall()
        )
        pairs_said = sum(counted.values())
        weights[one.name] = {
            level.name: _by_chance(model.weights[one.name][level.name], counted.get(place, 0), pairs_said)
            for place, level in enumerate(one.levels)
        }
    for done in ("placed", "drawn", "reached"):
        said(f"drop table {done}")
    return replace(model, weights=weights)


def _by_chance(weight: Weight, reached: int, said: int) -> Weight:
    if weight.others is not None or reached < LEAST_REACHED:
        return weight
    return replace(weight, u=reached / said)


@dataclass(frozen=True, slots=True)
class _Round:
    """In which columns the pairs of a round agree, and which rows take part."""

    columns: tuple[str, ...]
    rows: str = "true"


def _rounds(kind: MentionKind, *, latin: bool) -> Iterator[_Round]:
    yield _Round(("mobile",), "not mobile_shared")
    yield _Round((name_column(kind),), f"band < {_RARE} and not weak")
    if latin:
        yield _Round(("key", "key_system"))
        yield _Round(("email",))


def _drawn(table: MentionTable, rounds: Iterable[_Round]) -> list[_Round]:
    """Make the table of the rows to learn from, with a column for each round that has pairs enough; those rounds.

    Of a round with more than `MOST_PAIRS` a part of the groups is drawn, each whole.
    """
    kept: list[_Round] = []
    marks: list[str] = []
    for one in rounds:
        columns = ", ".join(one.columns)
        said = f"from {table.rows} where {' and '.join(f'{column} is not null' for column in one.columns)} and {one.rows}"
        found = table.database.execute(
            f"select coalesce(sum(c * (c - 1) // 2), 0)::bigint from (select count(*) as c {said} group by {columns})"
        ).fetchall()
        if (pairs := found[0][0]) >= LEAST_PAIRS:
            parts = -(-pairs // MOST_PAIRS)
            marks.append(f"coalesce({one.rows} and hash({columns}) % {parts} = 0, false) as in_{len(kept)}")
            kept.append(one)
    drawn = " or ".join(f"in_{place}" for place in range(len(kept))) or "false"
    table.database.execute(
        f"create or replace table {_drawn_name(table)} as select * from (select {', '.join(('*', *marks))} from {table.rows}) where {drawn}"
    )
    return kept


def _drawn_name(table: MentionTable) -> str:
    return f"{table.kind.value}_drawn"


def _rule(place: int, one: _Round) -> str:
    equal = (f"l.{column} = r.{column}" for column in one.columns)
    return " and ".join((*equal, f"l.in_{place}", f"r.in_{place}"))


def _as_shares(model: Model) -> Mapping[str, Mapping[str, Weight]]:
    """Weights whose m of one comparison add up to one: the bands of a name share what they have together."""
    return {
        name: {
            level: replace(one, m=one.m / len(BAND_STARTS)) if "-" in level else one
            for level, one in levels.items()
        }
        for name, levels in model.weights.items()
    }


def _taken_over(
    model: Model, start: Model, found: Mapping[str, Any], most_change: float
) -> dict[str, dict[str, Weight]]:
    """The shipped weights with the m that Splink has found, within limits."""
    weights: dict[str, dict[str, Weight]] = {}
    for one, said in zip(COMPARISONS[model.kind], found["comparisons"], strict=True):
        shipped = model.weights[one.name]
        learnt_m = {
            level["label_for_charts"]: float(level["m_probability"])
            for level in said["comparison_levels"]
            if level.get("m_probability") is not None and _moved(level, start.weights[one.name])
        }
        banded = sum(m for level, m in learnt_m.items() if "-" in level) or None
        weights[one.name] = {
            level: replace(
                weight, m=_within(banded if "-" in level else learnt_m.get(level), weight.m, most_change)
            )
            for level, weight in shipped.items()
        }
    return weights


def _moved(level: Mapping[str, Any], start: Mapping[str, Weight]) -> bool:
    """Whether Splink has learnt the level; one that no pair reached keeps what it started with."""
    before = start.get(level["label_for_charts"])
    return before is not None and abs(before.m - float(level["m_probability"])) > 1e-12


def _within(found: float | None, shipped: float, most: float) -> float:
    if found is None:
        return shipped
    return min(0.9999, max(_LEAST, shipped / most, min(found, shipped * most)))
