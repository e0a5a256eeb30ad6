"""Mentions on the disk for the bench: one Parquet file that kedang and plain Splink both read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench.linkage_customers import customers
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.comparable import Address, Comparable
from kedang.resolution.mentions import MentionKind

BATCH = 10_000
_TEXTS = (
    "name",
    "surname",
    "given_name",
    "sound",
    "core",
    "region",
    "industry",
    "legal_form",
    "branch",
    "birth_date",
)
_LISTS = ("mobiles", "landlines", "emails", "accounts", "handles", "keys")
_PARTS = ("province", "city", "district", "street", "number", "room")


def mentions_file(folder: Path, count: int, seed: int) -> Path:
    """`count` generated mentions; made once for a folder."""
    path = folder / f"mentions-{count}-{seed}.parquet"
    if path.exists():
        return path
    source = customers(count, seed=seed)
    writer = None
    while batch := list(islice(source, BATCH)):
        table = _table(batch)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()
    return path


def _table(batch: list[tuple[Comparable, int]]) -> pa.Table:
    ones = [one for one, _ in batch]
    columns: dict[str, list[object]] = {
        "id": [one.id for one in ones],
        "customer": [customer for _, customer in batch],
        "kind": [one.kind.value for one in ones],
        "weak_name": [one.weak_name for one in ones],
        "certain": [
            " ".join(f"{number.kind.value}={number.value}" for number in one.certain) for one in ones
        ],
    }
    for name in _TEXTS:
        columns[name] = [getattr(one, name) or None for one in ones]
    for name in _LISTS:
        columns[name] = [" ".join(getattr(one, name)) or None for one in ones]
    for name in _PARTS:
        columns[name] = [getattr(one.address, name) or None for one in ones]
    return pa.table(
        {
            name: pa.array(values, pa.string()) if name in (*_TEXTS, *_LISTS, *_PARTS) else pa.array(values)
            for name, values in columns.items()
        }
    )


def comparables(path: Path) -> Iterator[Comparable]:
    """The mentions of a file, a batch at a time."""
    for batch in pq.ParquetFile(path).iter_batches(BATCH):
        columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
        for row in zip(
            *(columns[name] for name in ("id", "kind", "weak_name", "certain", *_TEXTS, *_LISTS, *_PARTS)),
            strict=True,
        ):
            yield _comparable(row)


def _comparable(row: tuple[str | None, ...]) -> Comparable:
    name, kind, weak, certain = row[:4]
    said = dict(zip((*_TEXTS, *_PARTS), (one or "" for one in (*row[4:14], *row[20:26])), strict=True))
    lists = dict(zip(_LISTS, (tuple(one.split()) if one else () for one in row[14:20]), strict=True))
    numbers = (one.partition("=") for one in (certain or "").split())
    return Comparable(
        id=name or "",
        kind=MentionKind(kind or ""),
        weak_name=bool(weak),
        certain=tuple(Identifier(IdentifierKind(word), value) for word, _, value in numbers),
        address=Address(**{part: said[part] for part in _PARTS}),
        mobiles=lists["mobiles"],
        landlines=lists["landlines"],
        emails=lists["emails"],
        accounts=lists["accounts"],
        handles=lists["handles"],
        keys=lists["keys"],
        **{text: said[text] for text in _TEXTS},
    )


def truth(path: Path) -> dict[str, int]:
    """The customer of each mention."""
    table = pq.read_table(path, columns=["id", "customer"])
    return dict(zip(table.column("id").to_pylist(), table.column("customer").to_pylist(), strict=True))
