"""What hangs together by ties although something in it may contradict something: joined tie by tie."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from kedang.resolution.clusters import MAY_CONFLICT, Conflict, Ground, Link, Traits, join
from kedang.resolution.frequencies import name_column
from kedang.resolution.mentions import MentionKind
from kedang.resolution.tables import MentionTable, fetched

_COMPONENTS_AT_ONCE = 10_000
_MOST_WAYS = (
    200  # in which a component says who it is, all compared with each other; one with more is a suspect
)
_PARTS = ("surname", "sound", "region", "industry", "branch")  # as `Traits` has them


def suspects(
    database: duckdb.DuckDBPyConnection,
    tables: Mapping[MentionKind, MentionTable],
    judged: Sequence[Link[int]],
    different: Sequence[tuple[int, int]],
) -> set[int]:
    """The components in which something could contradict something."""
    found = {
        one
        for (one,) in database.execute(
            "select component from certain join nodes using (node) group by component, kind having min(value) <> max(value)"
        ).fetchall()
    }
    for table in tables.values():
        found.update(one for (one,) in database.execute(_unlike_sql(table)).fetchall())
    for one in {node for link in judged for node in (link.left, link.right)} | {
        node for pair in different for node in pair
    }:
        found.update(
            label
            for (label,) in database.execute("select component from nodes where node = ?", [one]).fetchall()
        )
    return found


def _unlike_sql(table: MentionTable) -> str:
    """SQL of the components in which two mentions may be too unlike to be one: all of which `clusters` would say so, and few others."""
    name = name_column(table.kind)
    columns = ("surname", "sound", "region", "industry", "branch", "birth", "weak")
    said = (
        f"select distinct component, {name} as called, {', '.join(columns)}"
        f" from {table.members} join nodes using (node) join {table.rows} on row = unique_id"
    )
    return (
        f"with said as ({said}), many as (select component, count(*) as ways from said group by component having ways > 1),"
        f" few as (select said.* from said join many using (component) where ways <= {_MOST_WAYS})"
        f" select component from few as l join few as r using (component) where {MAY_CONFLICT}"
        f" union select component from many where ways > {_MOST_WAYS}"
    )


def split(
    database: duckdb.DuckDBPyConnection,
    tables: Mapping[MentionKind, MentionTable],
    suspects: set[int],
    judged: Sequence[Link[int]],
    different: Sequence[tuple[int, int]],
) -> tuple[array[int], list[tuple[Link[int], Conflict]]]:
    """The suspected components joined tie by tie: nodes and clusters in turn, and what gave way."""
    waiting = sorted(suspects)
    moved = array("i")
    broken: list[tuple[Link[int], Conflict]] = []
    for start in range(0, len(waiting), _COMPONENTS_AT_ONCE):
        some = pa.table({"component": pa.array(waiting[start : start + _COMPONENTS_AT_ONCE], pa.int32())})
        database.register("suspected", some)
        database.execute(
            "create or replace table doubtful as select node, component from nodes semi join suspected using (component)"
        )
        database.unregister("suspected")
        for one in _doubtful(database, tables, judged, different):
            joined = join(one.traits, one.links, one.different)
            for group in joined.groups:
                for node in group:
                    moved.extend((node, group[0]))
            broken += joined.broken
    database.execute("drop table if exists doubtful")
    return moved, broken


@dataclass(slots=True)
class _Component:
    """What hangs together, with all that speaks for and against."""

    traits: dict[int, Traits] = field(default_factory=dict)
    links: list[Link[int]] = field(default_factory=list)
    different: list[tuple[int, int]] = field(default_factory=list)


def _doubtful(
    database: duckdb.DuckDBPyConnection,
    tables: Mapping[MentionKind, MentionTable],
    judged: Sequence[Link[int]],
    different: Sequence[tuple[int, int]],
) -> list[_Component]:
    """The components of the table `doubtful`, in the order of their first nodes."""
    found: dict[int, _Component] = {}
    traits = _doubtful_traits(database, tables)
    home: dict[int, int] = dict(database.execute("select node, component from doubtful").fetchall())
    for node, component in home.items():
        found.setdefault(component, _Component()).traits[node] = traits[node]
    cursor = database.cursor()
    cursor.execute("select l, r, bits, certain from links semi join doubtful on l = node")
    for left, right, bits, certain in fetched(cursor):
        ground = Ground.CERTAIN if certain else Ground.SCORED
        found[home[left]].links.append(Link(left, right, bits, ground))
    for link in judged:
        if link.left in home:
            found[home[link.left]].links.append(link)
    for left, right in different:
        if left in home and home[left] == home.get(right):
            found[home[left]].different.append((left, right))
    return [found[component] for component in sorted(found)]


def _doubtful_traits(
    database: duckdb.DuckDBPyConnection, tables: Mapping[MentionKind, MentionTable]
) -> dict[int, Traits]:
    columns = ", ".join(f"any_value({part})" for part in _PARTS)
    certain: dict[int, set[tuple[str, str]]] = {}
    for node, kind_name, value in database.execute(
        "select node, kind, value from certain semi join doubtful using (node)"
    ).fetchall():
        certain.setdefault(node, set()).add((kind_name, value))
    found: dict[int, Traits] = {}
    for kind, table in tables.items():
        name = name_column(kind)
        cursor = database.cursor()
        cursor.execute(
            f"select node, any_value({name}), any_value(weak), {columns}, any_value(birth), min(email), min(key)"
            f" from {table.members} semi join doubtful using (node)"
            f" join {table.rows} on row = unique_id group by node"
        )
        for node, called, weak, surname, sound, region, industry, branch, birth, email, key in fetched(
            cursor
        ):
            if kind is not MentionKind.PERSON:
                email = key = None
            numbers = frozenset(certain.get(node, ()))
            found[node] = Traits(
                kind, called or "", bool(weak), surname, sound, region, industry, branch, birth or "", numbers,
                email, key or "",
            )  # fmt: skip
    return found
