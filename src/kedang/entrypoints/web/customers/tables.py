"""Tables and their row sets: made, checked, confirmed; and the rows of one customer."""

from __future__ import annotations

import io
from itertools import islice
from math import ceil
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.covering import plain
from kedang.access.deciding import Act
from kedang.entrypoints.web.customers.reconciling import TYPES, WRITERS
from kedang.entrypoints.web.customers.scoping import customer_of, scope_of, tabs
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask, latest
from kedang.holdings.actions.exporting import note_rows
from kedang.holdings.queries.customer_titles import titles_of
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.rebuilt_tables import Part, as_read, parts_of_customer
from kedang.holdings.queries.tables_of_case import tables_of_case

LINES = 50  # tables on a page
SHOWN_ROWS = 50
ACTS = {
    "make": ("row-sets", Act.TAKE_IN, {}),
    "again": ("row-sets", Act.TAKE_IN, {"again": True}),
    "check": ("row-sets-check", Act.TAKE_IN, {}),
    "confirm": ("row-sets-check", Act.ACCEPT, {"confirm": True}),
}
"""What a button asks for: kind of work, who may, what else it is told."""


@page(Act.LIST)
@require_http_methods(["GET", "POST"])
def tables(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every table with the state of its row sets; a POST asks for those that are missing."""
    if request.method == "POST":
        desk.require(Act.TAKE_IN)
        return ask(desk, "row-sets", {})
    said = request.GET.get("page", "1")
    at = max(1, int(said[:6])) if said.isdecimal() else 1
    total, lines = tables_of_case(desk.archive, limit=LINES, offset=(at - 1) * LINES, scope=scope_of(desk))
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = titles_of(desk.archive, [one.record_id for one in lines], seen=seen)
    shown = {
        "tables": [(one, plain(titles.get(one.record_id, ()))) for one in lines],
        "at": at,
        "pages": max(1, ceil(total / LINES)),
        "before": at - 1,
        "behind": at + 1,
        "job": latest(desk, "row-sets", "row-sets-check", "columns"),
        "may_make": desk.may(Act.TAKE_IN),
        "may_confirm": desk.may(Act.ACCEPT),
        "may_correct": desk.may(Act.ANSWER),
        "tabs": tabs(desk, "tables"),
        "may_retire": desk.may(Act.PROPOSE_DESTRUCTION),
    }
    return render(request, "customers/tables.html", shown)


@page(Act.LIST)
@require_POST
def act(request: HttpRequest, desk: Desk, reference: str, act: str) -> HttpResponse:
    """Make, check or confirm the row sets of one table, as long work."""
    if act not in ACTS:
        raise Http404
    kind, needed, more = ACTS[act]
    record = desk.record(reference, Act.LIST)
    desk.require(needed)
    return ask(desk, kind, {"record": record.id, **more})


@page(Act.SEE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def rows_of(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """The rows of one customer in every table that the person may open; as a file by POST."""
    desk.require(Act.REVEAL)
    customer = customer_of(desk, number)
    scope = scope_of(desk, Act.REVEAL)
    parts = [
        part
        for part in parts_of_customer(desk.archive, customer)
        if scope.records is None or scope.records.filter(id=part.record_id).exists()
    ]
    form = request.POST.get("form", "")
    if request.method == "POST":
        desk.require(Act.EXPORT)
    note_rows(
        desk.archive, [one.record_id for one in parts], form if form in WRITERS else "html", now=desk.now()
    )
    if form in WRITERS:
        return _written(parts, form, f"{desk.code}-C{number:05d}-rows.{form}")
    shown = {
        "number": number,
        "parts": [_part(one) for one in parts],
        "may_export": desk.may(Act.EXPORT),
        "may_propose": desk.may(Act.PROPOSE_DESTRUCTION),
    }
    return render(request, "customers/rows.html", shown)


def _part(part: Part) -> dict[str, Any]:
    rows = [(number, [as_read(cell) for cell in cells]) for number, cells in islice(part.rows(), SHOWN_ROWS)]
    return {
        "name": part.name,
        "headers": part.sheet.headers,
        "rows": rows,
        "count": part.count,
        "more": max(0, part.count - len(rows)),
    }


def _written(parts: list[Part], form: str, name: str) -> HttpResponse:
    sink = io.BytesIO()
    WRITERS[form]([(one.name, one.sheet, one.rows()) for one in parts], sink)
    return HttpResponse(
        sink.getvalue(),
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
