"""Questions, jobs and the ledger."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from kedang.access.deciding import Act
from kedang.entrypoints.api.bearing import desk_of
from kedang.entrypoints.api.cursors import page_of
from kedang.entrypoints.api.shapes import (
    CaseCode,
    Cursor,
    EventPage,
    Fault,
    Invalid,
    JobShape,
    Limit,
    QuestionPage,
)
from kedang.entrypoints.kinds import KINDS
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.queries.asking import open_rows
from kedang.holdings.queries.jobs import jobs_of
from kedang.holdings.queries.ledger_events import Wanted, events, told
from kedang.holdings.queries.status import head_told
from kedang.records.errors import code_texts

router = Router()
MOST_JOBS = 50
FAULTS: dict[Any, Any] = {(400, 401, 403, 404, 503): Fault, 422: Invalid}
Number = Annotated[int | None, Query(None, ge=0, le=2**53 - 1)]


@router.get("/questions", response={200: QuestionPage, **FAULTS}, operation_id="questions")
def questions(request: HttpRequest, code: CaseCode, cursor: Cursor = "", limit: Limit = 50) -> dict[str, Any]:
    """Open questions about records that the token may see."""
    desk = desk_of(request)
    desk.require(Act.LIST)
    rows = open_rows(desk.archive.case_id, desk.records(Act.LIST)).select_related("record")
    found, following = page_of(rows, "id", cursor, limit)
    texts = code_texts()
    shown = [
        {
            "id": row.id,
            "record": row.record_id,
            "code": row.code,
            "said": texts[row.code].said(desk.language),
            "blocking": row.blocking,
            "raised": row.raised,
            "assigned": row.assigned,
            "seen": state_seen(row.record, row),
        }
        for row in found
    ]
    return {"questions": shown, "next": following}


@router.get("/jobs", response={200: list[JobShape], **FAULTS}, operation_id="jobs")
def jobs(request: HttpRequest, code: CaseCode) -> list[Any]:
    """The latest long work of the case."""
    desk = desk_of(request)
    desk.require(Act.SEE_CASE)
    return list(jobs_of(desk.archive, KINDS, most=MOST_JOBS))


@router.get("/ledger", response={200: EventPage, **FAULTS}, operation_id="ledger")
def ledger(request: HttpRequest, code: CaseCode, before: Number = None, limit: Limit = 100) -> dict[str, Any]:
    """Entries of the ledger, the latest first, before a number."""
    desk = desk_of(request)
    desk.require(Act.SEE_LEDGER)
    found = [told(leaf, {}) for leaf in events(desk.archive.case_id, Wanted(limit=limit, before=before))]
    size, _head = head_told(desk.archive.case_id)
    shown = [
        {"number": one["n"], **{name: one[name] for name in ("time", "act", "actor", "objects", "facts")}}
        for one in found
    ]
    return {"events": shown, "size": size}
