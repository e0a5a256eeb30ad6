"""Rows mended from the newest snapshot that can be read, here or in a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Model

from kedang.holdings.actions.erasing import MARK_BYTES
from kedang.holdings.actions.snapshot_marks import SEALED as MARKS_SEALED
from kedang.holdings.actions.snapshot_rows import FINGERPRINTS, model_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import (
    MARKS,
    UNREADABLE,
    guarded,
    is_as_written,
    keys_mac,
    mentions_mac,
)
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.kept_snapshots import MARKS as MARKS_TABLE
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.models import (
    Customer,
    CustomerKey,
    KeptComparison,
    LedgerLeaf,
    MentionKey,
    NameList,
    Occurrence,
    Record,
    Snapshot,
    Source,
)
from kedang.records.errors import KedangError
from kedang.vault.store import BlobStore

MENDED = ""
CHANGED_SINCE = "changed-since-snapshot"
NOT_THERE = "not-in-snapshot"
NO_SNAPSHOT = "no-good-copy"
_DERIVED: Mapping[str, type[Model]] = {"namelist": NameList, "keptcomparison": KeptComparison}
"""Tables that are in no snapshot: their rows are made again."""
Value = dict[str, Any]


@dataclass(slots=True)
class _Kept:
    """What one snapshot has of the wanted rows."""

    ledger_size: int
    rows: dict[str, Value] = field(default_factory=dict)
    """By name: `<table>/<id>`."""
    marks: dict[str, Value] = field(default_factory=dict)
    """Fingerprints by holder."""


def heal_rows(archive: Archive, names: Sequence[str], stores: Sequence[BlobStore]) -> dict[str, str]:
    """Why each row could not be mended; empty for those that were."""
    kept = _newest(archive, set(names), stores)
    if kept is None:
        return dict.fromkeys(names, NO_SNAPSHOT)
    changed = _changed_since(archive, kept.ledger_size)
    return {name: _heal_row(archive, name, kept, changed) for name in names}


def _newest(archive: Archive, wanted: set[str], stores: Sequence[BlobStore]) -> _Kept | None:
    rows = Snapshot.objects.filter(case_id=archive.case_id, dropped=None).order_by("-taken")
    for row in rows:
        for store in stores:
            try:
                return _read(archive, row, store, wanted)
            except (KedangError, KeyError, *UNREADABLE):
                continue
    return None


def _read(archive: Archive, row: Snapshot, store: BlobStore, wanted: set[str]) -> _Kept:
    """The wanted rows of a snapshot that was read to its end, with the fingerprints that belong to them."""
    snapshot = KeptSnapshot(store, archive.case_id, row.id, archive.key(row.key_page, row.id))
    kept = _Kept(row.ledger_size)
    holders = {name.partition("/")[2] for name in wanted}
    for table, values in snapshot.reader():
        if table == MARKS_TABLE:
            if values["holder"] in holders:
                kept.marks[str(values["holder"])] = dict(values)
            continue
        one = "/".join((table, str(values["id"])))
        if one in wanted:
            kept.rows[one] = dict(values)
            holders |= {str(values.get("record_id")), str(values.get("source_id"))}
    return kept


def _changed_since(archive: Archive, ledger_size: int) -> str:
    """What the leaves after the snapshot say, joined; ids are looked for in it."""
    rows = LedgerLeaf.objects.filter(case_id=archive.case_id, n__gte=ledger_size).order_by("n")
    return "\n".join(bytes(leaf).decode(errors="replace") for leaf in rows.values_list("leaf", flat=True))


def _heal_row(archive: Archive, name: str, kept: _Kept, changed: str) -> str:
    table, _, one = name.partition("/")
    if f":{one}" in changed and table in (
        "record",
        "customer",
        "occurrence",
        "question",
        "order",
        "copy",
        "judgement",
    ):
        return CHANGED_SINCE
    try:
        with transaction.atomic():
            if table == "mentionkey":
                return _heal_mentions(archive, one, kept)
            if table == "customerkey":
                return _heal_keys(archive, one, kept)
            if table in _DERIVED:
                _DERIVED[table]._default_manager.filter(case_id=archive.case_id, id=one).delete()
                return MENDED
            return _heal_one(archive, name, kept)
    except (KedangError, LookupError, *UNREADABLE):
        return NOT_THERE


def _heal_one(archive: Archive, name: str, kept: _Kept) -> str:
    model = model_of(name.partition("/")[0])
    if model is None or name not in kept.rows:
        return NOT_THERE
    if model is Occurrence and not kept.rows[name]["sealed"]:
        return _heal_emptied(archive, kept.rows[name])
    values = kept.rows[name] | _fingerprints(archive, model, kept.rows[name], kept)
    if model is Record:
        values |= _where_indexed(str(values["id"]))
    row = model(**values)
    right = (
        mac_of(archive, row) == bytes(row.mac)
        if isinstance(row, Record)
        else (model in MARKS and is_as_written(MARKS[model], archive, row))
    )
    if not right:
        return NOT_THERE
    row.save()
    return MENDED


def _where_indexed(record: str) -> Value:
    """Where its words lie now; the index says whether that is so."""
    found = Record.objects.filter(id=record).values("indexed_part", "indexed_row").first()
    return dict(found) if found else {"indexed_part": None, "indexed_row": None}


def _opened_marks(archive: Archive, holder: str, page: str, kept: _Kept) -> Value:
    sealed = bytes(kept.marks[holder]["sealed"])
    return archive.open(archive.key(page, holder), holder, MARKS_SEALED, sealed)


def _fingerprints(archive: Archive, model: type[Model], row: Mapping[str, Any], kept: _Kept) -> Value:
    """The columns that a snapshot has only under the key of their holder."""
    if model is Record:
        said = _opened_marks(archive, row["id"], row["key_page"], kept)
        return {"fingerprint": bytes.fromhex(said["fingerprint"])}
    if model is Source:
        return {
            "place_fingerprint": bytes.fromhex(
                _opened_marks(archive, row["id"], row["key_page"], kept)["place"]
            )
        }
    if model is not Occurrence:
        return {}
    holder = row["record_id"] or row["source_id"]
    owner: type[Any] = Record if row["record_id"] else Source
    page = owner.objects.filter(id=holder).values_list("key_page", flat=True).get()
    for one, *marks in _opened_marks(archive, holder, page, kept)["places"]:
        if one == row["id"]:
            return dict(zip(FINGERPRINTS["occurrence"], map(bytes.fromhex, marks), strict=True))
    raise LookupError(row["id"])


def _heal_emptied(archive: Archive, values: Mapping[str, Any]) -> str:
    """An occurrence of a destroyed record: its fingerprints are of nothing, and any others are as good."""
    marks = {column: archive.random_bytes(MARK_BYTES) for column in FINGERPRINTS["occurrence"]}
    marks["desk_fingerprint"] = b""
    guarded(archive, Occurrence(**(dict(values) | marks))).save()
    return MENDED


def _heal_mentions(archive: Archive, record: str, kept: _Kept) -> str:
    row = Record.objects.get(case_id=archive.case_id, id=record)
    said = _opened_marks(archive, record, row.key_page, kept)["mentions"]
    lines = [(*rest, bytes.fromhex(mark)) for *rest, mark in said]
    if mentions_mac(archive, record, lines) != bytes(row.mentions_mac):
        return NOT_THERE
    MentionKey.objects.filter(case_id=archive.case_id, record_id=record).delete()
    insert_rows(MentionKey, list(_mentions(archive, record, lines)))
    return MENDED


def _mentions(archive: Archive, record: str, lines: Sequence[tuple[Any, ...]]) -> Iterator[MentionKey]:
    for mention, party_kind, founding, by_name, kind, mark in lines:
        yield MentionKey(
            case_id=archive.case_id,
            record_id=record,
            mention=mention,
            party_kind=party_kind,
            founding=founding,
            by_name=by_name,
            kind=kind,
            fingerprint=mark,
        )


def _heal_keys(archive: Archive, customer: str, kept: _Kept) -> str:
    case = archive.case_id
    row = Customer.objects.get(case_id=case, id=customer)
    keys = [(kind, mark) for kind, mark in _opened_marks(archive, customer, row.key_page, kept)["keys"]]
    if keys_mac(archive, customer, keys) != bytes(row.keys_mac):
        return NOT_THERE
    CustomerKey.objects.filter(case_id=case, customer_id=customer).delete()
    rows = [
        CustomerKey(case_id=case, kind=kind, fingerprint=bytes.fromhex(mark), customer_id=customer)
        for kind, mark in keys
    ]
    insert_rows(CustomerKey, rows)
    return MENDED
