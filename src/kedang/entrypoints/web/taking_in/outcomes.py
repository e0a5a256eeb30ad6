"""What came of each file of an accession."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.taking_in.seen import seen_by
from kedang.holdings.queries.taking_in import (
    ALL,
    SHOWN,
    accession_line,
    accession_with_id,
    outcomes_of,
    source_line,
)


@page(Act.TAKE_IN)
@require_GET
def accession(request: HttpRequest, desk: Desk, accession_id: str) -> HttpResponse:
    """The outcome of each thing; of what was refused or not read, what is safe already and what to do."""
    row = accession_with_id(desk.archive, accession_id)
    if row is None:
        raise Http404
    show = request.GET.get("show", ALL)
    number = request.GET.get("page", "1")
    if show not in SHOWN or not number.isdecimal() or not 0 < int(number) < 1_000_000:
        raise Http404
    seen = seen_by(desk)
    context = {
        "accession": accession_line(desk.archive, seen, row),
        "source": source_line(desk.archive, seen, row.source),
        "outcomes": outcomes_of(desk.archive, seen, row, show, int(number)),
        "show": show,
        "shown": SHOWN,
        "page": int(number),
    }
    return render(request, "taking_in/accession.html", context)
