"""The whole way from comparables to customers, in one DuckDB database in memory.

Load it only in the process that resolves: it brings DuckDB, Arrow and Splink. Closing the `Resolution` forgets everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kedang.resolution.clusters import Conflict, Ground, Link, Tie
from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.errors import JudgementUnknown
from kedang.resolution.evidence import DEFAULT_BANDS, Bands
from kedang.resolution.judgements import Judgement, Verdict, standing
from kedang.resolution.learning import LEARN_FROM, all_learnt, worth_learning
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import Model, Models, shipped_models
from kedang.resolution.scoring import Engine, score
from kedang.resolution.suspects import split, suspects
from kedang.resolution.tables import MentionTable, fetched, fill, open_database

CERTAIN_BITS = 100.0
"""What an equal certain number is said to weigh; it is not a score."""
Made = TypeVar("Made")


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
        for label, one in fetched(cursor):
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
            for left, right, bits, *reached in fetched(cursor):
                yield Tie(left, right, bits, tuple(reached), kind=kind)


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
    for table in tables.values():  # one after the other: pairs take memory
        engine(table, models.of(table.kind), bands.judge_bits)
        _link(table)
    links, different = _judged_links(database, last)
    broken = _cluster(database, tables, bands, links, different)
    return Resolution(database, models, bands, broken)


def _at_once(work: Callable[[MentionTable], Made], tables: Mapping[MentionKind, MentionTable]) -> list[Made]:
    with ThreadPoolExecutor(len(tables)) as threads:
        return list(threads.map(work, tables.values()))


def _prepared(tables: Mapping[MentionKind, MentionTable], models: Models | None, learn_from: int) -> Models:
    """The models to use, and their frequencies written into the tables."""
    ready = models or shipped_models()

    def counted(table: MentionTable) -> Model:
        model = ready.of(table.kind)
        if models is None:
            model = replace(model, frequencies=table.count())
        table.annotate(model.frequencies)
        return model

    for model in _at_once(counted, tables):
        ready = ready.with_model(model)
    if models is not None:
        return ready
    teaching = [table for table in tables.values() if worth_learning(table, learn_from)]
    for model in all_learnt([(table, ready.of(table.kind)) for table in teaching]):
        ready = ready.with_model(model)
    return ready


def _link(table: MentionTable) -> None:
    """Ties of rows as links of mentions: each row is spoken for by its first mention, which holds the others.

    Only mentions with several rows can be tied twice; of theirs the strongest tie stays.
    """
    database, links = table.database, f"{table.kind.value}_links"
    strongest = ", ".join(f"arg_max({one.name}, bits) as {one.name}" for one in COMPARISONS[table.kind])
    levels = ", ".join(one.name for one in COMPARISONS[table.kind])
    database.execute(
        f"create temp table heads as select row, min(node) as head from {table.members} group by row"
    )
    database.execute(
        f"create temp table several as select node from {table.members} group by node having min(row) <> max(row)"
    )
    database.execute(
        f"create temp view tied as select least(a.head, b.head) as l, greatest(a.head, b.head) as r, bits, {levels}"
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
        "create table same_number as select head as l, node as r from"
        " (select min(node) over (partition by kind, value) as head, node from certain) where head <> node"
    )
    scored = (
        f"select l, r, bits, false from {table.kind.value}_links where bits >= {bands.join_bits!r}"
        for table in tables.values()
    )
    certain = f"select l, r, {CERTAIN_BITS!r}::double as bits, true as certain from same_number"
    database.execute(f"create view links as {' union all '.join((certain, *scored))}")
    labels = _components(database, judged)
    _write(database, labels)
    doubted = suspects(database, tables, judged, different)
    moved, broken = split(database, tables, doubted, judged, different)
    if moved:
        columns = {"n": pa.array(moved[::2], pa.int32()), "c": pa.array(moved[1::2], pa.int32())}
        database.register("regrouped", pa.table(columns))
        database.execute("update nodes set cluster = c from regrouped where node = n")
        database.unregister("regrouped")
    database.execute("drop view links")
    database.execute("drop table same_number")
    return tuple(broken)


def _components(database: duckdb.DuckDBPyConnection, judged: Sequence[Link[int]]) -> npt.NDArray[np.int32]:
    """For each node the smallest node that it hangs together with."""
    ((count,),) = database.execute("select count(*) from nodes").fetchall()
    said = ([link.left for link in judged], [link.right for link in judged])
    links = database.execute("select l, r from links").fetchnumpy()
    sides = [(links["l"], links["r"]), tuple(np.array(ends, np.int32) for ends in said)]
    least, before = np.arange(count, dtype=np.int32), None
    while before is None or not np.array_equal(least, before):
        before = least.copy()
        for left, right in sides:
            lesser = np.minimum(least[left], least[right])
            np.minimum.at(least, left, lesser)
            np.minimum.at(least, right, lesser)
        least = least[least]  # what a node's smallest hangs together with, it does too
    return least


def _write(database: duckdb.DuckDBPyConnection, labels: npt.NDArray[np.int32]) -> None:
    """Put its component on each node, which is its cluster too until it is split."""
    database.register(
        "labels",
        pa.table({"n": pa.array(range(len(labels)), pa.int32()), "label": pa.array(labels, pa.int32())}),
    )
    database.execute(
        "create or replace table nodes as select node, id, label as component, label as cluster from nodes join labels on node = n"
    )
    database.unregister("labels")
