"""What a snapshot holds of each table, in blocks: those that the last snapshot has already are not read again.

Rows come in the order in which a table grows, so that what is new lies at its end, and are cut into blocks by their
ids. To know a block again only ids and MACs are read, and what no MAC covers; its rows only when it is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import IntegerField, Model, QuerySet, TextField
from django.db.models.expressions import RawSQL

from kedang.holdings.actions.snapshot_reading import Coming, Reading
from kedang.holdings.adapters.guarding import GUARDED, guarded_columns
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.plain_rows import PlainRows, raw_lines
from kedang.holdings.adapters.reading_rows import plainly, raw_chunks
from kedang.holdings.adapters.record_columns import MAC_COLUMNS
from kedang.holdings.models import Record
from kedang.preservation.snapshot_blocks import LEAST_ROWS, cut
from kedang.records.ids import CaseId

FINGERPRINTS: Mapping[str, tuple[str, ...]] = {
    "record": ("fingerprint", "indexed_part", "indexed_row"),
    "occurrence": ("place_fingerprint", "stat_fingerprint", "desk_fingerprint"),
    "source": ("place_fingerprint",),
}
"""Columns that are left out: fingerprints, and where words lie in parts that are made again."""
GROWTH: Mapping[str, tuple[str, ...]] = {
    "record": ("first_order", "id"),
    "occurrence": ("order_key", "id"),  # a parent comes before its members
    "question": ("raised", "id"),
    "correction": ("ordinal",),
    "review": ("decided", "id"),
    "customer": ("number", "id"),
    "judgement": ("ordinal",),
    "rowset": ("split_id", "id"),
    "reveal": ("when", "id"),
}
"""The order in which a table grows, where it is not that of its ids and the database does not know it."""


def model_of(table: str) -> type[Model] | None:
    """The model of a table of a snapshot; None when this release has none of that name."""
    return next(
        (one for one in apps.get_app_config("holdings").get_models() if one._meta.model_name == table), None
    )


def columns_of(table: str) -> list[str]:
    """The columns of a table that go into a snapshot, in the order in which they are written."""
    left_out = FINGERPRINTS.get(table, ())
    fields = _model(table)._meta.concrete_fields
    return sorted(field.attname for field in fields if field.attname not in left_out)


def rows_of(table: str, case: CaseId) -> QuerySet[Any]:
    """All rows of a table that belong to a case."""
    own = {"id": case} if table == "case" else {"case_id": case}
    return _model(table)._default_manager.filter(**own)


def _model(table: str) -> type[Model]:
    model = model_of(table)
    if model is None:
        raise LookupError(table)
    return model


def as_it_grew(table: str, case: CaseId) -> QuerySet[Any]:
    """All rows of a table that belong to a case, in the order in which they came.

    SQLite numbers rows as they come, and reads them so from the first to the last without sorting; the plus keeps it
    from an index that begins with the case, which would lead it from place to place.
    """
    rows = rows_of(table, case)
    if connection.vendor != "sqlite" or table == "case":
        return rows.order_by(*GROWTH.get(table, ("pk",)))
    name = _model(table)._meta.db_table
    own = RawSQL(f'+"{name}"."case_id"', (), output_field=TextField())  # noqa: S611 - a table's own name
    came = RawSQL(f'"{name}".rowid', (), output_field=IntegerField())  # noqa: S611 - the same
    return _model(table)._default_manager.alias(own=own).filter(own=case).order_by(came)


class TableRows:
    """Rows of one table."""

    def __init__(self, reading: Reading, table: str) -> None:
        self._reading = reading
        self._table = table
        self._columns = columns_of(table)
        self._telling = telling_columns(table)
        self._rows = as_it_grew(table, reading.archive.case_id)
        self._model = _model(table)
        self._plain = PlainRows(table, self._model, self._columns)

    def entries(self) -> Iterator[Coming]:
        """Blocks, and the rows that are too few for one."""
        if self._table in self._reading.known.tables:
            told = raw_chunks(self._rows.values_list(*plainly(self._model, self._telling)))
            for some in cut(told, itemgetter(0)):
                yield from self._known_or_read(some)
            return
        at = [self._columns.index(name) for name in self._telling]
        tell = itemgetter(*at)
        chunks = raw_chunks(self._rows.values_list(*plainly(self._model, self._columns)))
        for rows in cut(chunks, itemgetter(at[0])):
            yield from self._made(rows, list(map(tell, rows)))

    def _known_or_read(self, told: Sequence[Any]) -> Iterator[Coming]:
        if len(told) >= LEAST_ROWS:
            block = self._reading.known_block(self._table, self._mark(told))
            if block is not None:
                yield self._table, block
                return
        ids = [line[0] for line in told]
        found: dict[Any, Any] = {}
        at = self._columns.index(self._telling[0])
        for some in with_ids(self._model, ids):
            lines = raw_lines(some.values_list(*plainly(self._model, self._columns)))
            found |= {row[at]: row for row in lines}
        yield from self._made([found[one] for one in ids], told)

    def _made(self, rows: Sequence[Sequence[Any]], told: Sequence[Any]) -> Iterator[Coming]:
        lines = self._plain.lines(rows)
        if len(rows) < LEAST_ROWS:
            yield from ((self._table, line) for line in lines)
        else:
            yield self._table, self._reading.blocks.write(list(lines), self._mark(told))

    def _mark(self, told: Sequence[Any]) -> bytes:
        return self._reading.mark(self._table, self._columns, told)


def telling_columns(table: str) -> tuple[str, ...]:
    """What tells a row again: its id, its MAC, and what is in a snapshot and under no MAC."""
    model = _model(table)
    covered = set(MAC_COLUMNS) if model is Record else set(guarded_columns(model))
    if model is not Record and model not in GUARDED:
        raise LookupError(f"no MAC tells the rows of {table}")
    key = model._meta.pk.attname
    return (key, "mac", *(one for one in columns_of(table) if one not in {*covered, key, "mac"}))
