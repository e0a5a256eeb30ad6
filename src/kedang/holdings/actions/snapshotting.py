"""Snapshots: the rows of one instant as one sealed blob, without key pages, words or fingerprints.

What recognises things again (fingerprints of contents, places and mentions) goes into the snapshot sealed
under the key of its holder, so that it dies with the record or customer even in old snapshots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.reading_rows import read_values
from kedang.holdings.models import (
    Customer,
    CustomerKey,
    LedgerHead,
    MentionKey,
    Occurrence,
    Record,
    Snapshot,
    Source,
)
from kedang.ledger.leaves import Event
from kedang.preservation.snapshot_values import Value, stored_json
from kedang.preservation.snapshots import Row, SnapshotHeader, TableCount, snapshot_stream
from kedang.records.ids import CaseId
from kedang.vault.blob import Binding, Role
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES

KIND = "snapshots"
MARKS = "marks"
"""The table of sealed fingerprints: holder and sealed value."""
TABLES = (
    "case",
    "agent",
    "membership",
    "gate",
    "token",
    "source",
    "accession",
    "pack",
    "record",
    "segment",
    "series",
    "occurrence",
    "question",
    "correction",
    "review",
    "reviewbatch",
    "customer",
    "link",
    "proposal",
    "judgement",
    "audit",
    "columnmeaning",
    "splittable",
    "rowset",
    "rowchunk",
    "checkpoint",
    "witness",
    "epochchange",
    "order",
    "ordered",
    "copy",
    "snapshot",
    "keyplace",
    "reveal",
    "box",
    "folder",
    "savedview",
)
"""In the order in which rows can be inserted. Leaves lie in bundles of their own; key pages, index parts and
leases are of one home only."""
FINGERPRINTS: Mapping[str, tuple[str, ...]] = {
    "record": ("fingerprint", "indexed_part", "indexed_row"),
    "occurrence": ("place_fingerprint", "stat_fingerprint"),
    "source": ("place_fingerprint",),
}
"""Columns that are left out: fingerprints, and where words lie in parts that are made again."""
ROWS_AT_ONCE = 500
Instance = TypeVar("Instance", bound=Model)


def model_of(table: str) -> type[Model] | None:
    """The model of a table of a snapshot; None when this release has none of that name."""
    return next(
        (one for one in apps.get_app_config("holdings").get_models() if one._meta.model_name == table), None
    )


def take_snapshot(archive: Archive, *, clock: Callable[[], datetime], progress: Progress) -> Snapshot:
    """A new snapshot in the home's store, its key in the ring, its row and event committed."""
    snapshot_id, key, now = archive.new_id(), archive.new_key(), clock()
    with archive.keyring.undisturbed(), one_instant():
        header = _header(archive.case_id, now)
        progress.stage("snapshot", sum(entry.rows for entry in header.tables))
        with archive.store.create(f"{KIND}/{snapshot_id}") as sink:
            sealed = seal_stream(
                key,
                snapshot_stream(header, _rows(archive, header, progress)),
                sink.write,
                binding=snapshot_binding(archive.case_id, snapshot_id),
                salt=archive.random_bytes(SALT_BYTES),
                suite=archive.suite,
            )
    pages = archive.write_pages({snapshot_id: key})
    with transaction.atomic():
        archive.keep_pages(pages)
        row = Snapshot(
            id=snapshot_id,
            case_id=archive.case_id,
            taken=now,
            epoch=header.epoch,
            ledger_size=header.ledger_size,
            size_bytes=sealed.sealed_bytes,
            key_page=pages[snapshot_id].id,
        )
        guarded(archive, row).save(force_insert=True)
        event = Event(
            archive.agent, "snapshot-taken", (f"snapshot:{snapshot_id}",), {"size": header.ledger_size}
        )
        book.write(archive.case_id, [event], now=clock())
    return row


def snapshot_binding(case: CaseId, snapshot_id: str) -> Binding:
    """Whose blob a snapshot is."""
    return Binding(case, snapshot_id, Role.SNAPSHOT)


@contextmanager
def one_instant() -> Iterator[None]:
    """Everything read inside is of one instant, while others go on writing."""
    begin = (
        "BEGIN DEFERRED"
        if connection.vendor == "sqlite"
        else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)  # Django's own would take the lock of writers
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _header(case: CaseId, now: datetime) -> SnapshotHeader:
    counts = [TableCount(table, _of_case(table, case).count()) for table in TABLES if model_of(table)]
    holders = sum(one._default_manager.filter(case_id=case).count() for one in (Record, Customer, Source))
    head = LedgerHead.objects.get(case_id=case)
    epoch = apps.get_model("holdings", "case").objects.get(id=case).epoch
    return SnapshotHeader(
        case=case,
        taken=now,
        schema=schema_name(),
        ledger_size=head.size,
        epoch=epoch,
        tables=(*counts, TableCount(MARKS, holders)),
    )


def schema_name() -> str:
    """The last migration of the tables."""
    applied = MigrationRecorder.Migration.objects.filter(app="holdings").order_by("-name").first()
    return applied.name if applied else ""


def _of_case(table: str, case: CaseId) -> Any:
    model = model_of(table)
    if model is None:
        raise LookupError(table)
    return model._default_manager.filter(**({"id": case} if table == "case" else {"case_id": case}))


def _rows(archive: Archive, header: SnapshotHeader, progress: Progress) -> Iterator[Row]:
    for entry in header.tables:
        rows = _marks(archive) if entry.table == MARKS else _table_rows(entry.table, archive.case_id)
        for row in rows:
            progress.advance(1, 0)
            yield entry.table, row


def columns_of(table: str) -> list[str]:
    """The columns of a table that go into a snapshot."""
    model = model_of(table)
    if model is None:
        raise LookupError(table)
    left_out = FINGERPRINTS.get(table, ())
    return [field.attname for field in model._meta.concrete_fields if field.attname not in left_out]


def _table_rows(table: str, case: CaseId) -> Iterator[Mapping[str, Value]]:
    columns = columns_of(table)
    rows = _of_case(table, case).order_by("pk")
    if table == "occurrence":
        rows = rows.order_by("order_key")  # a parent comes before its members
    for values in read_values(rows, columns, json_as=stored_json):
        yield dict(zip(columns, values, strict=True))


def _marks(archive: Archive) -> Iterator[Mapping[str, Value]]:
    """The fingerprints of each holder, sealed under its key; of what is destroyed, nothing."""
    case = archive.case_id
    records = Record.objects.filter(case_id=case).only("key_page", "fingerprint")
    sources = Source.objects.filter(case_id=case).only("key_page", "place_fingerprint")
    yield from _holder_marks(archive, records, _marks_of_records)
    yield from _holder_marks(
        archive, Customer.objects.filter(case_id=case).only("key_page"), _marks_of_customers
    )
    yield from _holder_marks(archive, sources, _marks_of_sources)


def _holder_marks(
    archive: Archive, rows: Any, marks_of: Callable[[Archive, list[Any]], dict[str, Any]]
) -> Iterator[Mapping[str, Value]]:
    for some in batches(rows.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE)):
        marks = marks_of(archive, some)
        for holder in some:
            sealed = b""
            if holder.key_page:
                key = archive.key(holder.key_page, holder.id)
                sealed = archive.seal(key, holder.id, "snapshot.marks", marks[holder.id])
            yield {"holder": holder.id, "sealed": sealed}


def batches(rows: Iterable[Instance]) -> Iterator[list[Instance]]:
    """The rows, some at a time."""
    for _, some in groupby(enumerate(rows), key=lambda pair: pair[0] // ROWS_AT_ONCE):
        yield [row for _, row in some]


def _marks_of_records(archive: Archive, records: list[Record]) -> dict[str, Any]:
    ids = [record.id for record in records]
    found: dict[str, Any] = {
        record.id: {"fingerprint": _hex(record.fingerprint), "places": [], "mentions": []}
        for record in records
    }
    places = Occurrence.objects.filter(case_id=archive.case_id, record_id__in=ids).order_by("id")
    for one, record, place, stat in places.values_list(
        "id", "record_id", "place_fingerprint", "stat_fingerprint"
    ):
        found[str(record)]["places"].append([one, _hex(place), _hex(stat)])
    columns = ("record_id", "mention", "party_kind", "founding", "by_name", "kind", "fingerprint")
    mentions = MentionKey.objects.filter(case_id=archive.case_id, record_id__in=ids).order_by("id")
    for record, *rest, mark in mentions.values_list(*columns):
        found[record]["mentions"].append([*rest, _hex(mark)])
    return found


def _marks_of_customers(archive: Archive, customers: list[Customer]) -> dict[str, Any]:
    ids = [customer.id for customer in customers]
    found: dict[str, Any] = {one: {"keys": []} for one in ids}
    keys = CustomerKey.objects.filter(case_id=archive.case_id, customer_id__in=ids).order_by("id")
    for customer, kind, mark in keys.values_list("customer_id", "kind", "fingerprint"):
        found[customer]["keys"].append([kind, _hex(mark)])
    return found


def _marks_of_sources(archive: Archive, sources: list[Source]) -> dict[str, Any]:
    """A source's own mark, and those of what was refused from it, which has no record."""
    found: dict[str, Any] = {one.id: {"place": _hex(one.place_fingerprint), "places": []} for one in sources}
    refused = Occurrence.objects.filter(case_id=archive.case_id, record=None, source_id__in=list(found))
    columns = ("id", "source_id", "place_fingerprint", "stat_fingerprint")
    for one, source, place, stat in refused.order_by("id").values_list(*columns):
        found[source]["places"].append([one, _hex(place), _hex(stat)])
    return found


def _hex(mark: bytes | memoryview) -> str:
    return bytes(mark).hex()
