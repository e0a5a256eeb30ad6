"""Rows of what is destroyed: marked in the transaction that ends their keys, emptied after it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q

from kedang.holdings.actions.forgetting import forget_wholes
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.free_pages import clear_free_pages
from kedang.holdings.adapters.guarding import guarded, rewrite, segment_mac
from kedang.holdings.adapters.looking_up import in_batches, with_ids
from kedang.holdings.adapters.name_lists import drop_names_of_records
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.plain import RecordRow, read_records
from kedang.holdings.models import (
    ColumnMeaning,
    Correction,
    Customer,
    CustomerKey,
    DoomedKey,
    Judgement,
    KeptComparison,
    LearntModel,
    Link,
    MentionKey,
    NameList,
    Occurrence,
    Order,
    Ordered,
    Proposal,
    Question,
    Record,
    Resealed,
    Review,
    Segment,
)
from kedang.holdings.queries.destruction import DISSOLVED, GOING, RESTRICTED
from kedang.holdings.queries.dissolving import parts_of
from kedang.ledger.leaves import Event

MARK_BYTES = 32
ERASED_AT_ONCE = 2_000  # records in one transaction: intake beside it waits no longer than a second
EMPTIED = (
    "state",
    "fingerprint",
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
    "awaits_ocr",
    "record_date",
    "trigger_dates",
    "finding_counts",
    "indexed_part",
    "indexed_row",
    "sealed",
    "mentions_mac",
    "mac",
)
"""Columns of a record that a destruction empties. Number, class, period and commitment stay: they name nobody
and say that there was such a record."""


EMPTIED_PLACES = ("sealed", "place_fingerprint", "stat_fingerprint", "desk_fingerprint", "mac")
"""Columns of its occurrences that a destruction empties."""
EMPTIED_TABLES = (
    Record,
    Occurrence,
    Segment,
    MentionKey,
    Question,
    Link,
    Customer,
    CustomerKey,
    Resealed,
    DoomedKey,
    KeptComparison,
)
"""Tables in which a destruction deletes or empties rows."""


def close_ranges(archive: Archive, order: Order) -> None:
    """Ranges of living containers that go with the order have no key from its switch on."""
    dead = DoomedKey.objects.filter(change=order.change).values("holder")
    rows = Segment.objects.filter(case_id=archive.case_id, key_id__in=dead).exclude(key_id=F("record_id"))
    close(archive, sorted(rows.values_list("id", flat=True)))


def forget_names(archive: Archive, order: Order) -> None:
    """What is derived of many names and whose key ends with the order is gone; it is made again without the erased."""
    dead = DoomedKey.objects.filter(change=order.change).values("holder")
    NameList.objects.filter(case_id=archive.case_id, id__in=dead).delete()
    KeptComparison.objects.filter(case_id=archive.case_id).delete()


def close(archive: Archive, ranges: Sequence[int]) -> None:
    """These ranges have no key any more, in the caller's transaction."""
    for rows in with_ids(Segment, ranges):
        rewrite(archive, rows, key_id="", key_page="")


def mark_rows(archive: Archive, order: Order) -> list[Event]:
    """Set the states of everything that the order names; the event of each."""
    events: list[Event] = []
    listed = list(Ordered.objects.filter(order=order).order_by("id"))
    for some in in_batches([one for one in listed if one.kind == "record"]):
        rows = {
            row.id: row
            for found in with_ids(Record, [one.subject for one in some])
            for row in read_records(found)
        }
        for one in some:
            row = rows[one.subject]
            row.state = RESTRICTED if one.outcome == RESTRICTED else DESTROYED
            row.mac = mac_of(archive, row)
            events.append(_event(archive, order, one, row))
        update_rows(Record, list(rows.values()), ("state", "mac"))
    for one in listed:
        if one.kind == "customer":
            objects = (f"order:{order.id}", f"customer:{one.subject}")
            events.append(Event(archive.agent, "customer-erased", objects, {"epoch": order.change.to_epoch}))
    return events


def _event(archive: Archive, order: Order, one: Ordered, row: RecordRow) -> Event:
    objects = [f"order:{order.id}", f"record:{one.subject}"]
    if one.outcome == RESTRICTED:
        return Event(archive.agent, "restricted", (*objects, *(f"container:{c}" for c in one.containing)), {})
    facts: dict[str, str | int] = {"epoch": order.change.to_epoch, "ranges": one.ranges}
    if row.reference_code:
        facts["reference_code"] = row.reference_code
    if one.outcome == DISSOLVED:
        facts["parts"], facts["list"] = parts_of(archive.case_id, one.subject)
        return Event(archive.agent, "dissolved", objects, facts)
    return Event(archive.agent, "destroyed", objects, facts)


def empty_rows(archive: Archive, order: Order) -> None:
    """Take away what the rows of destroyed things still say; a batch in each transaction, as often as need be."""
    with transaction.atomic():
        Resealed.objects.filter(order=order).delete()
    listed = Ordered.objects.filter(order=order, outcome__in=GOING)
    records = sorted(listed.filter(kind="record").values_list("subject", flat=True))
    for start in range(0, len(records), ERASED_AT_ONCE):
        with transaction.atomic():
            empty_records(archive, records[start : start + ERASED_AT_ONCE])
    for customer in listed.filter(kind="customer").values_list("subject", flat=True):
        with transaction.atomic():
            empty_customer(archive, customer)
    forget_wholes(archive, now=archive.keyring.clock())
    clear_free_pages(EMPTIED_TABLES)


def empty_records(archive: Archive, ids: Sequence[str]) -> None:
    """Take away what the rows of these records still say, in the caller's transaction."""
    for some in in_batches(ids):
        _empty_records(archive, some)


def _empty_records(archive: Archive, ids: Sequence[str]) -> None:
    case = archive.case_id
    _make_holes(archive, ids)
    drop_names_of_records(archive, ids)
    Segment.objects.filter(case_id=case, record_id__in=ids).delete()
    Link.objects.filter(case_id=case, record_id__in=ids).delete()
    MentionKey.objects.filter(case_id=case, record_id__in=ids).delete()
    about = Q(first_id__in=ids) | Q(second_id__in=ids)
    Proposal.objects.filter(about, case_id=case).delete()
    Judgement.objects.filter(about, case_id=case).delete()
    Question.objects.filter(case_id=case, record_id__in=ids).delete()
    Correction.objects.filter(case_id=case, record_id__in=ids).delete()
    ColumnMeaning.objects.filter(case_id=case, record_id__in=ids).delete()
    Review.objects.filter(case_id=case, record_id__in=ids).delete()
    LearntModel.objects.filter(case_id=case).delete()  # it may have been learnt of them
    rows = list(read_records(Record.objects.filter(id__in=ids)))
    for row in rows:
        _empty(archive, row)
    update_rows(Record, rows, EMPTIED)
    places = list(Occurrence.objects.filter(case_id=case, record_id__in=ids))
    for place in places:
        place.sealed = b""
        place.place_fingerprint = archive.random_bytes(MARK_BYTES)
        place.stat_fingerprint = archive.random_bytes(MARK_BYTES)
        place.desk_fingerprint = b""
        guarded(archive, place)
    update_rows(Occurrence, places, EMPTIED_PLACES)


def _empty(archive: Archive, row: RecordRow) -> None:
    row.fingerprint = archive.random_bytes(MARK_BYTES)  # unique, and of nothing
    row.key_page = row.content_pack = row.derived_pack = ""
    row.content_offset = row.content_length = row.derived_offset = row.derived_length = row.segments = 0
    row.mentions_offset = row.mentions_length = 0
    row.awaits_ocr = False
    row.record_date = None
    row.trigger_dates, row.finding_counts = {}, {}
    row.indexed_part = row.indexed_row = None
    row.sealed = row.mentions_mac = b""
    row.mac = mac_of(archive, row)


def _make_holes(archive: Archive, ids: Sequence[str]) -> None:
    """Ranges of living containers that held one of the records have no key any more."""
    case = archive.case_id
    holes = list(Segment.objects.filter(case_id=case, owner_id__in=ids).exclude(record_id__in=ids))
    for hole in holes:
        hole.key_id = hole.key_page = ""
        hole.mac = segment_mac(archive, hole)
    update_rows(Segment, holes, ("key_id", "key_page", "mac"))


def empty_customer(archive: Archive, customer: str) -> None:
    """Take away what is known of a customer, in the caller's transaction."""
    case = archive.case_id
    CustomerKey.objects.filter(case_id=case, customer_id=customer).delete()
    Link.objects.filter(case_id=case, customer_id=customer).delete()
    Judgement.objects.filter(Q(customer=customer) | Q(other=customer), case_id=case).delete()
    rewrite(
        archive, Customer.objects.filter(case_id=case, id=customer), key_page="", sealed=b"", keys_mac=b""
    )
