"""What waits for review: the list, and one record with its check against the archiving standard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.checking.asked import filter_of, is_id
from kedang.entrypoints.web.checking.showing import classes_of, sheet_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.review_batches import MOST, sample_sizes
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.reviewing import (
    batch_of,
    batch_shown,
    batches,
    classes_waiting,
    review_is_on,
    standing_of,
    waiting,
)
from kedang.holdings.queries.shown_titles import shown_titles
from kedang.holdings.queries.standard_checks import standard_of, standard_set

LISTED = 30


@page(Act.ACCEPT)
@require_GET
def reviews(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What waits, what of it fails the standard, and the batches."""
    chosen = filter_of(request.GET).record_class
    everything = waiting(desk.archive.case_id, desk.person, today=desk.today())
    rows = everything.filter(record_class=chosen) if chosen else everything
    some, found = list(rows[:LISTED]), rows.count()
    if some:
        note_shown(desk.archive, "review", [one.id for one in some], now=desk.now())
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = shown_titles(desk.archive, some, seen=seen)
    standard = standard_of(desk.archive)
    shown = {
        "on": review_is_on(desk.archive.case_id),
        "total": everything.count(),
        "found": found,
        "chosen": chosen,
        "by_class": classes_waiting(everything),
        "classes": dict(classes_of(desk)),
        "lines": [(one, titles[one.record.id]) for one in standing_of(desk.archive, some)],
        "sizes": sample_sizes(min(found, MOST)),
        "batches": batches(desk.archive, mine=True),
        "standard": standard.said(desk.language),
        "standard_set": standard_set(desk.archive),
        "may_standard": desk.may(Act.SET_STANDARD),
        "clauses": _clauses(desk, standard.clauses),
    }
    return render(request, "review/reviews.html", shown)


def _clauses(desk: Desk, clauses: Any) -> list[dict[str, str]]:
    """Clauses in the language of the page."""
    return [
        {"id": one.id, "said": one.said(desk.language), "mend": one.mend(desk.language), "source": one.source}
        for one in clauses
    ]


@page(Act.ACCEPT)
@require_GET
def review(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """One record beside what the standard says of it."""
    return review_page(request, desk, record_id)


def review_page(
    request: HttpRequest, desk: Desk, record_id: str, *, fault: str = "", status: int = 200
) -> HttpResponse:
    """The page of one record; `fault` is the code of what was wrong with the decision that was sent."""
    record = desk.record(record_id, Act.ACCEPT)
    note_shown(desk.archive, "review", [record.id], now=desk.now())
    said = request.POST if request.method == "POST" else request.GET
    (standing,) = standing_of(desk.archive, [record])
    batch = batch_of(desk.archive, said.get("batch", "")) if is_id(said.get("batch", "")) else None
    in_sample = batch is not None and batch.ended is None and record.id in batch.sample
    left = waiting(desk.archive.case_id, desk.person, today=desk.today()).count()
    shown = sheet_of(desk, record) | {
        "standing": standing,
        "failing": _clauses(desk, standing.failing),
        "waits": record.state == "review",
        "seen": state_seen(record),
        "batch": batch_shown(desk.archive, batch) if batch is not None and in_sample else None,
        "looked": batch.looked.get(record.id, "") if batch is not None else "",
        "left": left,
        "fault": fault,
        "typed": request.POST,
    }
    return render(request, "review/review.html", shown, status=status)
