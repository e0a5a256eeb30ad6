"""The whole way from comparables to customers, in one DuckDB database in memory.

Load it only in the process that resolves: it brings DuckDB, Arrow and Splink. Closing the `Resolution` forgets everything.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pyarrow as pa

from kedang.resolution.clusters import MAY_CONFLICT, Conflict, Ground, Link, Tie, Traits, join
from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.errors import JudgementUnknown
from kedang.resolution.evidence import DEFAULT_BANDS, Bands
from kedang.resolution.frequencies import name_column
from kedang.resolution.judgements import Judgement, Verdict, standing
from kedang.resolution.learning import LEARN_FROM, learnt, worth_learning
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import Models, shipped_models
from kedang.resolution.scoring import Engine, score
from kedang.resolution.tables import MentionTable, fill, open_database

CERTAIN_BITS = 100.0
"""What an equal certain number is said to weigh; it is not a score."""
_FETCH = 20_000
_COMPONENTS_AT_ONCE = 10_000


@dataclass(slots=True)
class Resolution:
    """The customers of one run, and the ties that made them. Everything is streamed from the database in memory."""

    database: duckdb.DuckDBPyConnection
    models: Models
    bands: Bands
    broken_ties: tuple[tuple[Link[int], Conflict], ...]

    def clusters(self) -> Iterator[tuple[str, ...]]:
        """The sorted mention ids of each customer, in the order of their first ids."""
        return self._grouped("cluster")

    def ties(self) -> Iterator[Tie]:
        """The pairs that were joined by their scores, strongest first."""
        return self._ties(f"bits >= {self.bands.join_bits!r} and a.cluster = b.cluster")

    def to_judge(self) -> Iterator[Tie]:
        """The pairs of two customers in the middle band, strongest first."""
        low, high = self.bands.judge_bits, self.bands.join_bits
        return self._ties(f"bits >= {low!r} and bits < {high!r} and a.cluster <> b.cluster")

    def broken(self) -> Iterator[Tie]:
        """The ties that gave way, with the conflict that broke them."""
        for link, conflict in self.broken_ties:
            left, right = self._id(link.left), self._id(link.right)
            yield Tie(left, right, link.bits, (), link.ground, conflict)

    def close(self) -> None:
        """Forget everything."""
        self.database.close()

    def _id(self, node: int) -> str:
        rows = self.database.cursor().execute("select id from nodes where node = ?", [node]).fetchall()
        return str(rows[0][0]) if rows else ""

    def _grouped(self, by: str) -> Iterator[tuple[str, ...]]:
        cursor = self.database.cursor()
        cursor.execute(f"select {by}, id from nodes order by {by}, node")
        now, group = -1, list[str]()
        for label, one in _rows(cursor):
            if label != now and group:
                yield tuple(group)
                group.clear()
            now = label
            group.append(one)
        if group:
            yield tuple(group)

    def _ties(self, condition: str) -> Iterator[Tie]:
        for kind in MentionKind:
            levels = ", ".join(one.name for one in COMPARISONS[kind])
            cursor = self.database.cursor()
            cursor.execute(
                f"select a.id, b.id, bits, {levels} from {kind.value}_links join nodes a on l = a.node"
                f" join nodes b on r = b.node where {condition} order by bits desc, a.id, b.id"
            )
            for left, right, bits, *reached in _rows(cursor):
                yield Tie(left, right, bits, tuple(reached), kind=kind)


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while some := cursor.fetchmany(_FETCH):
        yield from some


def resolve(
    mentions: Iterable[pa.RecordBatch],
    *,
    judgements: Sequence[Judgement] = (),
    models: Models | None = None,
    bands: Bands = DEFAULT_BANDS,
    learn_from: int = LEARN_FROM,
    engine: Engine = score,
    taught: Callable[[Models], Models] = lambda models: models,
    threads: int = 2,
    memory_mebibytes: int = 4096,
) -> Resolution:
    """The customers of these mentions (batches of `comparable_columns.SCHEMA`); each id once, in any order.

    Without `models` the frequencies of names are counted on these mentions, and from `learn_from` rows of a kind on the
    weights are learnt from them. With `models` nothing is counted or learnt: the run judges as the one that made them.
    `taught` may still change them by what persons have judged.

    Raises:
        JudgementUnknown: a judgement names a mention that is not here.
    """
    database = open_database(threads=threads, memory_mebibytes=memory_mebibytes)
    last = standing(judgements)
    judged = {one for pair in last for one in pair}
    tables = fill(database, mentions, judged)
    models = taught(_prepared(tables, models, learn_from))
    for kind, table in tables.items():
        engine(table, models.of(kind), bands.judge_bits)
        _link(database, table)
    links, different = _judged_links(database, last)
    broken = _cluster(database, tables, bands, links, different)
    return Resolution(database, models, bands, broken)


def _prepared(tables: Mapping[MentionKind, MentionTable], models: Models | None, learn_from: int) -> Models:
    """The models to use, and their frequencies written into the tables."""
    ready = models or shipped_models()
    for kind, table in tables.items():
        if models is None:
            ready = ready.with_model(replace(ready.of(kind), frequencies=table.count()))
        table.annotate(ready.of(kind).frequencies)
        if models is None and worth_learning(table, learn_from):
            ready = ready.with_model(learnt(table, ready.of(kind)))
    return ready


def _link(database: duckdb.DuckDBPyConnection, table: MentionTable) -> None:
    """Ties of rows as links of mentions: each row is spoken for by its first mention, which holds the others.

    Only mentions with several rows can be tied twice; of theirs the strongest tie stays.
    """
    links = f"{table.kind.value}_links"
    strongest = ", ".join(f"arg_max({one.name}, bits) as {one.name}" for one in COMPARISONS[table.kind])
    levels = ", ".join(one.name for one in COMPARISONS[table.kind])
    database.execute(f"create table heads as select row, min(node) as head from {table.members} group by row")
    database.execute(
        f"create table several as select node from {table.members} group by node having min(row) <> max(row)"
    )
    database.execute(
        f"create view tied as select least(a.head, b.head) as l, greatest(a.head, b.head) as r, bits, {levels}"
        f" from {table.ties} t join heads a on t.l = a.row join heads b on t.r = b.row where t.l <> t.r"
        f" union all select head, node, bits, {levels} from {table.ties} t join heads on t.l = heads.row"
        f" join {table.members} m on m.row = t.l and m.node <> head where t.l = t.r"
    )
    twice = "l in (select node from several) or r in (select node from several)"
    database.execute(f"create table {links} as select * from tied where not ({twice})")
    database.execute(
        f"insert into {links} select l, r, max(bits), {strongest} from tied where l <> r and ({twice}) group by l, r"
    )
    database.execute("drop view tied")
    for done in ("heads", "several", table.ties):
        database.execute(f"drop table {done}")


def _judged_links(
    database: duckdb.DuckDBPyConnection, last: Mapping[tuple[str, str], Judgement]
) -> tuple[list[Link[int]], list[tuple[int, int]]]:
    links, different = [], []
    for place, one in enumerate(last.values()):
        nodes = sorted(
            node
            for (node,) in database.execute(
                "select node from nodes where id in (?, ?)", list(one.pair)
            ).fetchall()
        )
        if len(nodes) != 2:
            raise JudgementUnknown(place=place)
        if one.verdict is Verdict.SAME:
            links.append(Link(nodes[0], nodes[1], CERTAIN_BITS, Ground.JUDGED, one.when.timestamp()))
        elif one.verdict is Verdict.DIFFERENT:
            different.append((nodes[0], nodes[1]))
    return links, different


def _cluster(
    database: duckdb.DuckDBPyConnection,
    tables: Mapping[MentionKind, MentionTable],
    bands: Bands,
    judged: Sequence[Link[int]],
    different: Sequence[tuple[int, int]],
) -> tuple[tuple[Link[int], Conflict], ...]:
    """Write component and cluster of each node; the ties that gave way.

    What hangs together without any possible conflict is one customer at once; only the rest is looked at tie by tie.
    """
    database.execute(
        f"create table links as select head as l, node as r, {CERTAIN_BITS!r}::double as bits, true as certain from"
        " (select min(node) over (partition by kind, value) as head, node from certain) where head <> node"
    )
    for table in tables.values():
        database.execute(
            f"insert into links select l, r, bits, false from {table.kind.value}_links where bits >= {bands.join_bits!r}"
        )
    labels = _components(database, judged)
    _write(database, "component", labels)
    database.execute("update nodes set cluster = component")
    suspects = _suspects(database, tables, judged, different)
    moved, broken = _split(database, tables, suspects, judged, different)
    if moved:
        columns = {"n": pa.array(moved[::2], pa.int32()), "c": pa.array(moved[1::2], pa.int32())}
        database.register("regrouped", pa.table(columns))
        database.execute("update nodes set cluster = c from regrouped where node = n")
        database.unregister("regrouped")
    database.execute("drop table links")
    return tuple(broken)


def _components(database: duckdb.DuckDBPyConnection, judged: Sequence[Link[int]]) -> array[int]:
    """For each node the smallest node that it hangs together with."""
    ((count,),) = database.execute("select count(*) from nodes").fetchall()
    above = array("i", range(count))

    def find(node: int) -> int:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def unite(left: int, right: int) -> None:
        left, right = find(left), find(right)
        if left < right:
            above[right] = left
        else:
            above[left] = right

    cursor = database.cursor()
    cursor.execute("select l, r from links")
    for left, right in _rows(cursor):
        unite(left, right)
    for link in judged:
        unite(link.left, link.right)
    for node in range(count):
        above[node] = above[above[node]] if above[node] < node else node
    return above


def _write(database: duckdb.DuckDBPyConnection, column: str, labels: array[int]) -> None:
    """Put a label on each node."""
    database.register(
        "labels",
        pa.table({"n": pa.array(range(len(labels)), pa.int32()), "label": pa.array(labels, pa.int32())}),
    )
    database.execute(
        f"create or replace table nodes as select node, id, label as {column}, label as cluster from nodes join labels on node = n"
    )
    database.unregister("labels")


_PARTS = ("surname", "sound", "region", "industry", "branch")


def _suspects(
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
        f"with said as ({said}), doubtful as (select component from said group by component having count(*) > 1)"
        " select distinct component from (select * from said semi join doubtful using (component)) as l"
        f" join (select * from said semi join doubtful using (component)) as r using (component) where {MAY_CONFLICT}"
    )


def _split(
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
    for left, right, bits, certain in _rows(cursor):
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
        for node, called, weak, *parts, birth, email, key in _rows(cursor):
            person, numbers = kind is MentionKind.PERSON, frozenset(certain.get(node, ()))
            parted = dict(zip(_PARTS, parts, strict=True))
            own = {"email": email, "key": key or ""} if person else {}
            found[node] = Traits(
                kind, called or "", bool(weak), birth=birth or "", certain=numbers, **parted, **own
            )
    return found
