"""The rows of one customer in tables that others are in too: chosen here, then shown as every order is."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.covering import plain
from kedang.access.deciding import Act
from kedang.entrypoints.web.customers.scoping import customer_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.queries.customer_rows import RETIRE, ROWS, tables_with_rows
from kedang.holdings.queries.customer_titles import titles_of
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.rows import numbers_said

NUMBER_DIGITS = 9


@page(Act.PROPOSE_DESTRUCTION)
@require_GET
def rows(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tables in which a customer has rows, which rows they are, and how each table lets them go."""
    said = request.GET.get("customer", "").strip()[:NUMBER_DIGITS]
    shown: dict[str, object] = {"said": said, "tables": None, "unknown": False}
    if said:
        try:
            customer = customer_of(desk, int(said) if said.isdecimal() else 0)
        except Http404:
            shown["unknown"] = True
        else:
            shown["tables"] = found = _tables(desk, customer)
            shown["some"] = any(one["table"].way in (ROWS, RETIRE) for one in found)
    return render(request, "disposition/rows.html", shown)


def _tables(desk: Desk, customer: str) -> list[dict[str, Any]]:
    found = tables_with_rows(desk.archive, customer, desk.records(Act.LIST))
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = titles_of(desk.archive, [one.record_id for one in found], seen=seen)
    return [
        {"table": one, "title": plain(titles.get(one.record_id, ())), "numbers": numbers_said(one.rows)}
        for one in found
    ]
