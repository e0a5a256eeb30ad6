"""Reckoning and archiving 归档: a period, a number and a ledger event for every record that is ready."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import compress
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
from kedang.holdings.adapters.guarding import case_mac, guarded, require_as_written, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.looking_up import any_of_ids
from kedang.holdings.adapters.reading_rows import read_columns
from kedang.holdings.adapters.record_columns import (
    MAC_COLUMNS,
    RecordColumns,
    json_in_mac,
    require_records_as_written,
    rewrite_records,
)
from kedang.holdings.intake.plain import AnyRecord
from kedang.holdings.intake.rows import questions_about, questions_raised
from kedang.holdings.models import Question, Record, Series
from kedang.ledger.leaves import Event
from kedang.ledger.schema import FactValue
from kedang.records.content import FindingCategory, Problem, RecordClass, Sensitivity

BATCH = 3000  # records in one transaction, which waits for the disk and writes every page that it touches
READ = ("first_order", "mac", *MAC_COLUMNS)
LOOKED_AT = (
    "record_class",
    "accounting",
    "accounting_kind",
    "sensitivity",
    "record_date",
    "trigger_dates",
    "finding_counts",
)
"""What period and series of a record go by."""
_OF_CIRCUMSTANCES = frozenset({FindingCategory.INVOICE_NUMBER.value})


@dataclass(frozen=True, slots=True)
class Described:
    """A record by LOOKED_AT."""

    record_class: str
    accounting: bool
    accounting_kind: str
    sensitivity: str
    record_date: date | None
    trigger_dates: Mapping[str, str]
    finding_counts: Collection[str]


@cache
def _schedule() -> Schedule:
    return shipped_schedule()


@cache
def _scheme() -> Scheme:
    return shipped_scheme()


def ready_records(
    archive: Archive, *, after: bytes, only: Sequence[str] | None = None
) -> tuple[RecordColumns, bytes]:
    """The next records in sorting that no blocking question holds back, in the order of their numbers.

    Also the order key to go on after; empty when there are no more. What a question holds back is
    passed over by key, so that many open questions do not cost more than few.
    """
    case = archive.case_id
    sorting = Record.objects.filter(case_id=case, state="sorting", awaits_ocr=False, first_order__gt=after)
    if only is not None:
        sorting = sorting.filter(id__in=any_of_ids(only))
    parts = list(read_columns(sorting.order_by("first_order")[:BATCH], READ, json_as=json_in_mac))
    some = {name: [value for part in parts for value in part[at]] for at, name in enumerate(READ)}
    following: bytes = some["first_order"][-1] if len(some["id"]) == BATCH else b""
    # By record alone: with the state in the query SQLite would read every open question of the case.
    asked = Question.objects.filter(case_id=case, record_id__in=any_of_ids(some["id"]))
    blocked = {
        record_id
        for record_id, state, blocking in asked.values_list("record_id", "state", "blocking")
        if state == "open" and blocking
    }
    if blocked:
        ready = [one not in blocked for one in some["id"]]
        some = {name: list(compress(values, ready)) for name, values in some.items()}
    return some, following


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
            if batch["id"]:
                _archive_batch(archive, batch, now=clock())
        done += len(batch["id"])
        progress.advance(len(batch["id"]), 0)
        after = following or None
    return done


def _archive_batch(archive: Archive, records: RecordColumns, *, now: datetime) -> None:
    """Within the caller's transaction, which has read the records."""
    archive.case.refresh_from_db()  # another thread may have changed the rule of review, or a milestone
    require_as_written(case_mac, archive, archive.case)  # periods are reckoned from its milestones
    require_records_as_written(archive, records)
    ids, judging = records["id"], _Judging(archive, now.astimezone(ZoneInfo(archive.case.time_zone)).date())
    judged = list(map(judging.of, zip(*(records[name] for name in LOOKED_AT), strict=True)))
    events = [
        Event(archive.agent, "reckoned", (f"record:{record}",), one.facts)
        for record, one in zip(ids, judged, strict=True)
    ]
    problems = ((record, one.problems) for record, one in zip(ids, judged, strict=True))
    questions = questions_about(archive, problems, now=now)
    events += questions_raised(archive, questions)
    changed = {name: [one.noted[name] for one in judged] for name in judged[0].noted}
    if archive.case.archiving_review == "second-person":
        changed["state"] = ["review"] * len(ids)
        events += _sent_to_review(archive, ids)
    else:
        changed["reference_code"], archived = number_records(archive, ids, [one.series for one in judged])
        changed |= {"state": ["archived"] * len(ids), "archived": [now] * len(ids)}
        events += archived
    rewrite_records(archive, records, changed)
    insert_rows(Question, questions, known_stay=True)
    book.write(archive.case_id, events, now=now)


def _sent_to_review(archive: Archive, records: Sequence[str]) -> Iterator[Event]:
    for start in range(0, len(records), book.RECORDS_OF_A_LEAF):
        some = records[start : start + book.RECORDS_OF_A_LEAF]
        yield Event(archive.agent, "sent-to-review", tuple(f"record:{one}" for one in some), {})


def number_records(
    archive: Archive,
    records: Sequence[str],
    wanted: Sequence[SeriesKey],
    *,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[list[str], list[Event]]:
    """Give each record, by its id, the next number of its series, in the caller's transaction; the codes and the events.

    `facts` adds to the event of a record. A series begins with a row of its own before it is locked, so that two
    who begin it at once wait for each other instead of failing.
    """
    names = {str(series): series for series in dict.fromkeys(wanted)}
    begun = [guarded(archive, Series(case_id=archive.case_id, series=name, last_number=0)) for name in names]
    insert_rows(Series, begun, known_stay=True)
    rows = {
        row.series: row
        for row in Series.objects.select_for_update().filter(case_id=archive.case_id, series__in=list(names))
    }
    last = {names[name]: row.last_number for name, row in rows.items()}
    given, after = Numbering(_scheme().item_digits, last).assigned(wanted)
    for series, number in after.last.items():
        if rows[str(series)].last_number != number:
            rewrite(archive, [rows[str(series)]], last_number=number)
    codes, more = list(map(str, given)), facts or {}
    return codes, [
        Event(archive.agent, "archived", (f"record:{one}",), {"reference_code": code, **more.get(one, {})})
        for one, code in zip(records, codes, strict=True)
    ]


def series_of(archive: Archive, record: AnyRecord | Described, period: str, today: date) -> SeriesKey:
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


def record_facts(archive: Archive, record: AnyRecord | Described, received_on: date) -> RecordFacts:
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


def reckoning_of(
    archive: Archive, record: AnyRecord | Described, *, received_on: date, today: date
) -> Reckoning:
    """How long the record is kept, and why."""
    return reckon(record_facts(archive, record, received_on), _schedule(), today=today)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What comes of a record by what is looked at of it."""

    noted: Mapping[str, Any]
    facts: Mapping[str, FactValue]
    problems: tuple[Problem, ...]
    series: SeriesKey


class _Judging:
    """Records judged on one day. Many of an archive are alike in all that schedule and scheme look at."""

    def __init__(self, archive: Archive, today: date) -> None:
        self._archive = archive
        self._today = today
        self._known: dict[tuple[object, ...], _Judged] = {}
        self._kinds = cache(_kinds_counted)

    def of(self, looked_at: tuple[Any, ...]) -> _Judged:
        """A record by the values of LOOKED_AT as they stand in its MAC."""
        *plain, day, triggers, counts = looked_at
        key = (*plain, day, triggers, self._kinds(counts))
        if key not in self._known:
            record_class, accounting, accounting_kind, sensitivity = plain
            self._known[key] = self._judged(
                Described(
                    record_class=record_class,
                    accounting=accounting,
                    accounting_kind=accounting_kind,
                    sensitivity=sensitivity,
                    record_date=date.fromisoformat(day) if day else None,
                    trigger_dates=json.loads(triggers),
                    finding_counts=self._kinds(counts),
                )
            )
        return self._known[key]

    def _judged(self, record: Described) -> _Judged:
        reckoning = reckoning_of(self._archive, record, received_on=self._today, today=self._today)
        series = series_of(self._archive, record, reckoning.period, self._today)
        return _Judged(noted(reckoning), _facts(reckoning), reckoning.problems, series)


def _kinds_counted(counts: str) -> frozenset[str]:
    """Those of the kinds of findings that make circumstances."""
    return _OF_CIRCUMSTANCES.intersection(json.loads(counts))


def note(record: AnyRecord, reckoning: Reckoning) -> None:
    """Write a reckoning into the record's row."""
    for name, value in noted(reckoning).items():
        setattr(record, name, value)


def noted(reckoning: Reckoning) -> dict[str, Any]:
    """The columns of a record that hold its reckoning."""
    until = reckoning.until
    until_or_not = "until" if isinstance(until, date) else "undetermined"
    return {
        "retention_rule": reckoning.winners[0] if reckoning.winners else "",
        "retention_until": reckoning.not_before if until is not None else None,
        "retention_kind": "permanent" if until is None else until_or_not,
        "reckoning": reckoning_to_json(reckoning),
    }


def reckoned(archive: Archive, record: AnyRecord, reckoning: Reckoning, *, replaced: str) -> Event:
    """The event of a reckoning that takes the place of another; `replaced` is the digest of that."""
    facts = {**_facts(reckoning), "replaced": replaced}
    return Event(archive.agent, "reckoned", (f"record:{record.id}",), facts)


def _facts(reckoning: Reckoning) -> dict[str, FactValue]:
    until = reckoning.until
    said = "permanent" if until is None else "undetermined"
    return {
        "schedule": reckoning.schedule,
        "rules": list(reckoning.rules),
        "until": until.isoformat() if isinstance(until, date) else said,
        "restricted": reckoning.restricted_from is not None,
        "legal_review": bool(reckoning.legal_review),
    }
