"""House rules of a case."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.opened import opened_cases
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.house_rules import set_review


@page(Act.SETTINGS)
@require_GET
def rules(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is set."""
    case = desk.archive.case
    shown = {
        "review": case.archiving_review,
        "zone": case.time_zone,
        "now": desk.now(),
        "packs": case.industry_packs,
        "created": case.created,
    }
    return render(request, "arranging/rules.html", shown)


@page(Act.SETTINGS)
@require_POST
def review(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whether another person accepts what is archived."""
    set_review(desk.archive, request.POST.get("review", ""), now=desk.now())
    opened_cases().has_changed(desk.code)
    messages.success(request, say("arranging.saved", desk.language))
    return redirect("settings_rules", code=desk.code)
