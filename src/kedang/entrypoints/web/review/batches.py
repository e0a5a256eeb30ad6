"""Review by sample and batch: drawn at random, looked at, then all of it accepted or sent back."""

from __future__ import annotations

import random

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.checking.asked import filter_of
from kedang.entrypoints.web.checking.showing import classes_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.review.deciding import STATUS
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.review_batches import draw, end_batch
from kedang.holdings.checking_errors import BatchUnknown, ReasonNeeded, SampleNotLookedAt, SampleStale
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.reviewing import batch_of, batch_shown, sampled, waiting
from kedang.holdings.queries.shown_titles import shown_titles

CHANCE = random.SystemRandom()
MOST_SAMPLED = 900


@page(Act.ACCEPT)
@require_POST
def drawn(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new batch, and its page."""
    chosen, typed = filter_of(request.POST).record_class, request.POST.get("size", "")
    size = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 5 else 0
    rows = waiting(desk.archive.case_id, desk.person, today=desk.today(), record_class=chosen)
    try:
        batch = draw(desk.archive, rows, min(size, MOST_SAMPLED), chance=CHANCE, clock=desk.now)
    except BatchUnknown:
        messages.warning(request, say("review.nothing-to-draw", desk.language))
        return redirect("reviews", code=desk.code)
    return redirect("review-batch", code=desk.code, batch_id=batch.id)


@page(Act.ACCEPT)
@require_GET
def batch(request: HttpRequest, desk: Desk, batch_id: str) -> HttpResponse:
    """One batch with its sample."""
    return batch_page(request, desk, batch_id)


def batch_page(
    request: HttpRequest, desk: Desk, batch_id: str, *, fault: str = "", status: int = 200
) -> HttpResponse:
    """The page of a batch; `fault` is the code of why it could not be ended."""
    found = batch_of(desk.archive, batch_id)
    if found is None:
        raise Http404
    lines = sampled(found, desk.records(Act.ACCEPT))
    if lines:
        note_shown(desk.archive, "review", [one.id for one, _ in lines], now=desk.now())
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = shown_titles(desk.archive, [one for one, _ in lines], seen=seen)
    shown = batch_shown(desk.archive, found)
    said = {
        "shown": shown,
        "lines": [(one, looked, titles[one.id]) for one, looked in lines],
        "classes": dict(classes_of(desk)),
        "upper": f"{100 * shown.upper:.1f}",
        "first": next((one for one, looked in lines if not looked), None),
        "fault": fault,
        "typed": request.POST,
    }
    return render(request, "review/batch.html", said, status=status)


@page(Act.ACCEPT)
@require_POST
def ended(request: HttpRequest, desk: Desk, batch_id: str) -> HttpResponse:
    """The whole batch accepted, sent back or given up."""
    verdict, reason = request.POST.get("verdict", ""), request.POST.get("reason", "").strip()
    allowed = desk.records(Act.ACCEPT)
    try:
        count, left = end_batch(desk.archive, batch_id, verdict, reason, allowed=allowed, clock=desk.now)
    except (SampleNotLookedAt, SampleStale, ReasonNeeded) as error:
        return batch_page(request, desk, batch_id, fault=error.code, status=STATUS.get(error.code, 409))
    key = {"accepted": "review.batch-accepted", "sent-back": "review.batch-sent-back"}.get(verdict)
    said = say(key, desk.language, count=count) if key else say("review.batch-given-up", desk.language)
    if left:
        said += " " + say("review.batch-left", desk.language, count=left)
    messages.success(request, said)
    return redirect("reviews", code=desk.code)
