"""Rows of the database checked: MACs, what they say of one another, and the keys that they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import Model, Q, QuerySet

from kedang.catalogue.numbering import check_codes
from kedang.catalogue.scheme import shipped_scheme
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.guarding import (
    GUARDED,
    MENTION_COLUMNS,
    UNREADABLE,
    altered_rows,
    keys_mac,
    mentions_mac,
)
from kedang.holdings.adapters.looking_up import all_of_case, with_ids
from kedang.holdings.adapters.names import customer_name, occurrence_names, source_names
from kedang.holdings.adapters.plain_rows import raw_lines
from kedang.holdings.adapters.reading_rows import read_columns
from kedang.holdings.adapters.record_columns import MAC_COLUMNS, json_in_mac, macs_of
from kedang.holdings.intake.plain import STORED_COLUMNS, StoredRecord
from kedang.holdings.models import (
    Accession,
    Case,
    Customer,
    CustomerKey,
    EpochChange,
    IndexPart,
    KeptComparison,
    KeyPage,
    LedgerHead,
    MentionKey,
    NameList,
    Occurrence,
    Pack,
    Record,
    RowSet,
    SealingAnew,
    Segment,
    Snapshot,
    Source,
    SplitTable,
)
from kedang.holdings.queries.faults import (
    DATABASE_DAMAGED,
    INDEX_INCOMPLETE,
    KEY_MISSING,
    NAME_ALTERED,
    NUMBER_FAULT,
    OCCURRENCE_LOOSE,
    ORPHAN_RECORD,
    ROW_ALTERED,
    ROWS_DISAGREE,
    Verification,
)
from kedang.records.errors import KedangError

PACK_STATES = frozenset({"writing", "kept"})


def check_rows(archive: Archive, model: type[Model], found: Verification, within: Q | None = None) -> None:
    """Whether every row of a table, or those `within`, is as kedang wrote it."""
    table = model.__name__.lower()
    case = archive.case_id
    rows = Case.objects.filter(id=case) if model is Case else all_of_case(model, case)
    for one in sorted(set(altered_rows(archive, rows.filter(within) if within else rows))):
        subject, records = one, _records_of_row(model, one)
        found.add(ROW_ALTERED, subject, name=f"{table}/{one}", records=records)


def of_case(model: type[Model], archive: Archive) -> dict[str, str]:
    """What finds a table's rows of the case."""
    return {"id" if model is Case else "case_id": archive.case_id}


def guarded_tables() -> tuple[type[Model], ...]:
    """Every table whose rows are checked by `check_rows`."""
    return GUARDED


def _records_of_row(model: type[Model], one: str) -> Iterable[str]:
    """The record that a row is about, when it can be told."""
    if not any(field.attname == "record_id" for field in model._meta.concrete_fields):
        return ()
    try:
        said = model._default_manager.filter(pk=one).values_list("record_id", flat=True).first()
    except UNREADABLE:
        return ()
    return (str(said),) if said else ()


def check_database(archive: Archive, found: Verification) -> None:
    """Whether the database itself is whole, as far as it can tell."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            said = cursor.execute("PRAGMA quick_check(1)").fetchall()
            loose = cursor.execute("PRAGMA foreign_key_check").fetchall()
        if said != [("ok",)]:
            found.add(DATABASE_DAMAGED, archive.case_id)
        for table, *_ in loose[:100]:
            found.add(DATABASE_DAMAGED, str(table).removeprefix("holdings_"))


def check_forms(archive: Archive, found: Verification) -> None:
    """Whether switches and times are written as kedang writes them: SQLite takes anything, and reads much alike."""
    if connection.vendor != "sqlite":
        return
    models: tuple[type[Model], ...] = (*GUARDED, Record, MentionKey, LedgerHead)
    for model in models:
        table, key = model._meta.db_table, model._meta.pk.column
        forms = [FORMS[kind].format(column) for column, kind in _formed(model)]
        if not forms:
            continue
        ((mine, case),) = of_case(model, archive).items()
        rows = f'"{table}" NOT INDEXED WHERE "{mine}" = %s'
        wanted = f'SELECT "{key}" FROM {rows} AND ({" OR ".join(forms)})'  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(wanted, [case])
            for (one,) in cursor.fetchmany(100):
                found.add(ROW_ALTERED, str(one), name=f"{model.__name__.lower()}/{one}")


def _formed(model: type[Model]) -> list[tuple[str, str]]:
    columns = [(field.column or "", field.get_internal_type()) for field in model._meta.concrete_fields]
    return [(column, kind) for column, kind in columns if kind in FORMS]


_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
_SECOND = f"{_DAY} [0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_MICROSECOND = f"{_SECOND}.[0-9][0-9][0-9][0-9][0-9][0-9]"
FORMS = {
    "BooleanField": """ typeof("{0}") <> 'integer' OR "{0}" NOT IN (0, 1)""",
    "DateField": f""" "{{0}}" NOT GLOB '{_DAY}'""",
    "DateTimeField": f""" "{{0}}" NOT GLOB '{_MICROSECOND}' AND "{{0}}" NOT GLOB '{_SECOND}'""",
}
"""What is true of a column that is not written in its form."""


def check_mentions(archive: Archive, found: Verification) -> None:
    """Whether the mentions of every record are those that it vouches for; of many it vouches that there are none."""
    holders = all_of_case(Record, archive.case_id).exclude(mentions_mac=b"").order_by("id")
    rows = MentionKey.objects.filter(case_id=archive.case_id).order_by("record_id", "id")
    lines = rows.values_list("record_id", *MENTION_COLUMNS).iterator(chunk_size=2000)
    vouched = raw_lines(holders.values_list("id", "mentions_mac"))
    for one in _disagreeing(vouched, lines, partial(mentions_mac, archive)):
        found.add(ROW_ALTERED, one, name=f"mentionkey/{one}", records=(one,))


def check_customer_keys(archive: Archive, found: Verification) -> None:
    """Whether the keys of every customer are those that it vouches for."""
    holders = Customer.objects.filter(case_id=archive.case_id).order_by("id")
    rows = CustomerKey.objects.filter(case_id=archive.case_id).order_by("customer_id", "id")
    stored = rows.values_list("customer_id", "kind", "fingerprint").iterator(chunk_size=2000)
    lines = ((customer, kind, bytes(mark).hex()) for customer, kind, mark in stored)
    vouched = raw_lines(holders.values_list("id", "keys_mac"))
    for one in _disagreeing(vouched, lines, partial(keys_mac, archive)):
        found.add(ROW_ALTERED, one, name=f"customerkey/{one}")


def _disagreeing(
    vouched: Iterable[Sequence[Any]],
    lines: Iterable[Sequence[Any]],
    mac: Callable[[str, Iterable[Any]], bytes],
) -> Iterator[str]:
    """Holders whose rows do not give the MAC that they have; both in the order of holders."""
    groups = groupby(lines, key=itemgetter(0))
    holder, rows = next(groups, ("", iter(())))
    for one, expected in vouched:
        while holder and str(holder) < one:  # rows of nobody
            yield str(holder)
            holder, rows = next(groups, ("", iter(())))
        mine = [row[1:] for row in rows] if holder == one else []
        if mac(one, mine) != bytes(expected):
            yield one
        if holder == one:
            holder, rows = next(groups, ("", iter(())))
    while holder:
        yield str(holder)
        holder, rows = next(groups, ("", iter(())))


def check_order(archive: Archive, found: Verification) -> None:
    """Whether every record stands where its first occurrence does, and none is without one."""
    case = archive.case_id
    rows = Occurrence.objects.filter(case_id=case).exclude(record=None).order_by("record_id")
    places = raw_lines(rows.values_list("record_id", "order_key"))
    records = Record.objects.filter(case_id=case).order_by("id").values_list("id", "first_order")
    for record in _disagreeing(raw_lines(records), places, _smallest):
        orphan = not Occurrence.objects.filter(case_id=case, record_id=record).exists()
        code = ORPHAN_RECORD if orphan else ROW_ALTERED
        found.add(code, record, name=f"record/{record}", records=(record,))


def _smallest(_record: str, orders: Iterable[Any]) -> bytes:
    return min((bytes(order) for (order,) in orders), default=b"")


def check_references(archive: Archive, found: Verification) -> None:
    """What rows say of one another where no MAC speaks."""
    case = archive.case_id
    loose = Occurrence.objects.filter(case_id=case, record=None).exclude(state="refused")
    for occurrence in loose.values_list("id", flat=True):
        found.add(OCCURRENCE_LOOSE, occurrence, name=f"occurrence/{occurrence}")
    for record in _wrongly_founded(case):
        found.add(ROW_ALTERED, record, name=f"record/{record}", records=(record,))
    parts = IndexPart.objects.filter(case_id=case).values("id")
    astray = Record.objects.filter(case_id=case).exclude(indexed_part=None).exclude(indexed_part__in=parts)
    half = Record.objects.filter(case_id=case).filter(
        Q(indexed_part=None, indexed_row__isnull=False) | Q(indexed_part__isnull=False, indexed_row=None)
    )
    for record in (astray | half).values_list("id", flat=True):
        found.add(INDEX_INCOMPLETE, record, name=f"record/{record}")
    for pack in Pack.objects.filter(case_id=case).exclude(state__in=PACK_STATES):
        found.add(ROW_ALTERED, pack.id, name=f"pack/{pack.id}")


def _wrongly_founded(case: str) -> Iterator[str]:
    """Records whose customers were recognised too early, or not when everything else was put in order."""
    wrong = Q(founded=True, awaits_ocr=True)
    if not Accession.objects.filter(case_id=case, closed=None).exists():
        wrong |= Q(founded=False, awaits_ocr=False)
    rows = all_of_case(Record, case).exclude(state=DESTROYED).filter(wrong)
    yield from rows.values_list("id", flat=True)


def check_epochs(archive: Archive, found: Verification) -> None:
    """Every key page is of the case's epoch, unless the epoch is being changed."""
    case = Case.objects.get(id=archive.case_id)
    if EpochChange.objects.filter(case=case, finished=None).exists():
        return
    if SealingAnew.objects.filter(case=case).exists():  # restored from between its two changes
        return
    astray = KeyPage.objects.filter(case=case).exclude(epoch=case.epoch)
    for page in astray.values_list("id", flat=True):
        found.add(ROWS_DISAGREE, page, name=f"keypage/{page}")
    if max(archive.epoch_keys, default=case.epoch) != case.epoch:
        found.add(ROWS_DISAGREE, archive.case_id, name=f"case/{archive.case_id}")


def check_keys(archive: Archive, found: Verification) -> None:
    """Every holder but records is in the page that it names."""
    case = archive.case_id
    holders: tuple[tuple[str, Any], ...] = (
        ("case", Case.objects.filter(id=case).values_list("id", "key_page", "id")),
        ("source", Source.objects.filter(case_id=case).values_list("id", "key_page", "id")),
        (
            "customer",
            Customer.objects.filter(case_id=case).exclude(key_page="").values_list("id", "key_page", "id"),
        ),
        (
            "segment",
            Segment.objects.filter(case_id=case).exclude(key_id="").values_list("id", "key_page", "key_id"),
        ),
        ("splittable", SplitTable.objects.filter(case_id=case).values_list("id", "key_page", "id")),
        (
            "rowset",
            RowSet.objects.filter(case_id=case).exclude(key_page="").values_list("id", "key_page", "id"),
        ),
        ("namelist", NameList.objects.filter(case_id=case).values_list("id", "key_page", "id")),
        ("keptcomparison", KeptComparison.objects.filter(case_id=case).values_list("id", "key_page", "id")),
        ("indexpart", IndexPart.objects.filter(case_id=case).values_list("id", "key_page", "file")),
        (
            "snapshot",
            Snapshot.objects.filter(case_id=case, dropped=None).values_list("id", "key_page", "id"),
        ),
    )
    for table, rows in holders:
        for one, page, holder in rows.iterator(chunk_size=2000):
            if key_in(archive, page, holder) is None:
                found.add(KEY_MISSING, str(one), name=f"{table}/{one}")


def key_in(archive: Archive, page: str, holder: str) -> bytes | None:
    """The holder's key, None when the ring does not have it where its row says."""
    try:
        return archive.key(page, holder)
    except (KedangError, KeyError, ObjectDoesNotExist):
        return None


def check_names(archive: Archive, found: Verification) -> None:
    """Every sealed name opens: of sources, customers, and of occurrences whose rows are not as they were written.

    The others stand under a MAC as they were sealed, by the key of their record, which opens its contents.
    """
    case, table = archive.case_id, "occurrence"
    altered = [one.subject for one in found.faults if one.code == ROW_ALTERED and one.name.startswith(table)]
    for occurrences in with_ids(Occurrence, altered):
        for occurrence in occurrences.select_related("record", "source").order_by("id"):
            _open_names(found, table, occurrence.id, partial(occurrence_names, archive, occurrence))
    for source in Source.objects.filter(case_id=case):
        _open_names(found, "source", source.id, partial(source_names, archive, source))
    customers = Customer.objects.filter(case_id=case).exclude(key_page="").order_by("id")
    for customer in customers.iterator(chunk_size=500):
        _open_names(found, "customer", customer.id, partial(customer_name, archive, customer))


def _open_names(found: Verification, table: str, one: str, read: Callable[[], object]) -> None:
    try:
        read()
    except (KedangError, KeyError, ObjectDoesNotExist):
        found.add(NAME_ALTERED, one, name=f"{table}/{one}")


def check_numbers(archive: Archive, found: Verification) -> None:
    """Reference codes follow their scheme, without gap or double."""
    codes = Record.objects.filter(case_id=archive.case_id).exclude(reference_code=None)
    # Sorted here: a database sorts by the rules of its language, in which signs may count for nothing.
    given = sorted(code for code in codes.values_list("reference_code", flat=True) if code)
    for fault in check_codes(given, scheme=shipped_scheme(), fonds=archive.case.fonds_code):
        found.add(NUMBER_FAULT, f"{given[fault.position]} {fault.kind}")


def altered_records(archive: Archive, rows: QuerySet[Record]) -> Iterator[StoredRecord | str]:
    """Every one of these records in the query's order, or the id of one whose row was edited or cannot be read."""
    told = 0
    try:
        for one in _compared(archive, rows):
            told += 1
            yield one
    except UNREADABLE:  # what cannot be read with others is told one by one
        for one_id in list(rows.values_list("id", flat=True))[told:]:
            try:
                yield from _compared(archive, Record.objects.filter(id=one_id))
            except UNREADABLE:
                yield one_id


def _compared(archive: Archive, rows: QuerySet[Record]) -> Iterator[StoredRecord | str]:
    names = (*MAC_COLUMNS, "mac")
    for read in read_columns(rows, names, json_as=json_in_mac):
        columns = dict(zip(names, read, strict=True))
        stored = map(StoredRecord, *(columns[name] for name in STORED_COLUMNS))
        for row, mac, expected in zip(stored, columns["mac"], macs_of(archive, columns), strict=True):
            yield row if mac == expected else row.id


def is_destroyed(row: StoredRecord) -> bool:
    """Whether the record's keys have ended."""
    return row.state == DESTROYED
