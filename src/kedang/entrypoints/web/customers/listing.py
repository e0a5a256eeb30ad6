"""The list of customers. What is typed into its search goes by POST: names are in no address."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.web.customers.scoping import scope_of, tabs
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.customer_consulting import look_at_customers
from kedang.holdings.queries.customers import ORDERS, CustomerFilter
from kedang.records.content import RecordClass

LINES = 50  # customers on a page
KINDS = ("person", "organisation")
CLASSES = tuple(one.value for one in RecordClass)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of the list."""

    wanted: CustomerFilter
    typed: str
    page: int

    @classmethod
    def of(cls, said: QueryDict) -> Asked:
        """As a form or an address says it; what is not known is left out."""
        typed = said.get("q", "").strip()[:100]
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
        wanted = CustomerFilter(
            kind=_among(said.get("kind", ""), KINDS),
            name="" if number is not None else typed,
            number=number,
            record_class=_among(said.get("class", ""), CLASSES),
            to_judge=said.get("to_judge") == "1",
            order=_among(said.get("order", ""), ORDERS) or ORDERS[0],
        )
        turned = said.get("page", "1")
        return cls(wanted, typed, max(1, int(turned)) if turned.isdecimal() and len(turned) < 8 else 1)


def _among(said: str, known: tuple[str, ...]) -> str:
    return said if said in known else ""


@page(Act.SEE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def customers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Customers with filters, search, order, page by page."""
    asked = Asked.of(request.POST if request.method == "POST" else request.GET)
    total, lines = look_at_customers(
        desk.archive,
        asked.wanted,
        limit=LINES,
        offset=(asked.page - 1) * LINES,
        clock=desk.now,
        scope=scope_of(desk),
    )
    shown = {"asked": asked, "lines": lines, **_paging(total, asked.page), **_choices(desk)}
    part = request.headers.get("HX-Target") == "found"
    return render(request, "customers/found.html" if part else "customers/list.html", shown)


def _paging(total: int, page: int) -> dict[str, Any]:
    pages = max(1, ceil(total / LINES))
    return {
        "total": total,
        "first": min(total, (page - 1) * LINES + 1),
        "last": min(total, page * LINES),
        "pages": pages,
        "before": page - 1 if page > 1 else 0,
        "behind": page + 1 if page < pages else 0,
    }


def _choices(desk: Desk) -> dict[str, Any]:
    return {"kinds": KINDS, "classes": CLASSES, "orders": ORDERS, "tabs": tabs(desk, "customers")}
