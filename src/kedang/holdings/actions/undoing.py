"""A correction taken back: what it changed is as it was before, and that it was taken back is recorded too."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from typing import Any

import rfc8785
from django.db import transaction

from kedang.disposition.stored import reckoning_from_json
from kedang.holdings.actions.correcting import (
    DESCRIBED_COLUMNS,
    KEPT_COLUMNS,
    Clock,
    classified,
    columns_of,
)
from kedang.holdings.actions.describing import describe_back, find_anew
from kedang.holdings.actions.reclassifying import reckon_again
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.decisions import open_decision
from kedang.holdings.adapters.descriptions import FACTS, TITLE
from kedang.holdings.adapters.guarding import guarded, require_as_written, rewrite
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.checking_errors import CorrectionOverlaid, CorrectionUnknown
from kedang.holdings.intake.archiving import reckoned
from kedang.holdings.models import Correction, Question, Record
from kedang.holdings.queries.agreeing import ANSWERS, CORRECTED
from kedang.ledger.leaves import Event

OF_THE_PERIOD = ("retention_rule", "retention_until", "retention_kind", "reckoning")


def undo_correction(archive: Archive, correction_id: str, *, clock: Clock) -> Correction:
    """Take a correction back. A number that the record was given meanwhile stays: none is ever taken back.

    A record that waits for review goes back to sorting with its question.

    Raises:
        CorrectionUnknown: none that holds. CorrectionOverlaid: a later decision about the record rests on it.
    """
    now = clock()
    with transaction.atomic():
        rows = Correction.objects.select_for_update().filter(case_id=archive.case_id, undone=None)
        row = rows.filter(id=correction_id).first()
        if row is None:
            raise CorrectionUnknown()
        if rows.filter(record_id=row.record_id, ordinal__gt=row.ordinal).exists():
            raise CorrectionOverlaid(record=row.record_id)
        record = Record.objects.select_for_update().get(id=row.record_id)
        require_as_written(mac_of, archive, record)
        said = open_decision(archive, row, record)
        question = f"question:{row.question}"
        objects = (f"record:{record.id}", *((question,) if row.question else ()))
        events = [Event(archive.agent, "correction-undone", objects, {})]
        events += _values_back(archive, record, row, said, now=now)
        events += _question_back(archive, row)
        rewrite(archive, [row], undone=now, undone_by=archive.agent)
        book.write(archive.case_id, events, now=now)
        find_anew(archive, record, titled=TITLE in row.decided_fields)
    return row


def _values_back(
    archive: Archive, record: Record, row: Correction, said: dict[str, Any], *, now: datetime
) -> list[Event]:
    """The old values in the record; a period that was reckoned meanwhile is reckoned on them."""
    before, after, there = said["before"], said["after"], columns_of(record)
    events: list[Event] = []
    describe_back(archive, record, said["described"])
    as_left = all(there[name] == after[name] for name in OF_THE_PERIOD)
    for name in KEPT_COLUMNS:
        if name not in OF_THE_PERIOD or as_left or record.state == "review":
            setattr(record, name, _from_json(name, before[name]))
    if {*row.decided_fields} - {TITLE, FACTS}:
        events.append(classified(archive, record, row.decided_fields, {}))
    if as_left:
        _questions_back(archive, row, said["questions"])
        if record.reckoning and before["reckoning"] != after["reckoning"]:
            replaced = sha256(rfc8785.dumps(after["reckoning"])).hexdigest()
            events.append(reckoned(archive, record, reckoning_from_json(record.reckoning), replaced=replaced))
    elif record.state != "review" and record.retention_kind:
        events += reckon_again(archive, record, now=now)
    if record.state == "review" and row.question:
        record.state = "sorting"
        if not as_left:
            stale = Question.objects.filter(case_id=archive.case_id, record=record, state="open")
            stale.filter(code__startswith="KD-D").delete()
    record.mac = mac_of(archive, record)
    record.save(update_fields=[*KEPT_COLUMNS, *DESCRIBED_COLUMNS, "state", "mac"])
    return events


def _from_json(name: str, value: Any) -> Any:
    dated = name in ("record_date", "retention_until") and value is not None
    return date.fromisoformat(value) if dated else value


def _questions_back(archive: Archive, row: Correction, asked: dict[str, Any]) -> None:
    """The questions that the correction's reckoning has asked go, those that it has dropped come back."""
    Question.objects.filter(case_id=archive.case_id, id__in=asked["added"], state="open").delete()
    for said in asked["removed"]:
        back = Question(
            **(said | {"raised": datetime.fromisoformat(said["raised"])}),
            case_id=archive.case_id,
            record_id=row.record_id,
            state="open",
            answer="",
        )
        guarded(archive, back).save(force_insert=True)


def _question_back(archive: Archive, row: Correction) -> list[Event]:
    question = Question.objects.filter(case_id=archive.case_id, id=row.question, state="answered").first()
    return [reopen(archive, question)] if question is not None else []


def reopen(archive: Archive, question: Question) -> Event:
    """The question is open again, in the caller's transaction; the event that says so."""
    told = question.answer if question.answer in ANSWERS else CORRECTED
    rewrite(archive, [question], state="open", answer="")
    objects = (f"question:{question.id}", f"record:{question.record_id}")
    return Event(archive.agent, "question-reopened", objects, {"answer": told})
