"""MACs over the rows of every table: what stands in clear, and what is sealed as it stands.

A table's MAC covers all its columns but those of LEFT_OUT. Records have one of their own
(`record_columns.mac_of`) because they are many. What is not covered is compared: key pages are opened, leaves and
nodes lead to the signed head, an epoch is vouched for by the key sheet. That rows are all there, none too many,
is compared with the ledger (`queries.agreeing`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from hmac import compare_digest
from operator import attrgetter
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError
from django.db.models import BigAutoField, Model, QuerySet

from kedang.holdings import models
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.inserting import once_each
from kedang.holdings.adapters.reading_rows import read_columns
from kedang.holdings.adapters.updating import update_rows
from kedang.vault.errors import RowAltered
from kedang.vault.marks import ClearValue, RowMarker

GUARDED: tuple[type[Model], ...] = (
    models.Case,
    models.Agent,
    models.Membership,
    models.Gate,
    models.Token,
    models.Source,
    models.Accession,
    models.Upload,
    models.UploadedFile,
    models.Occurrence,
    models.Question,
    models.Correction,
    models.Review,
    models.ReviewBatch,
    models.LearntModel,
    models.Segment,
    models.Series,
    models.Customer,
    models.Link,
    models.NameList,
    models.KeptComparison,
    models.Proposal,
    models.Judgement,
    models.Audit,
    models.ColumnMeaning,
    models.SplitTable,
    models.RowSet,
    models.RowChunk,
    models.Pack,
    models.IndexPart,
    models.Checkpoint,
    models.Witness,
    models.KeySlot,
    models.KeyPlace,
    models.EpochChange,
    models.ChangedPage,
    models.DoomedKey,
    models.SavedView,
    models.SealingAnew,
    models.OldPage,
    models.Order,
    models.Ordered,
    models.Resealed,
    models.NewPart,
    models.Copy,
    models.Snapshot,
    models.Reveal,
    models.Box,
    models.Folder,
    models.FixityRound,
    models.FixityCheck,
)
"""Tables with a MAC made here; `Record` has one too."""
LEFT_OUT: Mapping[type[Model], frozenset[str]] = {
    models.Case: frozenset({"epoch"}),  # the key sheet vouches for it
    models.NameList: frozenset({"fresh"}),  # only says that it must be made again
}
Mark = Callable[[Archive, Any], bytes]
"""Makes the MAC of one row, given as anything that has the table's columns as attributes."""
Row = TypeVar("Row")
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, DatabaseError, ObjectDoesNotExist)
"""What reading rows raises whose columns hold what does not belong there."""


def guarded_columns(model: type[Model]) -> tuple[str, ...]:
    """The columns that the MAC of a table covers; a number that the database gives says nothing."""
    left_out = LEFT_OUT.get(model, frozenset())
    return tuple(
        field.attname
        for field in model._meta.concrete_fields
        if field.attname != "mac" and field.attname not in left_out and not isinstance(field, BigAutoField)
    )


def _marker(model: type[Model]) -> Mark:
    marker = MARKERS[model]
    values_of = attrgetter(*marker.columns)

    def mark(archive: Archive, row: Any) -> bytes:
        return marker.mac(archive.mac_key(), _ready(values_of(row)))

    return mark


def _ready(values: Iterable[Any]) -> list[ClearValue]:
    return [value if type(value) in _PLAIN else _clear(value) for value in values]


def _ready_value(value: Any) -> ClearValue:
    return value if type(value) in _PLAIN else _clear(value)


def _ready_column(values: Sequence[Any]) -> Sequence[ClearValue]:
    """The same of one column of many rows."""
    return values if _PLAIN.issuperset(map(type, values)) else once_each(_ready_value, values)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_PLAIN = frozenset({str, int, bool, bytes, type(None)})


def _clear(value: Any) -> ClearValue:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return _canonical(value)
    if isinstance(value, memoryview):  # as PostgreSQL gives octets
        return bytes(value)
    plain: ClearValue = value
    return plain


def _canonical(value: Any) -> str:
    return _ENCODER.encode(value)


def _json_as(said: str) -> Any:
    """What stands in the MAC for a column of JSON."""
    return _clear(json.loads(said))


MARKERS = {model: RowMarker(model.__name__.lower(), guarded_columns(model)) for model in GUARDED}
MARKS: Mapping[type[Model], Mark] = {model: _marker(model) for model in GUARDED}
case_mac = MARKS[models.Case]
segment_mac = MARKS[models.Segment]
place_mac = MARKS[models.KeyPlace]
occurrence_mac = MARKS[models.Occurrence]

MENTION_COLUMNS = ("mention", "party_kind", "founding", "by_name", "kind", "fingerprint")
_MENTIONS = RowMarker("mentions", ("record_id", "rows"))
_KEYS = RowMarker("customer keys", ("customer_id", "rows"))


def mentions_mac(archive: Archive, record: str, rows: Iterable[Sequence[Any]]) -> bytes:
    """The MAC over all mentions of a record, given as their MENTION_COLUMNS; empty when it has none."""
    return _mac_of_all(_MENTIONS, archive, record, [(*row[:-1], bytes(row[-1]).hex()) for row in rows])


def keys_mac(archive: Archive, customer: str, keys: Iterable[tuple[str, str]]) -> bytes:
    """The MAC over all keys of a customer, given as kind and fingerprint (hexadecimal); empty when there are none."""
    return _mac_of_all(_KEYS, archive, customer, keys)


def _mac_of_all(marker: RowMarker, archive: Archive, holder: str, rows: Iterable[Sequence[Any]]) -> bytes:
    lines = sorted("\t".join(map(_told, row)) for row in rows)
    return marker.mac(archive.mac_key(), (holder, "\n".join(lines))) if lines else b""


def _told(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def guarded(archive: Archive, row: Row) -> Row:
    """The row, with the MAC of what its columns hold now."""
    row.mac = MARKS[type(row)](archive, row)  # type: ignore[attr-defined,index]  # every guarded table has one
    return row


def guard_all(archive: Archive, model: type[Model], rows: Sequence[Any]) -> None:
    """Give many rows of one table, or what has its columns as attributes, their MACs: all at once, which is cheaper."""
    if not rows:
        return
    marker = MARKERS[model]
    columns = zip(*map(attrgetter(*marker.columns), rows), strict=True)
    macs = marker.macs(archive.mac_key(), list(map(_ready_column, columns)))
    for row, mac in zip(rows, macs, strict=True):
        row.mac = mac


def rewrite(archive: Archive, rows: Iterable[Model], **values: object) -> None:
    """Give rows of one table new values and new MACs, in the caller's transaction.

    Raises:
        RowAltered: somebody has edited one of them outside kedang.
    """
    some = list(rows)
    for row in some:
        require_as_written(MARKS[type(row)], archive, row)
        for name, value in values.items():
            setattr(row, name, value)
        guarded(archive, row)
    if some:
        update_rows(type(some[0]), some, (*values, "mac"))


def is_as_written(mark: Mark, archive: Archive, row: Any) -> bool:
    """Whether the row's MAC is that of its columns."""
    return compare_digest(mark(archive, row), bytes(row.mac))


def require_as_written(mark: Mark, archive: Archive, row: Model) -> None:
    """Nothing when the row is as kedang wrote it. Asked before it is changed: a new MAC would bless an edit.

    Raises:
        RowAltered: somebody has edited it outside kedang.
    """
    if not is_as_written(mark, archive, row):
        raise RowAltered(table=row._meta.model_name or "")


def altered_rows(archive: Archive, rows: QuerySet[Any]) -> Iterator[str]:
    """The ids of those among the rows that somebody has edited, or that cannot even be read."""
    try:
        yield from _altered(archive, rows)
    except UNREADABLE:
        for one in list(rows.values_list("pk", flat=True)):
            try:
                yield from _altered(archive, rows.filter(pk=one))
            except UNREADABLE:
                yield str(one)


def _altered(archive: Archive, rows: QuerySet[Any]) -> Iterator[str]:
    marker, key = MARKERS[rows.model], archive.mac_key()
    for ids, macs, *values in read_columns(rows, ("pk", "mac", *marker.columns), json_as=_json_as):
        made = marker.macs(key, values)
        yield from (str(one) for one, mac, expected in zip(ids, macs, made, strict=True) if mac != expected)
