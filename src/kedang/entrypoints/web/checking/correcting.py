"""Correcting a record about which nobody has asked, and what was corrected of it before."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.web.checking.asked import decided_of
from kedang.entrypoints.web.checking.describing import as_typed, place_of
from kedang.entrypoints.web.checking.showing import proposal_of, sheet_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.record.describing import ties_said
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.correcting import correct
from kedang.holdings.actions.learning import learn_when_due
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.checking_errors import DecidedMeanwhile, ReasonNeeded, ValueImpossible
from kedang.holdings.queries.permitted import customers_seen
from kedang.records.errors import KedangError


@page(Act.ANSWER)
@require_http_methods(["GET", "POST"])
def correcting(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """The form, or what follows from it: the corrections of the record with the new one on top."""
    record = desk.record(record_id, Act.ANSWER)
    if request.method != "POST":
        return _form(request, desk, record)
    try:
        correct(desk.archive, record.id, decided_of(request, record), clock=desk.now)
    except (DecidedMeanwhile, ReasonNeeded, ValueImpossible) as error:
        status = 409 if isinstance(error, DecidedMeanwhile) else 400
        return _form(request, desk, desk.record(record_id, Act.ANSWER), error, status=status)
    learn_when_due(desk.archive, clock=desk.now)
    return redirect("record-correct", code=desk.code, record_id=record.id)


def _form(
    request: HttpRequest, desk: Desk, record: Any, error: KedangError | None = None, *, status: int = 200
) -> HttpResponse:
    note_shown(desk.archive, "record", [record.id], now=desk.now())
    may_judge = desk.may(Act.JUDGE) and desk.may(Act.SEE_CUSTOMERS)
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    shown = sheet_of(desk, record) | {
        "seen": state_seen(record),
        "proposal": proposal_of(desk, record, None),
        "fault": error.code if error is not None else "",
        "place": place_of(error) if error is not None else "",
        "typed": request.POST,
        "may_judge": may_judge,
        "ties": ties_said(desk, record, seen) if may_judge else [],
    }
    return render(request, "checking/correct.html", as_typed(shown, request.POST), status=status)
