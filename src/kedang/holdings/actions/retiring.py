"""The original of a table retired 原件退役: its rows live on in row sets, and nothing else of it but a description.

It goes the way of a record that loses rows (`resealing`, `taking_over`): a new key takes the place of the old one at
the switch, what was the content is one hole, and what is derived says headers only. Row sets of customers that an
order names end at the same instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from django.db.models import Q

from kedang.holdings.actions.resealing import Rest, seal_rest
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, derived_payload, key_of
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.record_columns import RECORD_SEALED, mac_of
from kedang.holdings.models import (
    DoomedKey,
    Judgement,
    Link,
    MentionKey,
    Order,
    Ordered,
    Proposal,
    Record,
    Resealed,
    RowChunk,
    RowSet,
    SplitTable,
)
from kedang.holdings.queries.destruction import RETIRED, PlannedDestruction
from kedang.holdings.queries.row_owners import heads_of
from kedang.holdings.queries.row_sets import REPLACED, Outline, outline_of, require_split
from kedang.ledger.leaves import Event
from kedang.pipeline.derived import Derived, encode
from kedang.pipeline.messages import Examined, Summary
from kedang.records.content import (
    Appraisal,
    Extraction,
    Problem,
    Reason,
    RecordClass,
    Sensitivity,
    TextSource,
)
from kedang.records.ids import CaseId, PackId
from kedang.vault.pack import pack_name

LIST_VERSION = 1


class _Class(msgspec.Struct):
    """What was concluded of a record, without what was found in its text."""

    record_class: RecordClass
    class_confidence: float
    reasons: tuple[Reason, ...]
    accounting: bool
    accounting_kind: str | None
    sensitivity: Sensitivity
    title: str
    problems: tuple[Problem, ...] = ()


class _Concluded(msgspec.Struct):
    appraisal: _Class | None


_CONCLUDED = msgspec.json.Decoder(_Concluded)
_ENCODER = msgspec.json.Encoder()


def rests_of(archive: Archive, plan: PlannedDestruction, *, now: datetime) -> tuple[Rest, ...]:
    """What is left of every table that is retired, durable; nothing refers to it yet."""
    going = [one.record_id for one in plan.retired if one.outcome == RETIRED]
    return tuple(
        _rest(archive, record, now=now) for rows in with_ids(Record, going) for record in rows.order_by("id")
    )


def _rest(archive: Archive, record: Record, *, now: datetime) -> Rest:
    split = require_split(archive, record)
    heads, outline = heads_of(archive, record).derived, outline_of(archive, split)
    text = "".join(f"{line}\n" for line in _lines(outline))
    extraction = Extraction(text=text, text_source=TextSource.EMBEDDED if text else TextSource.NONE)
    concluded = _CONCLUDED.decode(derived_payload(archive, record)).appraisal
    derived = encode(
        Derived(
            heads.version, heads.name, heads.folders, "", heads.size_bytes, heads.format,
            extraction, _appraisal(concluded),
        )
    )  # fmt: skip
    title = archive.open(key_of(archive, record), record.id, RECORD_SEALED, record.sealed)["title"]
    rest = Examined(1, sha256=sha256().digest(), derived=derived, summary=_summary(record, title))
    listed = _ENCODER.encode(list_of_sets(archive, split))
    hole = iter([(None, heads.size_bytes)])
    return seal_rest(archive, record, rest, hole, now=now, row_sets=listed)


def _lines(outline: Outline) -> Iterator[str]:
    """Names of sheets and headers: what may still be searched."""
    for sheet in outline.sheets:
        if sheet.name:
            yield sheet.name
        if sheet.headers:
            yield "\t".join(" ".join(one.split()) for one in sheet.headers)


def _appraisal(found: _Class | None) -> Appraisal | None:
    if found is None:
        return None
    return Appraisal(
        record_class=found.record_class,
        class_confidence=found.class_confidence,
        reasons=found.reasons,
        accounting=found.accounting,
        accounting_kind=found.accounting_kind,
        sensitivity=found.sensitivity,
        title=found.title,
        record_date=None,
        findings=(),
        facts=(),
        problems=found.problems,
    )


def _summary(record: Record, title: str) -> Summary:
    """The record's row as it is, for a restore from before the switch."""
    return Summary(
        record_class=record.record_class,
        class_permille=record.class_permille,
        accounting=record.accounting,
        accounting_kind=record.accounting_kind,
        sensitivity=record.sensitivity,
        record_date=record.record_date.isoformat() if record.record_date else "",
        title=title,
        text_source=record.text_source,
        pages=record.pages,
        awaits_ocr=False,
        trigger_dates=record.trigger_dates,
        finding_counts=record.finding_counts,
        problems=(),
        mentions=(),
    )


def list_of_sets(archive: Archive, split: SplitTable) -> dict[str, Any]:
    """All row sets of a table as they are, for a restore from a snapshot that does not know them."""
    rows = RowSet.objects.filter(case_id=archive.case_id, split=split, replaced=False).order_by("id")
    values = rows.values_list("id", "table", "customer_id", "rows", "key_page").iterator(chunk_size=2000)
    names = ("tables", "rows", "owned", "turns", "pack", "offset", "length")
    about = {name: getattr(split, name) for name in names}
    return {
        "version": LIST_VERSION,
        "split": {"id": split.id, **about, "made": split.made},
        "sets": [[one, table, customer, count, bool(page)] for one, table, customer, count, page in values],
    }


def listed(archive: Archive, plan: PlannedDestruction, order: Order) -> Iterator[Ordered]:
    """What the order says of tables that are retired and of row sets that end."""
    for table in plan.retired:
        yield Ordered(
            case_id=archive.case_id,
            order=order,
            kind="table",
            subject=table.record_id,
            ranges=len(table.ranges),
            outcome=table.outcome,
            containing=list(table.containing),
        )
    for one in plan.row_sets:
        yield Ordered(
            case_id=archive.case_id,
            order=order,
            kind="rowset",
            subject=one.row_set,
            rows=[one.rows, int(one.retired)],
            outcome=DESTROYED if one.retired else RESTRICTED_SET,
            containing=[one.record_id, one.customer],
        )


RESTRICTED_SET = "ended"
"""Outcome of a row set whose rows still stand in an original: what becomes of them is said of its record."""


def close_sets(archive: Archive, order: Order) -> None:
    """Row sets whose keys end with the order hold nothing from its switch on; of customers' sets the count stays.

    The set of a customer stays as a row without a key: so many rows of the original are in no set any more.
    """
    case = archive.case_id
    dead = DoomedKey.objects.filter(change=order.change).values("holder")
    ended = Ordered.objects.filter(order=order, kind="rowset").values("subject")
    splits = list(SplitTable.objects.filter(case_id=case, id__in=dead).values_list("id", flat=True))
    drop_splits(case, splits)
    sets = RowSet.objects.filter(case_id=case, id__in=dead)
    RowChunk.objects.filter(case_id=case, row_set__in=sets).delete()
    rewrite(archive, list(sets.filter(id__in=ended)), key_page="", customer=None)
    sets.exclude(id__in=ended).delete()


def drop_splits(case: CaseId, splits: list[str]) -> None:
    """Everything about these split tables, in the caller's transaction."""
    RowChunk.objects.filter(case_id=case, split_id__in=splits).delete()
    RowSet.objects.filter(case_id=case, split_id__in=splits).delete()
    SplitTable.objects.filter(case_id=case, id__in=splits).delete()


def withhold_sets(archive: Archive, has_key: Callable[[str], bool]) -> None:
    """Row sets whose key is in the ring no more, after a restore of rows from before it ended."""
    case = archive.case_id
    splits = SplitTable.objects.filter(case_id=case).order_by("id").values_list("id", flat=True)
    drop_splits(case, [one for one in splits if not has_key(one)])
    sets = RowSet.objects.filter(case_id=case).exclude(key_page="").order_by("id")
    dead = [one for one in sets.values_list("id", flat=True).iterator(chunk_size=2000) if not has_key(one)]
    for rows in with_ids(RowSet, dead):
        RowChunk.objects.filter(case_id=case, row_set__in=rows).delete()
        rewrite(archive, list(rows), key_page="", customer=None)


def events_of_sets(archive: Archive, order: Order) -> list[Event]:
    """The event of each row set of a customer that ends."""
    rows = Ordered.objects.filter(order=order, kind="rowset").order_by("id")
    return [
        Event(
            archive.agent,
            "row-set-destroyed",
            (f"order:{order.id}", f"record:{one.containing[0]}", f"customer:{one.containing[1]}"),
            {"epoch": order.change.to_epoch, "rows": one.rows[0], "retired": bool(one.rows[1])},
        )
        for one in rows
    ]


def packs_of(order: Order) -> list[str]:
    """The objects that hold the row sets of tables that are retired: every copy has them before the originals go."""
    tables = Ordered.objects.filter(order=order, kind="table", outcome=RETIRED).values("subject")
    splits = SplitTable.objects.filter(case_id=order.case_id, record__in=tables).exclude(state=REPLACED)
    chunks = RowChunk.objects.filter(case_id=order.case_id, split__in=splits)
    packs = {*splits.values_list("pack", flat=True), *chunks.values_list("pack", flat=True).distinct()}
    return [pack_name(PackId(one)) for one in sorted(packs)]


def take_over(archive: Archive, order: Order, row: Resealed) -> Event:
    """The record lives on without its original, in the transaction of the switch; its pointers are set."""
    case, record = archive.case_id, row.record
    MentionKey.objects.filter(case_id=case, record=record).delete()
    links = Link.objects.filter(case_id=case, record=record).exclude(sealed=b"")
    rewrite(archive, list(links), sealed=b"")  # of mentions that are no more; the ties stay
    about = Q(first=record) | Q(second=record)
    Proposal.objects.filter(about, case_id=case).delete()
    rewrite(archive, list(Judgement.objects.filter(about, case_id=case).exclude(sealed=b"")), sealed=b"")
    record.mentions_mac = b""
    record.mac = mac_of(archive, record)
    record.save()
    split = require_split(archive, record)
    rewrite(archive, [split], state=RETIRED)
    return _event(archive, order, record, split)


def _event(archive: Archive, order: Order, record: Record, split: SplitTable) -> Event:
    sets = RowSet.objects.filter(case_id=archive.case_id, split=split, replaced=False).exclude(key_page="")
    digest = sha256()
    count = rows = 0
    for one, some in sets.order_by("id").values_list("id", "rows").iterator(chunk_size=2000):
        digest.update(f"{one}\n".encode())
        count, rows = count + 1, rows + some
    listed = Ordered.objects.get(order=order, kind="table", subject=record.id)
    facts: dict[str, str | int] = {
        "epoch": order.change.to_epoch,
        "sets": count,
        "rows": rows,
        "list": digest.hexdigest(),
        "ranges": listed.ranges,
    }
    if record.reference_code:
        facts["reference_code"] = record.reference_code
    return Event(archive.agent, "table-retired", (f"order:{order.id}", f"record:{record.id}"), facts)
