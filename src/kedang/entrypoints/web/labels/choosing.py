"""What is to be printed, as a form says it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, QueryDict

from kedang.catalogue.paper import LabelSheet, label_sheets
from kedang.holdings.queries.boxes import Chosen

KINDS = ("labels", "item-list", "volume-list", "box-labels", "folder-labels", "box-list")
"""QR labels of records, 归档文件目录, 卷内文件目录, spine labels of boxes, labels of folders, list of boxes."""
MOST_CHOSEN = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """One print."""

    what: str
    sheet: LabelSheet
    chosen: Chosen
    skip: int
    """Stickers of the first sheet that are used already."""


def wanted_of(form: QueryDict) -> Wanted:
    """What the form asks for.

    Raises:
        Http404: something that the page does not offer.
    """
    what, sheet = form.get("what", ""), label_sheets().get(form.get("sheet", "3x8"))
    box, skip = form.get("box", ""), form.get("skip", "") or "0"
    records = [one for one in form.get("records", "").split(",") if one]
    numbers = all(one.isascii() and one.isdecimal() and len(one) < 10 for one in (box or "0", skip))
    if what not in KINDS or sheet is None or not numbers or len(records) > MOST_CHOSEN:
        raise Http404
    chosen = Chosen(form.get("series", ""), int(box) if box else None, records)
    return Wanted(what, sheet, chosen, min(int(skip), sheet.columns * sheet.rows - 1))
