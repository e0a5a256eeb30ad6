"""Destruction: what an order would do, giving it, and how it goes. Who may order, and why, is decided elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.again import asked_again, require_again
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.disposition.effects import effect_of
from kedang.entrypoints.web.disposition.wanted import NUMBERS, planned_of, rows_said, wanted_of
from kedang.entrypoints.web.jobs.asking import ask, latest
from kedang.holdings.errors import OrderStale
from kedang.holdings.people_errors import ReasonMissing
from kedang.holdings.queries.copy_standings import standings_of
from kedang.holdings.queries.keys import keys_status
from kedang.holdings.queries.ledger_paging import agent_names
from kedang.holdings.queries.orders import order_data, order_with_id, orders_of, standing_of_order
from kedang.holdings.queries.rows import numbers_said

THINGS_SHOWN = 500  # the file that is downloaded has all
STEPS = ("sealing", "sheet-both", "switched", "sheet-new", "copied", "erased", "done")
PARTS = ("dissolved", "rows", "retired", "row_sets", "cells")
"""What an order may have done beside destroying records, as its outcome says."""
DIGEST = re.compile(r"[0-9a-f]{64}")


@page(Act.PROPOSE_DESTRUCTION)
@require_GET
def orders(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every order, what is under way, and the form that shows what one would do."""
    found = orders_of(desk.archive)
    shown = {
        "orders": found,
        "names": agent_names(desk.archive),
        "unfinished": any(one.state != "carried-out" for one in found),
        "job": latest(desk, "destroy"),
        "may_order": desk.may(Act.ORDER_DESTRUCTION),
        "retire": [_called(desk, one) for one in request.GET.getlist("retire")],
        **asked_again(request),
    }
    return render(request, "disposition/orders.html", shown)


def _called(desk: Desk, record_id: str) -> str:
    """A record that a link names, as people call it."""
    row = desk.record(record_id, Act.LIST)
    return str(row.reference_code or row.id)


@page(Act.PROPOSE_DESTRUCTION)
@require_POST
def plan(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What destroying these would do, and what it would not: nothing is changed."""
    wanted = wanted_of(request, desk)
    planned = planned_of(desk, wanted)
    keys = keys_status(desk.archive)
    copies = standings_of(desk.archive.case_id, now=desk.now())
    shown = {
        "wanted": wanted,
        "numbers": NUMBERS.split(request.POST.get("customers", "").strip()),
        "rows": rows_said(wanted),
        "plan": planned,
        "effect": effect_of(desk, planned),
        "limits": planned.to_json()["not_promised"],
        "places_away": [one for one in keys.places if not one.reachable],
        "copies": copies,
        "may_order": desk.may(Act.ORDER_DESTRUCTION),
        **asked_again(request),
    }
    return render(request, "disposition/plan.html", shown)


@page(Act.ORDER_DESTRUCTION)
@require_POST
def give(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Order what was reviewed: the list is compared once more, then a job carries it out."""
    require_again(request)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise ReasonMissing()
    wanted = wanted_of(request, desk)
    digest = request.POST.get("digest", "")
    if not DIGEST.fullmatch(digest) or planned_of(desk, wanted).digest != digest:
        raise OrderStale()
    return ask(desk, "destroy", wanted | {"digest": digest, "reason": reason})


@page(Act.ORDER_DESTRUCTION)
@require_POST
def resume(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Carry the order that was interrupted through."""
    return ask(desk, "destroy", {})


@page(Act.PROPOSE_DESTRUCTION)
@require_GET
def order(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """One order: its steps, its outcome, what stands outstanding."""
    row = order_with_id(desk.archive, order_id)
    if row is None:
        raise Http404
    found = standing_of_order(row)
    reached = STEPS.index(found.step) + 1 if found.step in STEPS else 0
    shown = {
        "order": found,
        "things": [(one, _numbers(one)) for one in order_data(desk.archive, row)["things"][:THINGS_SHOWN]],
        "parts": [(key, _count(found.outcome.get(key))) for key in PARTS if found.outcome.get(key)],
        "steps": [(name, at < reached) for at, name in enumerate(STEPS)],
        "who": agent_names(desk.archive).get(found.agent, ""),
        "job": latest(desk, "destroy"),
        "may_order": desk.may(Act.ORDER_DESTRUCTION),
    }
    return render(request, "disposition/order.html", shown)


def _numbers(thing: Mapping[str, Any]) -> str:
    """Of rows of a table: which they are."""
    return numbers_said(thing["rows"]) if thing["kind"] == "rows" else ""


def _count(told: Any) -> int:
    return told if isinstance(told, int) else len(told)


@page(Act.PROPOSE_DESTRUCTION)
@require_GET
def data(request: HttpRequest, desk: Desk, order_id: str) -> HttpResponse:
    """What a certificate of the order says, as a file."""
    row = order_with_id(desk.archive, order_id)
    if row is None:
        raise Http404
    text = json.dumps(order_data(desk.archive, row), ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{desk.code}-destruction-{row.id[:8]}.json"'
    return answer
