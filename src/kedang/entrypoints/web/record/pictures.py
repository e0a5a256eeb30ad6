"""The picture of one page with personal values covered: made for this answer and kept nowhere."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.adapters.page_drawing import PageDrawing
from kedang.holdings.queries.opened_record import OpenedRecord, opened_record
from kedang.holdings.queries.permitted import customers_seen, subject_of
from kedang.pipeline.errors import PageNotDrawn, PlaceNotTold
from kedang.pipeline.page_messages import PageDrawn

DRAWING = PageDrawing()
"""The drawing processes of this door."""


@page(Act.READ)
@require_GET
def picture(request: HttpRequest, desk: Desk, record_id: str, number: int) -> HttpResponse:
    """One page covered; as a part of the record's page, or as a page of its own."""
    found = desk.record(record_id, Act.READ)
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    opened = opened_record(desk.archive, found, seen=seen)
    if not 1 <= number <= opened.pages:
        raise Http404
    note_shown(desk.archive, "page-image", [found.id], now=desk.now())
    said = {"record": found, "number": number, "pages": opened.pages}
    said["may_reveal"] = desk.may(Act.REVEAL, subject_of(found))
    said |= drawn_page(opened, number)
    template = "record/picture_part.html" if request.headers.get("HX-Request") else "record/picture.html"
    return render(request, template, said)


def drawn_page(opened: OpenedRecord, number: int, *, whole: bool = False) -> dict[str, Any]:
    """The picture for a template, or the code that says why there is none."""
    try:
        drawn = DRAWING.draw(opened.archive, opened.record, opened.page_request(number, whole=whole))
    except (PageNotDrawn, PlaceNotTold) as error:
        return {"refused": error.code}
    return {
        "picture": "data:image/webp;base64," + b64encode(drawn.picture).decode(),
        "width": drawn.width,
        "height": drawn.height,
        "covered": drawn.covered,
        "marks": _marks(drawn),
    }


def _marks(drawn: PageDrawn) -> list[dict[str, int]]:
    """Where facts stand, in points of the picture."""
    return [
        {
            "number": mark.number,
            "x": round(mark.left * drawn.width) - 3,
            "y": round(mark.top * drawn.height) - 2,
            "width": round(mark.width * drawn.width) + 6,
            "height": round(mark.height * drawn.height) + 4,
        }
        for mark in drawn.marks
    ]
