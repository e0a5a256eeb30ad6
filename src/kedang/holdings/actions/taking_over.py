"""What is left of a record takes the record's place, in the transaction that ends its old key.

At that instant every key still lies where it was: names that were sealed under the old key, those that arrived
since the order among them, are sealed again under the new one. From the switch on the new key has the record's
name in the page that was made for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Q

from kedang.holdings.actions import retiring
from kedang.holdings.actions.parts import Texts
from kedang.holdings.actions.resealing import COLUMN, Piece
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import key_of
from kedang.holdings.adapters.decisions import without_words
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.name_lists import drop_names
from kedang.holdings.adapters.record_columns import RECORD_SEALED, mac_of
from kedang.holdings.intake.decided import describe_again, still_asked
from kedang.holdings.intake.indexing import texts_of
from kedang.holdings.intake.plain import IndexedRow, MentionRow
from kedang.holdings.intake.rows import (
    OCCURRENCE_SEALED,
    mention_rows,
    question_rows,
    questions_raised,
    title_and_salt,
)
from kedang.holdings.models import (
    CustomerKey,
    Judgement,
    Link,
    MentionKey,
    Occurrence,
    Order,
    Ordered,
    Proposal,
    Question,
    Record,
    Resealed,
    Segment,
)
from kedang.holdings.queries.destruction import RESTRICTED
from kedang.ledger.leaves import Event
from kedang.pipeline.messages import Summary

MARK_BYTES = 32


def texts_after(archive: Archive, order: Order) -> Texts:
    """What is searched of a record from the switch on: of some, what is left."""
    rests = {row.record_id: row for row in Resealed.objects.filter(order=order)}

    def texts(record: IndexedRow) -> tuple[str, ...]:
        row = rests.get(record.id)
        if row is None:
            return texts_of(archive, record)
        key, said = _said(archive, row)
        record.derived_pack = row.pack
        record.derived_offset, record.derived_length = said["derived"]
        record.sealed = archive.seal(key, record.id, RECORD_SEALED, _title(said))
        return texts_of(archive, record, key)

    return texts


def _title(said: dict[str, Any]) -> dict[str, Any]:
    return title_and_salt(said["title"], said["salt"], said["ranges"])


def take_over(archive: Archive, order: Order, *, now: datetime) -> list[Event]:
    """Give every record of the order that loses rows what is left of it; the events of it."""
    events: list[Event] = []
    for row in Resealed.objects.filter(order=order).select_related("record").order_by("record_id"):
        key, said = _said(archive, row)
        record = row.record
        old_key = key_of(archive, record)
        _seal_names(archive, record, old_key, key)
        without_words(archive, record, old_key, key)
        point(archive, record, Sealed(row.pack, row.heir_page, key, said))
        if said.get("retired"):
            events.append(retiring.take_over(archive, order, row))
            continue
        mentions = describe_rest(archive, record, said)
        events += ask_about_rest(archive, record, said, now=now)
        unlinked = _unlink(archive, record, mentions)
        record.mac = mac_of(archive, record)
        record.save()
        events.append(_event(archive, order, row, said, unlinked))
    events += _restricted(archive, order)
    return events


def _said(archive: Archive, row: Resealed) -> tuple[bytes, dict[str, Any]]:
    key = archive.key(row.heir_page, row.heir)
    return key, archive.open(key, row.record_id, COLUMN, row.sealed)


def _seal_names(archive: Archive, record: Record, old_key: bytes, key: bytes) -> None:
    for place in Occurrence.objects.filter(case_id=archive.case_id, record=record):
        said = archive.open(old_key, place.id, OCCURRENCE_SEALED, place.sealed)
        rewrite(archive, [place], sealed=archive.seal(key, place.id, OCCURRENCE_SEALED, said))


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is left of a record: where it lies, its key and the page of it, and what it says of itself."""

    pack: str
    page: str
    key: bytes = field(repr=False)
    said: dict[str, Any] = field(repr=False)


def point(archive: Archive, record: Record, rest: Sealed) -> None:
    """The row's pointers, and its ranges with the holes between them."""
    said = rest.said
    pieces = msgspec.convert(said["pieces"], tuple[Piece, ...])
    Segment.objects.filter(case_id=archive.case_id, record=record).delete()
    for ordinal, piece in enumerate(pieces):
        segment = Segment(
            case_id=archive.case_id,
            record=record,
            ordinal=ordinal,
            member_path="",
            key_id=record.id if piece.length else "",
            key_page=rest.page if piece.length else "",
            pack=rest.pack,
            offset=piece.offset,
            length=piece.length,
        )
        guarded(archive, segment).save(force_insert=True)
    record.key_page = rest.page
    record.segments = len(pieces)
    record.content_pack, record.content_offset, record.content_length = "", 0, 0
    record.derived_pack = rest.pack
    record.derived_offset, record.derived_length = said["derived"]
    record.mentions_offset, record.mentions_length = said["mentions"]
    record.fingerprint = archive.random_bytes(
        MARK_BYTES
    )  # of the whole it would tell whether a row was guessed
    record.sealed = archive.seal(rest.key, record.id, RECORD_SEALED, _title(said))


def describe_rest(archive: Archive, record: Record, said: dict[str, Any]) -> list[MentionRow]:
    """What was read of the rest: class, findings, and whom it mentions, which is given back."""
    summary = msgspec.convert(said["summary"], Summary)
    describe_again(archive, record, summary)
    MentionKey.objects.filter(case_id=archive.case_id, record=record).delete()
    record.mentions_mac = b""
    mentions = mention_rows(archive, record, summary)
    insert_rows(MentionKey, mentions)
    return mentions


def ask_about_rest(archive: Archive, record: Record, said: dict[str, Any], *, now: datetime) -> list[Event]:
    """The questions about the rest take the place of those that nobody has answered."""
    problems = msgspec.convert(said["summary"], Summary).problems
    Question.objects.filter(case_id=archive.case_id, record=record, state="open").delete()
    questions = question_rows(archive, record.id, still_asked(archive, record, problems), now=now)
    insert_rows(Question, questions)
    return questions_raised(archive, questions)


def _unlink(archive: Archive, record: Record, mentions: Iterable[MentionRow]) -> list[str]:
    """Take away links to customers none of whose keys the record has any more."""
    case = archive.case_id
    left = {(row.kind, bytes(row.fingerprint)) for row in mentions}
    gone = []
    for link in Link.objects.filter(case_id=case, record=record).order_by("customer_id"):
        keys = CustomerKey.objects.filter(case_id=case, customer_id=link.customer_id)
        if not any((kind, bytes(mark)) in left for kind, mark in keys.values_list("kind", "fingerprint")):
            gone.append(link.customer_id)
            link.delete()
    drop_names(archive, gone)
    forget_places(archive, record)
    return gone


def forget_places(archive: Archive, record: Record) -> None:
    """Mentions have other places now: what was said of places is not true any more, and its key has ended."""
    case, about = archive.case_id, Q(first=record) | Q(second=record)
    rewrite(archive, Link.objects.filter(case_id=case, record=record).exclude(sealed=b""), sealed=b"")
    Proposal.objects.filter(about, case_id=case).delete()
    rewrite(archive, Judgement.objects.filter(about, case_id=case).exclude(sealed=b""), sealed=b"")


def _event(
    archive: Archive, order: Order, row: Resealed, said: dict[str, Any], unlinked: Iterable[str]
) -> Event:
    listed = Ordered.objects.get(order=order, kind="rows", subject=row.record_id)
    facts: dict[str, str | int] = {
        "epoch": order.change.to_epoch,
        "rows": len(listed.rows),
        "ranges": listed.ranges,
        "content": said["content"],
    }
    if row.record.reference_code:
        facts["reference_code"] = row.record.reference_code
    customers = (f"customer:{one}" for one in unlinked)
    objects = (f"order:{order.id}", f"record:{row.record_id}", *customers)
    return Event(archive.agent, "rows-destroyed", objects, facts)


def _restricted(archive: Archive, order: Order) -> list[Event]:
    """Rows that cannot go: a containing record keeps them, or the workbook itself. It stays as it is: others'
    rows are in it."""
    kinds = ("rows", "cells", "table")
    listed = Ordered.objects.filter(order=order, kind__in=kinds, outcome=RESTRICTED).order_by("id")
    return [
        Event(
            archive.agent,
            "restricted",
            (
                f"order:{order.id}",
                f"record:{one.subject}",
                *(f"container:{container}" for container in one.containing),
            ),
            {"rows": len(one.rows)},
        )
        for one in listed
    ]
