"""House rules of a case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.catalogue.standard import shipped_standards
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.opened import opened_cases
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.house_rules import set_review, set_standard
from kedang.holdings.queries.standard_checks import standard_of, standard_set


@page(Act.SETTINGS)
@require_GET
def rules(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is set."""
    case = desk.archive.case
    shown = {
        "standard": standard_of(desk.archive).said(desk.language),
        "may_standard": desk.may(Act.SET_STANDARD),
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


@page(Act.SET_STANDARD)
@require_http_methods(["GET", "POST"])
def standard(request: HttpRequest, desk: Desk) -> HttpResponse:
    """By which standard records are checked before they are accepted, and which of its clauses are not asked."""
    if request.method != "POST":
        shown = _standards(desk, request.GET.get("standard", "")) | {"last": standard_set(desk.archive)}
        return render(request, "arranging/standard.html", shown)
    name, asked = request.POST.get("standard", ""), set(request.POST.getlist("clause"))
    chosen = shipped_standards().get(name)
    left_out = chosen.may_leave_out() - asked if chosen is not None else ()
    set_standard(desk.archive, name, left_out, request.POST.get("reason", ""), now=desk.now())
    opened_cases().has_changed(desk.code)
    messages.success(request, say("arranging.saved", desk.language))
    return redirect("settings_standard", code=desk.code)


def _standards(desk: Desk, wanted: str) -> dict[str, Any]:
    """The shipped standards, and the clauses of the one that is looked at: that of the case when no other is wanted."""
    current, known = standard_of(desk.archive), shipped_standards()
    looked_at = known.get(wanted, known[current.name])
    asked = {one.id for one in (current if looked_at.name == current.name else looked_at).clauses}
    language = desk.language
    return {
        "standards": [(one.name, one.said(language)) for one in known.values()],
        "standard": looked_at.name,
        "standard_in_use": current.name,
        "standard_about": looked_at.about(language),
        "clauses": [
            {
                "id": one.id,
                "said": one.said(language),
                "source": one.source,
                "fixed": one.fixed,
                "asked": one.id in asked,
            }
            for one in looked_at.clauses
        ],
    }
