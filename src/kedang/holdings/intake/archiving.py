"""Reckoning and archiving 归档: a period, a number and a ledger event for every record that is ready."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from kedang.catalogue.numbering import Numbering
from kedang.catalogue.reference_codes import Series as SeriesKey
from kedang.catalogue.scheme import Scheme, shipped_scheme
from kedang.disposition.facts import RecordFacts
from kedang.disposition.reckoning import Reckoning, reckon
from kedang.disposition.schedule import Schedule, shipped_schedule
from kedang.disposition.stored import reckoning_to_json
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import (
    case_mac,
    guarded,
    is_as_written,
    require_as_written,
    rewrite,
)
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.plain import AnyRecord, QuestionRow, RecordRow, read_records
from kedang.holdings.intake.rows import question_rows, questions_raised
from kedang.holdings.models import Question, Record, Series
from kedang.ledger.leaves import Event
from kedang.records.content import FindingCategory, RecordClass, Sensitivity
from kedang.vault.errors import RowAltered

BATCH = 900  # in one transaction: each waits for the disk; SQLite takes 999 values in a query
RECKONED_FIELDS = (
    "state",
    "reference_code",
    "archived",
    "retention_rule",
    "retention_until",
    "retention_kind",
    "reckoning",
    "mac",
)


@cache
def _schedule() -> Schedule:
    return shipped_schedule()


@cache
def _scheme() -> Scheme:
    return shipped_scheme()


def ready_records(
    archive: Archive, *, after: bytes, only: Sequence[str] | None = None
) -> tuple[list[RecordRow], bytes]:
    """The next records in sorting that no blocking question holds back, in the order of their numbers.

    Also the order key to go on after; empty when there are no more. What a question holds back is
    passed over by key, so that many open questions do not cost more than few.
    """
    case = archive.case_id
    sorting = Record.objects.filter(case_id=case, state="sorting", awaits_ocr=False, first_order__gt=after)
    if only is not None:
        sorting = sorting.filter(id__in=only)
    some = list(read_records(sorting.order_by("first_order")[:BATCH]))
    # By record alone: with the state in the query SQLite would read every open question of the case.
    asked = Question.objects.filter(case_id=case, record_id__in=[record.id for record in some])
    blocked = {
        record_id
        for record_id, state, blocking in asked.values_list("record_id", "state", "blocking")
        if state == "open" and blocking
    }
    following = bytes(some[-1].first_order) if len(some) == BATCH else b""
    return [record for record in some if record.id not in blocked], following


def archive_records(
    archive: Archive,
    *,
    progress: Progress,
    clock: Callable[[], datetime],
    only: Sequence[str] | None = None,
) -> int:
    """Archive, or send to review, every record that is ready, or those of `only` (at most BATCH); how many that were.

    Each batch is one transaction with its numbers, so that no number is given twice or skipped.
    """
    sorting = Record.objects.filter(case_id=archive.case_id, state="sorting", awaits_ocr=False)
    total = sorting.count()
    if not total:
        return 0
    progress.stage("archive", total)
    done = 0
    after: bytes | None = b""
    while after is not None:
        with transaction.atomic():  # read and written in one, or a destruction between them would be undone
            batch, following = ready_records(archive, after=after, only=only)
            if batch:
                _archive_batch(archive, batch, now=clock())
        done += len(batch)
        progress.advance(len(batch), 0)
        after = following or None
    return done


def _archive_batch(archive: Archive, records: list[RecordRow], *, now: datetime) -> None:
    """Within the caller's transaction, which has read the records."""
    archive.case.refresh_from_db()  # another thread may have changed the rule of review, or a milestone
    require_as_written(case_mac, archive, archive.case)  # periods are reckoned from its milestones
    today = now.astimezone(ZoneInfo(archive.case.time_zone)).date()
    events: list[Event] = []
    questions: list[QuestionRow] = []
    wanted: list[SeriesKey] = []
    reckoner = _Reckoner(today)
    for record in records:
        if not is_as_written(mac_of, archive, record):  # a new MAC would bless an edit
            raise RowAltered(table="record")
        reckoning, stored = reckoner.of(record_facts(archive, record, today))
        _note(record, reckoning, stored)
        events.append(reckoned(archive, record, reckoning))
        questions += question_rows(archive, record.id, reckoning.problems, now=now)
        wanted.append(series_of(archive, record, reckoning.period, today))
    events += questions_raised(archive, questions)
    review = archive.case.archiving_review == "second-person"
    if review:
        _send_to_review(archive, records, events)
    else:
        events += number_records(archive, records, wanted, now=now)
    for record in records:
        record.mac = mac_of(archive, record)
    update_rows(Record, records, RECKONED_FIELDS)
    insert_rows(Question, questions, known_stay=True)
    book.write(archive.case_id, events, now=now)


def _send_to_review(archive: Archive, records: list[RecordRow], events: list[Event]) -> None:
    for record in records:
        record.state = "review"
    objects = tuple(f"record:{record.id}" for record in records)
    events.append(Event(archive.agent, "sent-to-review", objects, {}))


def number_records(
    archive: Archive,
    records: Sequence[AnyRecord],
    wanted: Sequence[SeriesKey],
    *,
    now: datetime,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Event]:
    """Give each record the next number of its series and archive it, in the caller's transaction; the events.

    `facts` adds to the event of a record. A series begins with a row of its own before it is locked, so that two
    who begin it at once wait for each other instead of failing.
    """
    events = []
    names = {str(series): series for series in wanted}
    begun = [guarded(archive, Series(case_id=archive.case_id, series=name, last_number=0)) for name in names]
    insert_rows(Series, begun, known_stay=True)
    rows = {
        row.series: row
        for row in Series.objects.select_for_update().filter(case_id=archive.case_id, series__in=list(names))
    }
    last = {names[name]: row.last_number for name, row in rows.items()}
    codes, after = Numbering(_scheme().item_digits, last).assigned(wanted)
    for record, code in zip(records, codes, strict=True):
        record.reference_code = str(code)
        record.state = "archived"
        record.archived = now
        objects = (f"record:{record.id}",)
        more = (facts or {}).get(record.id, {})
        events.append(Event(archive.agent, "archived", objects, {"reference_code": str(code), **more}))
    for series, number in after.last.items():
        if rows[str(series)].last_number != number:
            rewrite(archive, [rows[str(series)]], last_number=number)
    return events


def series_of(archive: Archive, record: AnyRecord, period: str, today: date) -> SeriesKey:
    """The series a record is numbered in: by class or accounting kind, year and period."""
    return _scheme().series(
        fonds=archive.case.fonds_code,
        record_class=RecordClass(record.record_class),
        accounting_kind=record.accounting_kind or None,
        year=(record.record_date or today).year,
        period=period,
    )


def has_series(archive: Archive, record: Record) -> bool:
    """Whether class and period of a reckoned record give it a series; the year is asked for on its own."""
    if not record.reckoning or not record.record_class:
        return False
    series_of(archive, record, record.reckoning["period"], record.record_date or date.min)
    return True


def record_facts(archive: Archive, record: AnyRecord, received_on: date) -> RecordFacts:
    """The record as the schedule sees it."""
    dates = {kind: (date.fromisoformat(day),) for kind, day in record.trigger_dates.items()}
    if record.record_date is not None:
        dates["record_date"] = (record.record_date,)
    case = archive.case
    milestones = {name: date.fromisoformat(day) for name, day in case.milestones.items()}
    circumstances = set()
    if record.sensitivity == Sensitivity.SENSITIVE_PERSONAL.value:
        circumstances.add("sensitive")
    if FindingCategory.INVOICE_NUMBER.value in record.finding_counts:
        circumstances.add("invoice")
    if "corporate_paper_on" in record.trigger_dates:
        circumstances.add("corporate-paper")
    return RecordFacts(
        classes=frozenset({RecordClass(record.record_class)}),
        received_on=received_on,
        accounting=record.accounting,
        accounting_kind=record.accounting_kind or None,
        personal_data=record.sensitivity
        in (Sensitivity.PERSONAL.value, Sensitivity.SENSITIVE_PERSONAL.value),
        dates=dates,
        circumstances=frozenset(circumstances),
        milestones=milestones,
        packs=frozenset(case.industry_packs),
    )


def reckoning_of(archive: Archive, record: AnyRecord, *, received_on: date, today: date) -> Reckoning:
    """How long the record is kept, and why."""
    return reckon(record_facts(archive, record, received_on), _schedule(), today=today)


class _Reckoner:
    """Reckonings of one day. Many records of an archive are alike in all that the schedule looks at."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._known: dict[tuple[Hashable, ...], tuple[Reckoning, dict[str, Any]]] = {}

    def of(self, facts: RecordFacts) -> tuple[Reckoning, dict[str, Any]]:
        """How long a record of these facts is kept, and the same as it is stored."""
        values = _facts_of(facts)
        key = tuple(tuple(sorted(one.items())) if isinstance(one, dict) else one for one in values)
        if key not in self._known:
            reckoning = reckon(facts, _schedule(), today=self._today)
            self._known[key] = reckoning, reckoning_to_json(reckoning)
        return self._known[key]


_facts_of = attrgetter(*(one.name for one in fields(RecordFacts)))


def note(record: AnyRecord, reckoning: Reckoning) -> None:
    """Write a reckoning into the record's row."""
    _note(record, reckoning, reckoning_to_json(reckoning))


def _note(record: AnyRecord, reckoning: Reckoning, stored: dict[str, Any]) -> None:
    record.retention_rule = reckoning.winners[0] if reckoning.winners else ""
    until = reckoning.until
    record.retention_until = reckoning.not_before if until is not None else None
    if until is None:
        record.retention_kind = "permanent"
    else:
        record.retention_kind = "until" if isinstance(until, date) else "undetermined"
    record.reckoning = stored


def reckoned(archive: Archive, record: AnyRecord, reckoning: Reckoning, *, replaced: str = "") -> Event:
    """The event of a reckoning; `replaced` is the digest of the one that it takes the place of."""
    until = reckoning.until
    said = "permanent" if until is None else "undetermined"
    facts: dict[str, str | bool | list[str]] = {
        "schedule": reckoning.schedule,
        "rules": list(reckoning.rules),
        "until": until.isoformat() if isinstance(until, date) else said,
        "restricted": reckoning.restricted_from is not None,
        "legal_review": bool(reckoning.legal_review),
    }
    if replaced:
        facts["replaced"] = replaced
    return Event(archive.agent, "reckoned", (f"record:{record.id}",), facts)
