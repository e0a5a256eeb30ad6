"""Columns of a record's row: the one that is sealed, and those in clear that its MAC covers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.inserting import once_each
from kedang.holdings.adapters.updating import update_columns
from kedang.holdings.models import Record
from kedang.vault.errors import RowAltered
from kedang.vault.marks import ClearValue, RowMarker

if TYPE_CHECKING:
    from kedang.holdings.intake.plain import RecordRow

RECORD_SEALED = "record.sealed"
MAC_COLUMNS = (
    "id",
    "case_id",
    "state",
    "key_page",
    "content_pack",
    "content_offset",
    "content_length",
    "segments",
    "derived_pack",
    "derived_offset",
    "derived_length",
    "mentions_offset",
    "mentions_length",
    "record_class",
    "accounting",
    "accounting_kind",
    "sensitivity",
    "record_date",
    "trigger_dates",
    "reference_code",
    "retention_rule",
    "retention_until",
    "retention_kind",
    "fingerprint",
    "media_type",
    "format_name",
    "is_container",
    "padded_bytes",
    "pages",
    "text_source",
    "class_permille",
    "finding_counts",
    "archived",
    "reckoning",
    "commitment",
    "puid",
    "family",
    "awaits_ocr",
    "sealed",
    "mentions_mac",
)
"""Not `first_order`, which is that of its occurrences, nor where its words lie, which the index tells, nor
`founded`, which only says what is done already."""
RecordColumns = Mapping[str, Sequence[Any]]
"""Records column by column, each value as it stands in their MACs."""
PLAIN = frozenset({str, int, bool, bytes, type(None)})
_MARKER = RowMarker("record", MAC_COLUMNS)
_mac_values = attrgetter(*_MARKER.columns)
_IN_ORDER = msgspec.json.Encoder(order="sorted")


def mac_of(archive: Archive, row: RecordRow | Record) -> bytes:
    """The MAC over the record's clear columns."""
    values = [value if type(value) in PLAIN else _clear(value) for value in _mac_values(row)]
    return _MARKER.mac(archive.mac_key(), values)


def guard_records(archive: Archive, rows: Sequence[RecordRow]) -> None:
    """Give many rows the MACs of what they hold now: all at once, which is cheaper."""
    if not rows:
        return
    columns = [
        values if PLAIN.issuperset(map(type, values)) else [_clear(value) for value in values]
        for values in zip(*map(_mac_values, rows), strict=True)
    ]
    for row, mac in zip(rows, _MARKER.macs(archive.mac_key(), columns), strict=True):
        row.mac = mac


def macs_of(archive: Archive, columns: RecordColumns) -> list[bytes]:
    """The same of many records, given as their columns by name; JSON as `json_in_mac` makes it, times in ISO 8601."""
    return _MARKER.macs(archive.mac_key(), [columns[name] for name in _MARKER.columns])


def require_records_as_written(archive: Archive, records: RecordColumns) -> None:
    """Nothing when the records, read with their MACs, are as kedang wrote them.

    Raises:
        RowAltered: somebody has edited one of them outside kedang.
    """
    if macs_of(archive, records) != records["mac"]:
        raise RowAltered(table="record")


def rewrite_records(archive: Archive, records: RecordColumns, changed: Mapping[str, Sequence[Any]]) -> None:
    """Give records, whose columns are as they were read, new values and new MACs, in the caller's transaction.

    `changed` are whole columns, with values as a row has them. It has been asked whether the records are as written.
    """
    in_macs = {name: once_each(_in_mac, values) for name, values in changed.items()}
    macs = macs_of(archive, {**records, **in_macs})
    update_columns(Record, records["id"], {**changed, "mac": macs})


def _in_mac(value: Any) -> ClearValue:
    return value if type(value) in PLAIN else _clear(value)


def json_in_mac(said: str) -> ClearValue:
    """What stands in the MAC for a column of JSON, given as its text."""
    return _in_mac(json.loads(said))


def _clear(value: Any) -> ClearValue:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return _IN_ORDER.encode(value).decode() if value else "{}"
    if isinstance(value, memoryview):
        return bytes(value)
    plain: ClearValue = value
    return plain
