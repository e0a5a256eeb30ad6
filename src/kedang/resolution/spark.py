"""The same comparison on Spark, for cases that outgrow one machine; needs the extra `cluster`.

Rows and customers stay with the driver; the pairs, which are what grows, are found and scored by the executors. They
see only the coded rows, in memory: use a session whose shuffle is encrypted (`spark.io.encryption.enabled`).
"""

from __future__ import annotations

from pyspark.sql import SparkSession

from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.model import Model
from kedang.resolution.scoring import Engine, met_sql, scored_sql
from kedang.resolution.tables import MentionTable

SMALL_ROWS = 50_000
"""Tables below this stay in one partition: sending them around costs more than comparing them."""
_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "bigint",
    "INTEGER": "int",
    "TINYINT": "tinyint",
    "BOOLEAN": "boolean",
}


def spark_engine(session: SparkSession) -> Engine:
    """An engine for `resolve` that scores on this Spark session."""

    def score(table: MentionTable, model: Model, floor: float) -> None:
        levels = ", ".join(f"{one.name} tinyint" for one in COMPARISONS[table.kind])
        table.database.execute(f"create table {table.ties} (l integer, r integer, bits double, {levels})")
        if not table.size():
            return
        _send(session, table, table.rows)
        _send(session, table, table.members)
        pairs = f"({met_sql(table)})"
        found = session.sql(scored_sql(model, table.rows, pairs, floor=floor))
        if ties := [tuple(row) for row in found.collect()]:
            places = ", ".join("?" for _ in ties[0])
            table.database.executemany(f"insert into {table.ties} values ({places})", ties)
        for name in (table.rows, table.members):
            session.catalog.dropTempView(name)

    return score


def _send(session: SparkSession, table: MentionTable, name: str) -> None:
    """Give Spark a view of a table."""
    described = table.database.execute(f"describe {name}").fetchall()
    schema = ", ".join(f"{column} {_TYPES[kind]}" for column, kind, *_ in described)
    rows = table.database.execute(f"select * from {name}").fetchall()
    frame = session.createDataFrame(rows, schema=schema)
    if len(rows) < SMALL_ROWS:
        frame = frame.coalesce(1)
    frame.createOrReplaceTempView(name)
