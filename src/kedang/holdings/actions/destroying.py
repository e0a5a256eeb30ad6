"""Destruction 销毁: an order's keys end with an epoch, everywhere at once; then its rows are emptied.

The order is decided elsewhere; here it is carried out. `order_destruction` writes the intent in one
transaction. `carry_out` takes it to its end from wherever it stands, as often as it is interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from kedang.holdings.actions import erasing, parts, resealing, retiring, taking_over
from kedang.holdings.actions.epochs import (
    Change,
    Doomed,
    Perform,
    begin_change,
    carry_through,
    plainly,
    require_places,
)
from kedang.holdings.actions.keyplacing import given_up_behind, places_behind
from kedang.holdings.actions.laying_leaves import lay_leaves
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.copies import CopyStore, open_copies
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.looking_up import in_batches, with_ids
from kedang.holdings.adapters.name_lists import lists_of
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.errors import OrderStale
from kedang.holdings.models import (
    Customer,
    EpochChange,
    IndexPart,
    KeptComparison,
    Order,
    Ordered,
    Record,
    Segment,
)
from kedang.holdings.queries.clock import require_clock
from kedang.holdings.queries.copies import older_copies
from kedang.holdings.queries.destruction import (
    DISSOLVED,
    GOING,
    LIMITS,
    RESTRICTED,
    RETIRED,
    PlannedDestruction,
    Targets,
    plan_destruction,
)
from kedang.holdings.queries.row_set_targets import doomed_sets
from kedang.ledger.commitments import commit
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError

SALT_BYTES = 32
LISTED = ("record", "rows", "cells", "table", "rowset")
"""Kinds of what an order names, customers left out."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What people have seen and decided on."""

    digest: str
    """Of the list, as `plan_destruction` gave it."""
    reason: str = field(repr=False)
    name_model: bool = True
    """Whether names are found with a model in what is left of a record."""


def order_destruction(
    archive: Archive, targets: Targets, reviewed: Reviewed, *, clock: Callable[[], datetime]
) -> Order:
    """The intent, in one transaction; nothing is destroyed yet.

    Raises:
        OrderStale: the list is not the one that was reviewed.
        ClockDoubtful: the ledger, or a time-stamp, speaks against the clock.
        TooFewPlaces: no registered copy is reached that could hold the new keys too.
        EpochChangeUnderway: another change of the keys has not ended.
        RowsUnclear, ParsingFailed: what is left of a record without some rows cannot be had.
    """
    now = clock()
    require_clock(archive, now=now)
    require_places(archive, list(open_copies(archive)))
    rests = _rests(archive, targets, reviewed, now=now)
    with transaction.atomic():
        plan = _as_reviewed(archive, targets, reviewed)
        touched = _touched_parts(archive, plan)
        heirs = archive.write_pages({rest.heir: rest.key for rest in rests})
        archive.keep_pages(heirs)
        doomed = [*_doomed(archive, plan, touched), *resealing.doomed(rests, heirs)]
        change = begin_change(archive, purpose="destroy", doomed=doomed, now=now)
        parts.begin_parts(archive, change, touched)
        order, salt = _new_order(archive, plan, change, reviewed.reason, now=now)
        guarded(archive, order).save(force_insert=True)
        resealing.note(archive, order, rests, heirs)
        insert_rows(Ordered, [guarded(archive, one) for one in _listed(archive, plan, order)])
        book.write(archive.case_id, _ordered_events(archive, plan, order, reviewed.reason, salt), now=now)
    return order


def _rests(
    archive: Archive, targets: Targets, reviewed: Reviewed, *, now: datetime
) -> tuple[resealing.Rest, ...]:
    """What is left of records that lose rows or are retired: only named rows, tables and customers lead to any."""
    if not targets.rows and not targets.customers and not targets.retired:
        return ()
    plan = _as_reviewed(archive, targets, reviewed)
    left = resealing.reseal(archive, plan, now=now, name_model=reviewed.name_model)
    return (*left, *retiring.rests_of(archive, plan, now=now))


def _as_reviewed(archive: Archive, targets: Targets, reviewed: Reviewed) -> PlannedDestruction:
    """The list as it is now.

    Raises:
        OrderStale: it is not the one that was reviewed.
    """
    plan = plan_destruction(archive, targets)
    if plan.digest != reviewed.digest:
        raise OrderStale()
    return plan


def _new_order(
    archive: Archive, plan: PlannedDestruction, change: EpochChange, reason: str, *, now: datetime
) -> tuple[Order, bytes]:
    """The row of an order, not saved, and the salt of its reason."""
    salt, order_id = archive.random_bytes(SALT_BYTES), archive.new_id()
    said = {"reason": reason, "salt": salt.hex()}
    order = Order(
        id=order_id,
        case_id=archive.case_id,
        state="ordered",
        list_digest=bytes.fromhex(plan.digest),
        ledger_size=plan.ledger_size,
        decided=now,
        agent_id=archive.agent,
        change=change,
        sealed=archive.seal(archive.case_key(), order_id, "order.sealed", said),
    )
    return order, salt


def carry_out(
    archive: Archive,
    order: Order,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    perform: Perform = plainly,
    copies: Sequence[CopyStore] | None = None,
) -> dict[str, Any]:
    """The order's outcome, which says what could not be reached."""
    listed = Ordered.objects.filter(order=order)
    dead = set(listed.filter(kind="record", outcome__in=GOING).values_list("subject", flat=True))
    change = Change(
        archive=archive,
        row=order.change,
        copies=list(open_copies(archive)) if copies is None else copies,
        clock=clock,
        progress=progress,
        swap=lambda: _switch_rows(archive, order, dead, now=clock()),
        perform=perform,
        beside=[*resealing.packs_of(order), *retiring.packs_of(order)],
    )
    if not order.change.step:
        texts = taking_over.texts_after(archive, order)
        perform("words", lambda: parts.make_parts(archive, order.change, dead, texts, progress=progress))
    if order.change.finished is None:
        carry_through(change)
    perform("rows", lambda: erasing.empty_rows(archive, order))
    perform("files", lambda: parts.end_parts(archive, order.change))
    perform("outcome", lambda: _complete(archive, order, now=clock()))
    perform("leaves", lambda: _tell_copies(archive, change.copies, now=clock()))
    order.refresh_from_db()
    outcome: dict[str, Any] = order.outcome
    return outcome


def _tell_copies(archive: Archive, copies: Sequence[CopyStore], *, now: datetime) -> None:
    """The signed head, and the leaves up to it in every copy that is reached: a restore finds them there."""
    sign_head(archive, now=now)
    for copy in copies:
        with suppress(KedangError):  # outstanding as its key pages are; the next backup brings them
            lay_leaves(archive, copy)


def unfinished(archive: Archive) -> Order | None:
    """The order that was interrupted, if there is one."""
    return Order.objects.filter(case_id=archive.case_id).exclude(state="carried-out").first()


def _touched_parts(archive: Archive, plan: PlannedDestruction) -> list[IndexPart]:
    """Parts that hold a word of what goes. A record that is being indexed just now may be in the newest."""
    case = archive.case_id
    dead = [one.record_id for one in plan.going()]
    held: set[str | None] = set()
    for rows in with_ids(Record, dead):
        held.update(rows.values_list("indexed_part", flat=True).distinct())
    found = list(
        IndexPart.objects.filter(case_id=case, id__in=[one for one in held if one]).order_by("ordinal")
    )
    newest = IndexPart.objects.filter(case_id=case).order_by("-ordinal").first()
    if None in held and newest is not None and newest not in found:
        found.append(newest)
    return found


def _doomed(archive: Archive, plan: PlannedDestruction, touched: Sequence[IndexPart]) -> Iterator[Doomed]:
    """Every key that ends: of records, of their ranges in living containers, of customers, of words."""
    case = archive.case_id
    for some in in_batches(list(plan.with_outcome(*GOING))):
        ids = [one.record_id for one in some]
        for record, page in Record.objects.filter(id__in=ids).values_list("id", "key_page"):
            yield Doomed(record, page)
        own = (
            Segment.objects.filter(case_id=case, record_id__in=ids).exclude(key_id__in=ids).exclude(key_id="")
        )
        for key, page in own.values_list("key_id", "key_page").distinct():
            yield Doomed(key, page)
    for rows in with_ids(Segment, _ranges(plan)):
        for key, page in rows.exclude(key_id="").values_list("key_id", "key_page"):
            yield Doomed(key, page)
    for customer in Customer.objects.filter(case_id=case, id__in=plan.customers):
        yield Doomed(customer.id, customer.key_page)
    for names in lists_of(archive.case_id, plan.customers):
        yield Doomed(names.id, names.key_page)
    for kept in KeptComparison.objects.filter(case_id=case):
        yield Doomed(kept.id, kept.key_page)
    split = [one.record_id for one in plan.going() if one.outcome != RETIRED]
    for holder, page in doomed_sets(archive, split, [one.row_set for one in plan.row_sets]):
        yield Doomed(holder, page)
    for part in touched:
        yield Doomed(part.file, part.key_page)


def _ranges(plan: PlannedDestruction) -> list[int]:
    """Every range that goes, once: the range around a part may be named by several parts."""
    return sorted({one for record in plan.going() for one in record.ranges})


def _listed(archive: Archive, plan: PlannedDestruction, order: Order) -> Iterator[Ordered]:
    for one in (*plan.records, *plan.rows):
        yield Ordered(
            case_id=archive.case_id,
            order=order,
            kind="rows" if one.rows else "cells" if one.cells else "record",
            rows=list(one.rows or one.cells),
            subject=one.record_id,
            ranges=len(one.ranges),
            outcome=one.outcome,
            containing=list(one.containing),
        )
    yield from retiring.listed(archive, plan, order)
    for customer in plan.customers:
        yield Ordered(
            case_id=archive.case_id, order=order, kind="customer", subject=customer, outcome=DESTROYED
        )


def _ordered_events(
    archive: Archive, plan: PlannedDestruction, order: Order, reason: str, salt: bytes
) -> Iterator[Event]:
    facts: dict[str, str | int] = {
        "list": plan.digest,
        "reviewed_at": plan.ledger_size,
        "records": len(plan.records) + len(plan.rows) + len(plan.retired),
        "ranges": len(_ranges(plan)),
        "reason": commit(reason.encode(), salt=salt),
    }
    customers = [f"customer:{one}" for one in plan.customers]
    records = [f"record:{one.record_id}" for one in (*plan.records, *plan.rows, *plan.retired)]
    for start in range(0, max(len(records), 1), book.RECORDS_OF_A_LEAF):
        some = records[start : start + book.RECORDS_OF_A_LEAF]
        named = (f"order:{order.id}", *some, *(customers if start == 0 else ()))
        yield Event(archive.agent, "destruction-ordered", named, facts)


def _switch_rows(archive: Archive, order: Order, dead: set[str], *, now: datetime) -> list[Event]:
    """What changes in the instant of the switch: the words, the states, and the events of each record."""
    parts.swap_parts(archive, order.change, dead, taking_over.texts_after(archive, order))
    erasing.close_ranges(archive, order)
    erasing.forget_names(archive, order)
    retiring.close_sets(archive, order)
    return [
        *retiring.events_of_sets(archive, order),
        *erasing.mark_rows(archive, order),
        *taking_over.take_over(archive, order, now=now),
    ]


def _complete(archive: Archive, order: Order, *, now: datetime) -> None:
    """The outcome, once."""
    with transaction.atomic():
        row = Order.objects.select_for_update().get(id=order.id)
        if row.state == "carried-out":
            return
        listed = Ordered.objects.filter(order=row, kind__in=LISTED).order_by("id")
        outcome = _outcome(archive, listed, row.change)
        rewrite(archive, [row], state="carried-out", carried_out=now, outcome=outcome)
        facts: dict[str, str | int] = {
            "epoch": row.change.to_epoch,
            "destroyed": row.outcome["destroyed"],
            "restricted": row.outcome["restricted"],
            "places_outstanding": row.outcome["places_outstanding"],
            "copies_outstanding": len(row.outcome["copies_outstanding"]),
        }
        objects = (f"order:{row.id}", *(f"copy:{one}" for one in row.outcome["copies_outstanding"]))
        book.write(archive.case_id, [Event(archive.agent, "destruction-completed", objects, facts)], now=now)


def _outcome(archive: Archive, listed: Any, change: EpochChange) -> dict[str, Any]:
    """What the certificate will say: what is gone, what is not, and what nobody can promise."""
    restricted, since = listed.filter(outcome=RESTRICTED), change.clean_since
    places = (*places_behind(archive, since), *given_up_behind(archive.case_id, since))
    return {
        "destroyed": listed.filter(kind="record", outcome=DESTROYED).count(),
        "dissolved": [row.subject for row in listed if row.outcome == DISSOLVED],
        "rows": {row.subject: row.rows for row in listed if row.kind == "rows" and row.outcome == DESTROYED},
        "retired": [row.subject for row in listed if row.outcome == RETIRED],
        "row_sets": sum(row.kind == "rowset" for row in listed),
        "cells": {row.subject: len(row.rows) for row in listed if row.kind == "cells"},
        "restricted": restricted.count(),
        "containing": {row.subject: row.containing for row in restricted},
        "epoch": change.to_epoch,
        "places_outstanding": len(places),
        "copies_outstanding": list(older_copies(archive.case_id, change.to_epoch)),
        "not_promised": list(LIMITS),
    }
