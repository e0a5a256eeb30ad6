"""Filling boxes, saying where they stand, taking them apart."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kedang.access.deciding import Act
from kedang.catalogue.paper import box_kinds
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.boxing import MOST_FOLDER_PAGES, Filling, change_box, empty_box, fill_boxes
from kedang.holdings.queries.boxes import Chosen, chosen_records


@page(Act.LABEL)
@require_POST
def fill(request: HttpRequest, desk: Desk) -> HttpResponse:
    """New boxes for what lies in none."""
    kind, pages = box_kinds().get(request.POST.get("kind", "")), request.POST.get("folder_pages", "")
    if kind is None or not (pages.isascii() and pages.isdecimal() and 0 < int(pages) <= MOST_FOLDER_PAGES):
        raise Http404
    chosen = Chosen(series=request.POST.get("series", ""))
    rows = chosen_records(desk.archive, desk.records(Act.LABEL), chosen)
    made = fill_boxes(desk.archive, rows, Filling(kind, int(pages)), now=desk.now())
    said = say("labels.filled", desk.language, boxes=made.boxes, folders=made.folders, records=made.records)
    messages.success(request, said)
    return redirect("labels", code=desk.code)


@page(Act.LABEL)
@require_POST
def change(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """The box stands elsewhere, or is of another kind."""
    kind, place = request.POST.get("kind", ""), request.POST.get("place", "")
    change_box(desk.archive, number, kind=kind, place=place)
    messages.success(request, say("labels.changed", desk.language, number=number))
    return redirect("labels", code=desk.code)


@page(Act.LABEL)
@require_POST
def empty(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """The box is taken apart."""
    empty_box(desk.archive, number, now=desk.now())
    messages.success(request, say("labels.emptied", desk.language, number=number))
    return redirect("labels", code=desk.code)
