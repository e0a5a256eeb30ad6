"""Mentions on the disk for the bench: one Parquet file of `comparable_columns.SCHEMA` that kedang and plain Splink both read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.linkage_customers import customers
from kedang.resolution.comparable_columns import BATCH, SCHEMA, columns_of


def mentions_file(folder: Path, count: int, seed: int) -> Path:
    """`count` generated mentions with the number of their `customer`; made once for a folder."""
    path = folder / f"mentions-{count}-{seed}.parquet"
    if path.exists():
        return path
    source = customers(count, seed=seed)
    with pq.ParquetWriter(path, SCHEMA.append(pa.field("customer", pa.int64()))) as writer:
        while some := list(islice(source, BATCH)):
            (batch,) = columns_of(one for one, _ in some)
            writer.write_batch(batch.append_column("customer", pa.array([customer for _, customer in some])))
    return path


def mentions(path: Path) -> Iterator[pa.RecordBatch]:
    """The mentions of a file, a batch at a time."""
    yield from pq.ParquetFile(path).iter_batches(BATCH, columns=SCHEMA.names)


def truth(path: Path) -> dict[str, int]:
    """The customer of each mention."""
    table = pq.read_table(path, columns=["id", "customer"])
    return dict(zip(table.column("id").to_pylist(), table.column("customer").to_pylist(), strict=True))
