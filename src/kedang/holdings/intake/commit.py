"""One commit of an intake: a durable pack, a durable key page, then one transaction.

Order, so that a crash at any instant loses nothing and leaves nothing half there:

1. the pack's row is committed before its object is written (its lease lets others leave it alone);
2. blobs are sealed into the pack; the pack is closed and durable;
3. the new keys are sealed into pages of the ring, durable;
4. one transaction writes records, occurrences, questions, mentions and ledger leaves.

A crash before 4 leaves an unreferenced pack and page, which `verify` finds and reclaims.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import (
    guard_all,
    guarded,
    require_as_written,
    rewrite,
    segment_mac,
)
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.record_columns import guard_records
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.plain import MentionRow, OccurrenceRow, QuestionRow, RecordRow, SegmentRow
from kedang.holdings.models import (
    MentionKey,
    Occurrence,
    Pack,
    Question,
    Record,
    Segment,
)
from kedang.ledger.leaves import Event
from kedang.records.ids import PackId

LOOKUP = 400  # ranges looked up in one query
LEASE = timedelta(hours=24)  # longer than any pack stays open; design 6 reclaims after 24 h


@dataclass(slots=True)
class Rows:
    """What one transaction writes, in the order it was received."""

    records: list[RecordRow] = field(default_factory=list)
    occurrences: list[OccurrenceRow] = field(default_factory=list)
    segments: list[SegmentRow] = field(default_factory=list)
    questions: list[QuestionRow] = field(default_factory=list)
    mentions: list[MentionRow] = field(default_factory=list)
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
    row = Pack(id=pack_id, case_id=archive.case_id, state="writing", lease_until=now + LEASE)
    guarded(archive, row).save(force_insert=True)
    return pack_id


def commit(
    archive: Archive,
    rows: Rows,
    *,
    pack: tuple[PackId, int, int] | None,
    pages: NewPages,
    now: datetime,
    moving: bool = True,
) -> bool:
    """Write everything in one transaction; `pack` is (id, bytes, blobs) of the durable pack.

    Unless keys may move to another epoch, nothing is written when they would have to; False then.
    """
    guard_records(archive, rows.records)
    guard_all(archive, Occurrence, rows.occurrences)
    guard_all(archive, Segment, rows.segments)
    with transaction.atomic():
        if not archive.keep_pages(pages, moving=moving):
            return False
        if pack is not None:
            row = Pack.objects.filter(id=pack[0])
            rewrite(archive, row, state="kept", size_bytes=pack[1], blobs=pack[2])
        _replace(archive, rows)
        insert_rows(Record, rows.records)
        insert_rows(Occurrence, rows.occurrences)
        insert_rows(Segment, rows.segments)
        insert_rows(Question, rows.questions)
        insert_rows(MentionKey, rows.mentions)
        _update(archive, rows)
        book.write(archive.case_id, rows.events, now=now)
    return True


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
        rewrite(archive, _occurrences([occurrence]), cursor=cursor)
    rewrite(archive, _occurrences(rows.finished), state="kept")
    for occurrence, stat in rows.touched.items():
        rewrite(archive, _occurrences([occurrence]), stat_fingerprint=stat)
    rewrite(archive, _occurrences(rows.superseded), current=False)
    _own(archive, rows.owners)
    if rows.reread:
        update_rows(Record, rows.reread, REREAD_FIELDS)


def _occurrences(ids: Sequence[str]) -> Iterator[Occurrence]:
    for rows in with_ids(Occurrence, ids):
        yield from rows


def _own(archive: Archive, owners: Sequence[tuple[str, str, str]]) -> None:
    """Note the record that each range's member has become."""
    by_container: dict[str, dict[str, str]] = {}
    for container, path, owner in owners:
        by_container.setdefault(container, {})[path] = owner
    for container, owner_of in by_container.items():
        paths = list(owner_of)
        for start in range(0, len(paths), LOOKUP):
            some = paths[start : start + LOOKUP]
            found = Segment.objects.filter(case_id=archive.case_id, record_id=container, member_path__in=some)
            segments = list(found)
            for segment in segments:
                require_as_written(segment_mac, archive, segment)
                segment.owner_id = owner_of[segment.member_path]
                segment.mac = segment_mac(archive, segment)
            update_rows(Segment, segments, ("owner", "mac"))


REREAD_FIELDS = (
    "derived_pack",
    "derived_offset",
    "derived_length",
    "mentions_offset",
    "mentions_length",
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
    "mentions_mac",
    "mac",
)
