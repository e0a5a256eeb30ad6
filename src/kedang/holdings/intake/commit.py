"""One commit of an intake: a durable pack, a durable key page, then one transaction.

Order, so that a crash at any instant loses nothing and leaves nothing half there:

1. the pack's row is committed before its object is written (its lease lets others leave it alone);
2. blobs are sealed into the pack; the pack is closed and durable;
3. the new keys are sealed into pages of the ring, durable;
4. one transaction writes records, occurrences, questions, mentions and ledger leaves.

A crash before 4 leaves an unreferenced pack and page, which `verify` finds and reclaims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.errors import EpochChanged
from kedang.holdings.models import (
    Case,
    KeyPage,
    MentionKey,
    Occurrence,
    Pack,
    Question,
    Record,
    Segment,
)
from kedang.ledger.leaves import Event
from kedang.records.ids import PackId

LEASE = timedelta(hours=24)  # longer than any pack stays open; design 6 reclaims after 24 h


@dataclass(slots=True)
class Rows:
    """What one transaction writes, in the order it was received."""

    records: list[Record] = field(default_factory=list)
    occurrences: list[Occurrence] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    mentions: list[MentionKey] = field(default_factory=list)
    earlier_orders: dict[str, bytes] = field(default_factory=dict)
    """Records whose first occurrence turned out to stand earlier."""
    cursors: dict[str, int] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)
    """Containers whose members are all here."""
    superseded: list[str] = field(default_factory=list)
    touched: dict[str, bytes] = field(default_factory=dict)
    """Occurrences whose file has another date or inode now, but the same bytes."""
    owners: list[tuple[str, str, str]] = field(default_factory=list)
    """(container record, member path, owning record) of ranges that have found their member."""
    reread: list[Record] = field(default_factory=list)
    """Records with new derived parts."""
    answered: list[str] = field(default_factory=list)
    """Records whose machine-made questions and mentions are replaced."""
    events: list[Event] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.records) + len(self.occurrences) + len(self.reread)

    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (len(self) or self.cursors or self.finished or self.touched or self.events)


def reserve_pack(archive: Archive, *, now: datetime) -> PackId:
    """The id of a new pack whose row is committed."""
    pack_id = PackId(archive.new_id())
    Pack.objects.create(id=pack_id, case_id=archive.case_id, state="writing", lease_until=now + LEASE)
    return pack_id


def commit(
    archive: Archive,
    rows: Rows,
    *,
    pack: tuple[PackId, int, int] | None,
    pages: Sequence[KeyPage],
    now: datetime,
) -> None:
    """Write everything in one transaction; `pack` is (id, bytes, blobs) of the durable pack."""
    with transaction.atomic():
        _check_epoch(archive)
        KeyPage.objects.bulk_create(pages)
        if pack is not None:
            Pack.objects.filter(id=pack[0]).update(state="kept", size_bytes=pack[1], blobs=pack[2])
        _replace(archive, rows)
        for batch in (rows.records, rows.occurrences, rows.segments, rows.questions, rows.mentions):
            insert_rows(batch)
        _update(archive, rows)
        book.write(archive.case_id, rows.events, now=now)


def _check_epoch(archive: Archive) -> None:
    """Keys sealed under an epoch that has gone would be lost; the row lock keeps it from going now."""
    if Case.objects.select_for_update().get(id=archive.case_id).epoch != archive.epoch:
        raise EpochChanged(held=archive.epoch)


def _replace(archive: Archive, rows: Rows) -> None:
    """Take away what an earlier examination asked and mentioned; people's answers stay."""
    if rows.answered:
        case = archive.case_id
        Question.objects.filter(case_id=case, record_id__in=rows.answered, state="open").delete()
        MentionKey.objects.filter(case_id=case, record_id__in=rows.answered).delete()


def _update(archive: Archive, rows: Rows) -> None:
    case = archive.case_id
    for record, order_key in rows.earlier_orders.items():
        Record.objects.filter(case_id=case, id=record, first_order__gt=order_key).update(
            first_order=order_key
        )
    for occurrence, cursor in rows.cursors.items():
        Occurrence.objects.filter(case_id=case, id=occurrence).update(cursor=cursor)
    if rows.finished:
        Occurrence.objects.filter(case_id=case, id__in=rows.finished).update(state="kept")
    for occurrence, stat in rows.touched.items():
        Occurrence.objects.filter(case_id=case, id=occurrence).update(stat_fingerprint=stat)
    if rows.superseded:
        Occurrence.objects.filter(case_id=case, id__in=rows.superseded).update(current=False)
    for container, path, owner in rows.owners:
        Segment.objects.filter(case_id=case, record_id=container, member_path=path).update(owner_id=owner)
    if rows.reread:
        update_rows(rows.reread, REREAD_FIELDS)


REREAD_FIELDS = (
    "derived_pack",
    "derived_offset",
    "derived_length",
    "pages",
    "text_source",
    "awaits_ocr",
    "record_class",
    "class_permille",
    "accounting",
    "accounting_kind",
    "sensitivity",
    "record_date",
    "trigger_dates",
    "finding_counts",
    "sealed",
    "mac",
)
