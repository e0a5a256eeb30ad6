"""The file of one customer."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.customer_page.making import customer_page
from kedang.entrypoints.customer_page.printing import page_pdf
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.web.customers.drawing import (
    codes_by_record,
    covered_file,
    drawn,
    links_of,
    profile_lines,
    standing_of,
)
from kedang.entrypoints.web.customers.scoping import customer_of, scope_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.customer_consulting import look_at_customer
from kedang.holdings.actions.customer_revealing import reveal_value

FORMS = {"pdf": "application/pdf", "json": "application/json"}


@page(Act.SEE_CUSTOMERS)
@require_GET
def customer(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Who he is, his dealings, signs, records, days, grounds and judgements."""
    return _file_page(request, desk, number)


def _file_page(
    request: HttpRequest, desk: Desk, number: int, opened: dict[str, Any] | None = None
) -> HttpResponse:
    words = PageWords(desk.language)
    found = look_at_customer(desk.archive, customer_of(desk, number), clock=desk.now, scope=scope_of(desk))
    file = covered_file(desk, found)
    made = customer_page(file, standing_of(desk), words)
    linked = links_of(codes_by_record(file), desk)
    shown = {
        "file": file,
        "page": made,
        "words": words,
        "profile": profile_lines(file, linked, words),
        "parts": drawn(made, linked, words),
        "may_reveal": desk.may(Act.REVEAL),
        "may_judge": desk.may(Act.JUDGE),
        "may_export": desk.may(Act.EXPORT),
        "opened": opened,
    }
    return render(request, "customers/customer.html", shown)


@page(Act.REVEAL)
@require_POST
def reveal(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """One covered value of his profile, for a reason that the ledger keeps a commitment of."""
    desk.require(Act.SEE_CUSTOMERS)
    field, _, place = request.POST.get("value", "").partition(":")
    if not place.isdecimal():
        raise Http404
    value = reveal_value(
        desk.archive,
        customer_of(desk, number),
        (field, int(place)),
        request.POST.get("reason", ""),
        scope=scope_of(desk, Act.REVEAL),
        clock=desk.now,
    )
    opened = {"field": field, "place": int(place), "value": value}
    if request.headers.get("HX-Request"):
        return render(request, "customers/value.html", opened)
    return _file_page(request, desk, number, opened)


@page(Act.EXPORT)
@require_GET
def download(request: HttpRequest, desk: Desk, number: int, form: str) -> HttpResponse:
    """The file in clear, for printing (pdf) or for a program (json); an export that the ledger notes."""
    desk.require(Act.SEE_CUSTOMERS)
    if form not in FORMS:
        raise Http404
    words, one = PageWords(desk.language), customer_of(desk, number)
    found = look_at_customer(
        desk.archive, one, clock=desk.now, exported_as=form, scope=scope_of(desk, Act.OPEN_ORIGINAL)
    )
    octets = (
        page_pdf(customer_page(found, standing_of(desk), words), words)
        if form == "pdf"
        else json.dumps(found, ensure_ascii=False, indent=1).encode()
    )
    name = f"{desk.code}-C{found['number']:05d}.{form}"
    return HttpResponse(
        octets,
        content_type=FORMS[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
