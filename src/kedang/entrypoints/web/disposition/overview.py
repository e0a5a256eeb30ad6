"""What is to be kept until when."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.queries.retention_overview import retention_overview


@page(Act.LIST)
@require_GET
def disposition(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Figures of the records that the person may list; each leads to the list behind it."""
    today = desk.today()
    found = retention_overview(desk.records(Act.LIST), today=today)
    shown = {"found": found, "today": today, "may_propose": desk.may(Act.PROPOSE_DESTRUCTION)}
    return render(request, "disposition/overview.html", shown)
