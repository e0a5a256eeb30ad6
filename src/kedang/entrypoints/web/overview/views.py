"""The overview of a case: the balance, the gates, what needs a person, the figures; closing a gate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web import texts
from kedang.entrypoints.web.archive.desks import desk_counts, desk_names
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.figures import FIGURES, of_case, of_scope
from kedang.holdings.actions.gates import close_gate, open_gate
from kedang.holdings.queries import overview as figures
from kedang.holdings.queries.attention import Need, needs_attention
from kedang.holdings.queries.balance import balance_of
from kedang.holdings.queries.desks import MOST_DESKS
from kedang.holdings.queries.gates import gates_of
from kedang.holdings.queries.wanted import Wanted
from kedang.records.content import Sensitivity


@page(Act.SEE_CASE)
@require_GET
def overview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the case stands, and what needs a person."""
    case, now, today = desk.archive.case_id, desk.now(), desk.today()
    shown: dict[str, Any] = {
        "balance": of_case(desk, "balance", lambda: balance_of(case)),
        "gates": of_case(desk, "gates", lambda: gates_of(case, now=now)),
        "may_close": desk.may(Act.SETTINGS) and desk.may(Act.LIST),
        "may_list": desk.may(Act.LIST),
        "may_take_in": desk.may(Act.TAKE_IN),
        "needs": _needs(desk),
    }
    if shown["may_list"]:
        records, milestones = desk.records(Act.LIST), dict(desk.archive.case.milestones)
        shown["states"] = of_scope(desk, Act.LIST, "states", lambda: figures.by_state(records.all()))
        ends = of_scope(desk, Act.LIST, "ends", lambda: figures.periods_ending(records.all(), today=today))
        shown["ahead"] = figures.dates_ahead(ends, milestones, today=today)
    return render(request, "overview/overview.html", shown)


@page(Act.LIST)
@require_GET
def charts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The figures by class, year, desk and retention, loaded after the page."""
    desk.require(Act.SEE_CASE)
    records = desk.records(Act.LIST)
    found = {
        "class": of_scope(desk, Act.LIST, "class", lambda: figures.by_class(records.all())),
        "year": of_scope(desk, Act.LIST, "year", lambda: figures.by_year(records.all())),
        "desk": _by_desk(desk),
        "due": of_scope(desk, Act.LIST, "due", lambda: figures.by_last_year(records.all())),
    }
    shown = [_chart(desk, name, some) for name, some in found.items()]
    return render(request, "overview/charts.html", {"charts": shown})


@page(Act.LIST)
@require_GET
def personal_map(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Where personal data lies, loaded after the page."""
    desk.require(Act.SEE_CASE)
    records = desk.records(Act.LIST)
    rows = of_scope(desk, Act.LIST, "map", lambda: figures.personal_data_map(records.all()))
    return render(request, "overview/map.html", {"rows": rows, "grades": [one.value for one in Sensitivity]})


@page(Act.SETTINGS)
@require_POST
def gate(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    """Close a gate, skip it with a reason, or open it again."""
    desk.require(Act.LIST)
    if request.POST.get("do") == "open":
        open_gate(desk.archive, name, now=desk.now())
    else:
        close_gate(desk.archive, name, reason=request.POST.get("reason", ""), now=desk.now())
    FIGURES.forget()
    return redirect("overview", code=desk.code)


def _needs(desk: Desk) -> list[dict[str, Any]]:
    """What needs a person today, in words, and where it is worked on."""

    def counted(act: Act, name: str, make: Callable[[], int]) -> int:
        return of_scope(desk, act, name, make)

    found = needs_attention(desk.archive, desk.person, now=desk.now(), today=desk.today(), counted=counted)
    return [
        {
            "level": need.urgency.name.lower(),
            "words": texts.say(f"overview.need-{need.key}", desk.language, count=need.count),
            "href": _address(desk, need),
        }
        for need in found
    ]


def _address(desk: Desk, need: Need) -> str:
    there = reverse(need.route, kwargs={"code": desk.code})
    return f"{there}?{urlencode(need.query)}" if need.query else there


def _by_desk(desk: Desk) -> list[figures.Figure]:
    counts = desk_counts(desk, Wanted())
    names = desk_names(desk, counts)
    unnamed = texts.say("archive.unnamed", desk.language)
    return [figures.Figure(one, count, names.get(one) or unnamed) for one, count in counts.items()]


def _chart(desk: Desk, name: str, some: list[figures.Figure]) -> dict[str, Any]:
    """Bars with their words and where each leads."""
    bars = [
        asdict(one)
        | {"label": one.name or _label(desk, name, one.key), "choice": f"{name}={one.key or 'none'}"}
        for one in some
    ]
    return {
        "name": name,
        "id": f"chart-{name}",
        "bars": bars,
        "lying": name == "desk",
        "cut": MOST_DESKS if name == "desk" and len(bars) == MOST_DESKS else 0,
    }


def _label(desk: Desk, name: str, key: str) -> str:
    if name == "class":
        return texts.say(f"web.class-{key}", desk.language)
    if key.isdecimal():
        return key
    return texts.say(f"overview.{name}-{key or 'none'}", desk.language)
