"""The records of a case that the token may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Path as InPath
from ninja import Query as InQuery
from ninja import Router

from kedang.access.covering import Part, Shown, covered
from kedang.access.deciding import Act
from kedang.entrypoints.api.bearing import desk_of
from kedang.entrypoints.api.cursors import page_of
from kedang.entrypoints.api.shapes import (
    CaseCode,
    Cursor,
    Fault,
    HitPage,
    Invalid,
    Limit,
    Query,
    RecordPage,
    RecordShape,
    TextShape,
)
from kedang.entrypoints.web.archive.choosing import Choice
from kedang.entrypoints.web.archive.finding import hits_of
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.adapters.contents import DESTROYED, derived_of
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.shown_titles import shown_titles
from kedang.holdings.queries.wanted import Wanted
from kedang.records.content import RecordClass, Sensitivity

router = Router()
FAULTS: dict[Any, Any] = {(400, 401, 403, 404, 409, 503): Fault, 422: Invalid}
RecordId = Annotated[str, InPath(pattern="^[0-9a-f]{32}$")]
Year = Annotated[int | None, InQuery(None, ge=1900, le=2200)]


@router.get("", response={200: RecordPage, **FAULTS}, operation_id="records")
def records(
    request: HttpRequest,
    code: CaseCode,
    record_class: RecordClass | None = None,
    sensitivity: Sensitivity | None = None,
    state: Literal["sorting", "review", "archived", "restricted", "destroyed"] | None = None,
    year: Year = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    """The records, in the order in which they were received."""
    desk = desk_of(request)
    desk.require(Act.LIST)
    rows = desk.records(Act.LIST)
    chosen = {
        "record_class": record_class,
        "sensitivity": sensitivity,
        "state": state,
        "record_date__year": year,
    }
    rows = rows.filter(**{name: value for name, value in chosen.items() if value is not None})
    total = rows.count()
    found, following = page_of(rows, "first_order", cursor, limit)
    note_shown(desk.archive, "list", [row.id for row in found], now=desk.now())
    return {"records": _described(desk, found), "total": total, "next": following}


@router.post("/search", response={200: HitPage, **FAULTS}, operation_id="search")
def find(request: HttpRequest, code: CaseCode, query: Query) -> dict[str, Any]:
    """The records that hold the words, newest first; the words are noted as a commitment."""
    desk = desk_of(request)
    desk.require(Act.LIST)
    found = hits_of(desk, Choice(Wanted.of({}), words=query.words), limit=query.limit)
    hits = [
        {
            "id": row.id,
            "reference_code": row.reference_code or "",
            "record_class": row.record_class,
            "state": row.state,
        }
        for row in found.records
    ]
    return {"total": found.total, "exact": found.exact, "hits": hits}


@router.get("/{record}", response={200: RecordShape, **FAULTS}, operation_id="record")
def one_record(request: HttpRequest, code: CaseCode, record: RecordId) -> dict[str, Any]:
    """One record."""
    desk = desk_of(request)
    row = desk.record(record, Act.LIST)
    note_shown(desk.archive, "record", [row.id], now=desk.now())
    return _described(desk, [row])[0]


@router.get("/{record}/text", response={200: TextShape, **FAULTS}, operation_id="text")
def text(request: HttpRequest, code: CaseCode, record: RecordId) -> dict[str, Any]:
    """The text of a record with its personal values covered."""
    desk = desk_of(request)
    row = desk.record(record, Act.READ)
    derived = derived_of(desk.archive, row) if row.state != DESTROYED else None
    if derived is None or derived.appraisal is None:  # what nobody has looked through is not shown covered
        raise Http404
    note_shown(desk.archive, "record", [row.id], now=desk.now())
    return {"id": row.id, "pieces": pieces(covered(derived.extraction.text, derived.appraisal.findings))}


def pieces(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The stretches of a text for a program."""
    return [
        {"text": part.text, "length": len(part.text)}
        if isinstance(part, Shown)
        else {"covered": part.category.value, "length": part.hidden}
        for part in parts
    ]


def _described(desk: Desk, rows: list[Any]) -> list[dict[str, Any]]:
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = shown_titles(desk.archive, rows, seen=seen)
    return [
        {
            "id": row.id,
            "reference_code": row.reference_code or "",
            "title": pieces(titles[row.id]),
            "record_class": row.record_class,
            "sensitivity": row.sensitivity,
            "accounting": row.accounting,
            "state": row.state,
            "date": row.record_date,
            "media_type": row.media_type,
            "pages": row.pages,
            "retention_rule": row.retention_rule,
            "retention_kind": row.retention_kind,
            "retention_until": row.retention_until,
            "findings": row.finding_counts,
            "seen": state_seen(row),
        }
        for row in rows
    ]
