"""The page on which labels and lists are chosen, and boxes kept."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.catalogue.paper import box_kinds, label_sheets
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.labels.choosing import KINDS
from kedang.holdings.queries.boxes import boxes_of, series_lines

BOXES_OF_A_PAGE = 20


@page(Act.LABEL)
@require_GET
def labels(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What can be printed for which records, and which box holds what."""
    boxes = boxes_of(desk.archive)
    said = {
        "kinds": KINDS,
        "series": series_lines(desk.records(Act.LABEL)),
        "boxes": Paginator(boxes, BOXES_OF_A_PAGE).get_page(request.GET.get("page")),
        "box_total": len(boxes),
        "box_kinds": box_kinds().values(),
        "sheets": label_sheets().values(),
    }
    return render(request, "labels/labels.html", said)
