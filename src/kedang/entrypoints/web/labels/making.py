"""Labels and lists as PDF: noted in the ledger, whose head stands at the foot of every sheet."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.report.head_codes import head_code
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.labels.choosing import Wanted, wanted_of
from kedang.entrypoints.web.labels.printing import Print, print_of
from kedang.holdings.actions.exporting import note_printed
from kedang.holdings.adapters.names import case_name
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.box_errors import NothingToPrint, TooMuchToPrint
from kedang.holdings.queries.boxes import BoxLine, ItemLine, boxes_of, chosen_records, item_lines
from kedang.holdings.queries.permitted import customers_seen

MOST_ITEMS = 3_000  # of one file: a few seconds of typesetting
NOTED = {
    "labels": "labels", "box-labels": "labels", "folder-labels": "labels",
    "item-list": "item-list", "volume-list": "volume-list", "box-list": "box-list",
}  # fmt: skip


@page(Act.LABEL)
@require_POST
def make(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The PDF."""
    wanted = wanted_of(request.POST)
    items, boxes = _of(desk, wanted)
    records = [item.record for item in items]
    note_printed(desk.archive, NOTED[wanted.what], records, now=desk.now())
    head = str(head_code(sign_head(desk.archive, now=desk.now())))
    print_ = Print(case_name(desk.archive), desk.code, desk.language, desk.today(), head)
    answer = HttpResponse(print_of(wanted, print_, items, boxes), content_type="application/pdf")
    name = f"{desk.code}-{wanted.what}-{desk.today():%Y%m%d}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _of(desk: Desk, wanted: Wanted) -> tuple[list[ItemLine], list[BoxLine]]:
    """The records, or the boxes, of a print.

    Raises:
        NothingToPrint, TooMuchToPrint: none, or more than a file holds.
    """
    permitted = desk.records(Act.LABEL)
    if wanted.what in ("box-labels", "folder-labels", "box-list"):
        boxes = [one for one in boxes_of(desk.archive, wanted.chosen.box) if one.folders]
        if wanted.chosen.series:
            boxes = [one for one in boxes if any(f.series == wanted.chosen.series for f in one.folders)]
        count, items = sum(len(box.folders) for box in boxes), []
    else:
        rows = chosen_records(desk.archive, permitted, wanted.chosen)
        count, boxes = rows.count(), []
        if 0 < count <= MOST_ITEMS:
            seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
            items = item_lines(desk.archive, rows, seen=seen, titles=wanted.what != "labels")
    if not count:
        raise NothingToPrint()
    if count > MOST_ITEMS:
        raise TooMuchToPrint(most=MOST_ITEMS, chosen=count)
    return items, boxes
