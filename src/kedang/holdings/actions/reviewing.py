"""Review of what was sorted: another person accepts it into the archive, or sends it back with a reason.

Only accepting gives numbers. Each record was looked at in one state (`state_seen`); changed since, it is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from kedang.holdings.actions.undoing import reopen
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.decisions import seal_decision, state_seen
from kedang.holdings.adapters.guarding import guarded, require_as_written
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.checking_errors import (
    SENT_BACK,
    DecidedMeanwhile,
    OwnWork,
    ReasonNeeded,
    StandardNotMet,
)
from kedang.holdings.intake.archiving import number_records, series_of
from kedang.holdings.intake.rows import question_rows, questions_raised
from kedang.holdings.models import Question, Record, Review
from kedang.holdings.queries.corrections import sorters_of
from kedang.holdings.queries.standard_checks import clauses_not_met
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event
from kedang.records.content import Problem

Clock = Callable[[], datetime]
REVIEW = "review"
ACCEPTED, SENT_BACK_VERDICT = "accepted", "sent-back"
NUMBERED = ("state", "reference_code", "archived", "mac")


@dataclass(frozen=True, slots=True)
class Looked:
    """What a reviewer decides on: why, and what the records were when he looked at them."""

    seen: Mapping[str, str]
    """By record, the state that was looked at."""
    reason: str = field(default="", repr=False)
    batch: str = ""
    id: str = ""
    """Of the review of a single record, as a program has chosen it so that the same is not made twice."""


def accept(
    archive: Archive, looked: Looked, *, excepted: Collection[str] = (), clock: Clock
) -> dict[str, str]:
    """Accept these records into the archive; the number that each was given.

    `excepted` are the clauses of the standard that they need not meet, for the reason that is said.

    Raises:
        DecidedMeanwhile, OwnWork, StandardNotMet, ReasonNeeded: nothing is changed.
    """
    if excepted and not looked.reason.strip():
        raise ReasonNeeded()
    now = clock()
    with transaction.atomic():
        records = locked(archive, looked.seen)
        except_of = _require_standard(archive, records, frozenset(excepted))
        today = now.astimezone(ZoneInfo(archive.case.time_zone)).date()
        wanted = [series_of(archive, one, one.reckoning["period"], today) for one in records]
        facts: dict[str, dict[str, Any]] = {}
        for one in records:
            reason = _review(archive, one, ACCEPTED, looked, except_of[one.id], now=now)
            more = {"excepted": len(except_of[one.id])} if except_of[one.id] else {}
            facts[one.id] = {"reviewed": True, **more, **reason}
        codes, events = number_records(archive, [one.id for one in records], wanted, facts=facts)
        for one, code in zip(records, codes, strict=True):
            one.state, one.reference_code, one.archived = "archived", code, now
            one.mac = mac_of(archive, one)
        update_rows(Record, records, NUMBERED)
        book.write(archive.case_id, events, now=now)
    return {one.id: str(one.reference_code) for one in records}


def send_back(archive: Archive, looked: Looked, *, clock: Clock) -> int:
    """Send these records back to sorting, each with a question that says why; how many.

    Raises:
        ReasonNeeded, DecidedMeanwhile, OwnWork: nothing is changed.
    """
    if not looked.reason.strip():
        raise ReasonNeeded()
    now = clock()
    with transaction.atomic():
        records = locked(archive, looked.seen)
        events: list[Event] = []
        for one in records:
            reason = _review(archive, one, SENT_BACK_VERDICT, looked, (), now=now)
            one.state = "sorting"
            one.mac = mac_of(archive, one)
            events.append(Event(archive.agent, "sent-back", (f"record:{one.id}",), reason))
        update_rows(Record, records, ("state", "mac"))
        events += _ask(archive, records, now=now)
        book.write(archive.case_id, events, now=now)
    return len(records)


def locked(archive: Archive, seen: Mapping[str, str]) -> list[Record]:
    """The records in the order of their numbers, locked, each as it was seen and none of them the reviewer's own.

    Raises:
        DecidedMeanwhile: one is not what was looked at. OwnWork: the reviewer has sorted one himself.
    """
    rows = Record.objects.select_for_update().filter(case_id=archive.case_id, id__in=list(seen))
    records = list(rows.order_by("first_order"))
    for one in records:
        if one.state != REVIEW or state_seen(one) != seen[one.id]:
            raise DecidedMeanwhile(record=one.id)
        require_as_written(mac_of, archive, one)
    if not records or len(records) != len(seen):
        raise DecidedMeanwhile(record="")
    for record, people in sorters_of(archive, list(seen)).items():
        if archive.agent in people:
            raise OwnWork(record=record)
    return records


def _require_standard(
    archive: Archive, records: Sequence[Record], excepted: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """The clauses that each record is excepted from."""
    found: dict[str, tuple[str, ...]] = {}
    for record, clauses in clauses_not_met(archive, records).items():
        failing = tuple(clause.id for clause in clauses)
        for one in failing:
            if one not in excepted:
                raise StandardNotMet(record=record, clause=one)
        found[record] = failing
    return found


def _review(
    archive: Archive,
    record: Record,
    verdict: str,
    looked: Looked,
    excepted: Sequence[str],
    *,
    now: datetime,
) -> dict[str, str]:
    """Write the review of one record; the commitment to its reason."""
    salt = archive.random_bytes(SALT_BYTES)
    row = Review(
        id=looked.id or archive.new_id(),
        case_id=archive.case_id,
        record=record,
        batch=looked.batch,
        verdict=verdict,
        agent_id=archive.agent,
        decided=now,
        excepted=list(excepted),
    )
    row.sealed = seal_decision(archive, row, record, {"reason": looked.reason, "salt": salt.hex()})
    guarded(archive, row).save(force_insert=True)
    return {"reason": commit(looked.reason.encode(), salt=salt)} if looked.reason else {}


def _ask(archive: Archive, records: Sequence[Record], *, now: datetime) -> list[Event]:
    """The question of each record that was sent back: a new one, or the earlier one open again."""
    asked = Question.objects.select_for_update().filter(case_id=archive.case_id, code=SENT_BACK)
    known = {row.record_id: row for row in asked.filter(record__in=[one.id for one in records])}
    events = [reopen(archive, row) for row in known.values() if row.state == "answered"]
    new = [
        row
        for one in records
        if one.id not in known
        for row in question_rows(archive, one.id, (Problem(SENT_BACK),), now=now)
    ]
    insert_rows(Question, new)
    return events + questions_raised(archive, new)
