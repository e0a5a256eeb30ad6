"""Decisions that a program brings for a person: answers, corrections, reviews, assignments. Each at most once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Path as InPath
from ninja import Router

from kedang.access.deciding import Act
from kedang.appraisal.said_facts import CERTAIN
from kedang.entrypoints.api import decision_shapes as shapes
from kedang.entrypoints.api.bearing import desk_of
from kedang.entrypoints.api.records import FAULTS, RecordId, pieces
from kedang.entrypoints.api.shapes import CaseCode
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.correcting import (
    ACCEPTED,
    DISMISSED,
    Decided,
    NewValues,
    answer,
    archive_ready,
    assign,
    correct,
)
from kedang.holdings.actions.describing import FactSaid
from kedang.holdings.actions.learning import learn_when_due
from kedang.holdings.actions.reviewing import Looked, accept, send_back
from kedang.holdings.actions.undoing import undo_correction
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.checking_errors import DecidedMeanwhile, MayNotAnswer
from kedang.holdings.queries.checking import question_of, ready_ids, who_may_answer
from kedang.holdings.queries.corrections import correction_of, review_of
from kedang.holdings.queries.opened_record import opened_record
from kedang.holdings.queries.permitted import customers_seen

router = Router()
GivenId = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]


@router.get("/records/{record}/facts", response={200: shapes.FactList, **FAULTS}, operation_id="facts")
def facts(request: HttpRequest, code: CaseCode, record: RecordId) -> dict[str, Any]:
    """The facts of a record with their numbers, and what a correction names as `seen`."""
    desk = desk_of(request)
    row = desk.record(record, Act.READ)
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    opened = opened_record(desk.archive, row, seen=seen)
    note_shown(desk.archive, "record", [row.id], now=desk.now())
    shown = [
        {
            "number": number,
            "kind": one.kind,
            "value": pieces(opened.fact_parts(one)),
            "corrected": one.confidence == CERTAIN,
        }
        for number, one in enumerate(opened.facts, start=1)
    ]
    return {"facts": shown, "seen": state_seen(row)}


@router.post("/records/{record}/correct", response={200: shapes.Recorded, **FAULTS}, operation_id="correct")
def correct_record(
    request: HttpRequest, code: CaseCode, record: RecordId, said: shapes.Correction
) -> dict[str, Any]:
    """Correct class, grade, accounting, date, title or facts of a record."""
    desk = desk_of(request)
    row = desk.record(record, Act.ANSWER)
    decided = Decided(ACCEPTED, _values(said.values), said.reason, said.seen, said.id)
    return _corrected(
        desk, row.id, "", decided, lambda: correct(desk.archive, row.id, decided, clock=desk.now)
    )


@router.get(
    "/questions/{question}/people", response={200: list[shapes.PersonShape], **FAULTS}, operation_id="people"
)
def people(request: HttpRequest, code: CaseCode, question: GivenId) -> list[dict[str, str]]:
    """Those to whom a question may be given."""
    desk = desk_of(request)
    asked = _question(desk, question)
    found = who_may_answer(desk.archive, asked.record, today=desk.today())
    return [{"agent": person.agent, "name": name} for person, name in found]


@router.post("/questions/{question}/answer", response={200: shapes.Recorded, **FAULTS}, operation_id="answer")
def answer_question(
    request: HttpRequest, code: CaseCode, question: GivenId, said: shapes.Answer
) -> dict[str, Any]:
    """Answer a question, with the corrections that belong to the answer."""
    desk = desk_of(request)
    asked = _question(desk, question)
    dismissed = said.answer == DISMISSED
    values = NewValues() if dismissed else _values(said.values)
    decided = Decided(DISMISSED if dismissed else ACCEPTED, values, said.reason, said.seen, said.id)
    return _corrected(
        desk, asked.record_id, asked.id, decided,
        lambda: answer(desk.archive, asked.id, decided, clock=desk.now),
    )  # fmt: skip


@router.post("/questions/{question}/assign", response={200: shapes.Assigned, **FAULTS}, operation_id="assign")
def assign_question(
    request: HttpRequest, code: CaseCode, question: GivenId, said: shapes.Assignment
) -> dict[str, Any]:
    """Give a question to somebody who may answer it, or back to whoever may; again is nothing."""
    desk = desk_of(request)
    asked = _question(desk, question)
    found = {one.agent: one for one, _ in who_may_answer(desk.archive, asked.record, today=desk.today())}
    if said.to and said.to not in found:
        raise MayNotAnswer()
    if asked.state != "open" or asked.assigned != said.to:
        assign(desk.archive, asked.id, found.get(said.to), seen=None, today=desk.today(), clock=desk.now)
    return {"question": asked.id, "assigned": said.to}


@router.post("/archive-ready", response={200: shapes.Archived, **FAULTS}, operation_id="archive_ready")
def archive(request: HttpRequest, code: CaseCode) -> dict[str, int]:
    """Archive, or send to review, what nothing holds back any more."""
    desk = desk_of(request)
    desk.require(Act.ANSWER)
    some = ready_ids(desk.archive, desk.person, today=desk.today())
    return {"records": archive_ready(desk.archive, some, clock=desk.now)}


@router.post("/corrections/{correction}/undo", response={200: shapes.Recorded, **FAULTS}, operation_id="undo")
def undo(request: HttpRequest, code: CaseCode, correction: GivenId) -> dict[str, Any]:
    """Take a correction back; again is nothing."""
    desk = desk_of(request)
    row = correction_of(desk.archive.case_id, correction)
    if row is None:
        raise Http404
    desk.record(row.record_id, Act.ANSWER)
    if row.undone is None:
        row = undo_correction(desk.archive, row.id, clock=desk.now)
        learn_when_due(desk.archive, clock=desk.now)
    return _recorded(row)


@router.post("/records/{record}/accept", response={200: shapes.Reviewed, **FAULTS}, operation_id="accept")
def accept_record(
    request: HttpRequest, code: CaseCode, record: RecordId, said: shapes.Acceptance
) -> dict[str, Any]:
    """Accept a record that waits for review into the archive; only that gives it a number."""
    desk = desk_of(request)
    looked = Looked({record: said.seen}, said.reason.strip(), id=said.id)
    return _reviewed(
        desk, record, said.id,
        lambda: accept(desk.archive, looked, excepted=said.excepted, clock=desk.now),
    )  # fmt: skip


@router.post(
    "/records/{record}/send-back", response={200: shapes.Reviewed, **FAULTS}, operation_id="send_back"
)
def send_record_back(
    request: HttpRequest, code: CaseCode, record: RecordId, said: shapes.Decision
) -> dict[str, Any]:
    """Send a record that waits for review back to sorting, with a question that holds the reason."""
    desk = desk_of(request)
    looked = Looked({record: said.seen}, said.reason.strip(), id=said.id)
    return _reviewed(desk, record, said.id, lambda: send_back(desk.archive, looked, clock=desk.now))


def _question(desk: Desk, question: str) -> Any:
    """The question, if the person may answer it.

    Raises:
        Http404: there is none, or he may not know of it. NotPermitted.
    """
    found = question_of(desk.archive.case_id, question)
    if found is None:
        raise Http404
    desk.record(found.record_id, Act.ANSWER)
    return found


def _values(said: shapes.ValuesBody) -> NewValues:
    return NewValues(
        record_class=said.record_class.value if said.record_class else None,
        sensitivity=said.sensitivity.value if said.sensitivity else None,
        accounting=said.accounting,
        accounting_kind=said.accounting_kind,
        record_date=said.date,
        no_date=said.no_date,
        title=" ".join(said.title.split()) if said.title is not None else None,
        facts=tuple(FactSaid(one.value, one.number, one.kind) for one in said.facts),
    )


def _corrected(
    desk: Desk, record: str, question: str, decided: Decided, work: Callable[[], Any]
) -> dict[str, Any]:
    """The correction that was made, now or when the same was sent before."""
    made = _made_before(desk, record, question, decided.id)
    if made is None:
        try:
            made = work()
        except DecidedMeanwhile:
            made = _made_before(desk, record, question, decided.id)
            if made is None:
                raise
        learn_when_due(desk.archive, clock=desk.now)
    return _recorded(made)


def _made_before(desk: Desk, record: str, question: str, given: str) -> Any:
    """The correction of this id when it is this person's about the same; None when there is none.

    Raises:
        DecidedMeanwhile: the id stands for something else.
    """
    row = correction_of(desk.archive.case_id, given)
    if row is not None and (row.record_id, row.question, row.agent_id) != (
        record,
        question,
        desk.person.agent,
    ):
        raise DecidedMeanwhile(record=record)
    return row


def _recorded(row: Any) -> dict[str, Any]:
    return {"id": row.id, "record": row.record_id, "kind": row.kind, "undone": row.undone is not None}


def _reviewed(desk: Desk, record: str, given: str, work: Callable[[], Any]) -> dict[str, Any]:
    """The review that was made, now or when the same was sent before."""
    row = desk.record(record, Act.ACCEPT)
    made = review_of(desk.archive.case_id, given)
    if made is None:
        try:
            work()
        except DecidedMeanwhile:
            if review_of(desk.archive.case_id, given) is None:
                raise
        made = review_of(desk.archive.case_id, given)
    if made is None or (made.record_id, made.agent_id) != (row.id, desk.person.agent):
        raise DecidedMeanwhile(record=row.id)
    row.refresh_from_db(fields=["reference_code"])
    code = row.reference_code or ""
    return {"id": made.id, "record": row.id, "verdict": made.verdict, "reference_code": code}
