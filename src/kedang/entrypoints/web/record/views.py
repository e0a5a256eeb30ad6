"""The page of one record."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.record.asking import number_asked
from kedang.entrypoints.web.record.contents import contents_of
from kedang.entrypoints.web.record.describing import description_of
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.queries.opened_record import opened_record
from kedang.holdings.queries.permitted import customers_seen


@page(Act.LIST)
@require_GET
def record(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """Everything that is known of a record, as far as the person may see it."""
    found = desk.record(record_id, Act.LIST)
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    note_shown(desk.archive, "record", [found.id], now=desk.now())
    opened = opened_record(desk.archive, found, seen=seen)
    said = description_of(desk, opened, seen)
    if said["may_read"] and opened.judged:
        said |= contents_of(opened, request.GET.get("view", ""), number_asked(request))
    return render(request, "record/record.html", said)
