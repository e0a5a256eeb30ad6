"""What a reviewer decides about one record: accepted, sent back, or what a sample shows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.review.waiting import review_page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.review_batches import look
from kedang.holdings.actions.reviewing import Looked, accept, send_back
from kedang.holdings.checking_errors import DecidedMeanwhile, OwnWork, ReasonNeeded, StandardNotMet
from kedang.holdings.queries.reviewing import sampled, waiting

STATUS = {DecidedMeanwhile.code: 409, OwnWork.code: 403, ReasonNeeded.code: 400, StandardNotMet.code: 409}


@page(Act.ACCEPT)
@require_POST
def decided(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """Accepted with its number, or sent back; then the next one."""
    record = desk.record(record_id, Act.ACCEPT)
    seen = {record.id: request.POST.get("seen", "")}
    looked = Looked(seen, request.POST.get("reason", "").strip())
    excepted = request.POST.getlist("except")
    try:
        if request.POST.get("verdict") == "sent-back":
            send_back(desk.archive, looked, clock=desk.now)
            said = say("review.sent-back-now", desk.language)
        else:
            given = accept(desk.archive, looked, excepted=excepted, clock=desk.now)
            said = say("review.accepted-now", desk.language, number=given[record.id])
    except (DecidedMeanwhile, OwnWork, ReasonNeeded, StandardNotMet) as error:
        return review_page(request, desk, record_id, fault=error.code, status=STATUS[error.code])
    messages.success(request, said)
    return redirect(_next(desk, record.first_order))


def _next(desk: Desk, order: bytes) -> str:
    """The next record that waits behind this one; the list when there is none."""
    rows = waiting(desk.archive.case_id, desk.person, today=desk.today())
    found = rows.filter(first_order__gt=order).first() or rows.first()
    if found is None:
        return reverse("reviews", kwargs={"code": desk.code})
    return reverse("review", kwargs={"code": desk.code, "record_id": found.id})


@page(Act.ACCEPT)
@require_GET
def following(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Leads to the record that waits behind another."""
    record = desk.record(request.GET.get("at", ""), Act.ACCEPT)
    return redirect(_next(desk, record.first_order))


@page(Act.ACCEPT)
@require_POST
def looked(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """What the reviewer says of a record of a sample; then the next one of it, or the batch."""
    record = desk.record(record_id, Act.ACCEPT)
    batch = look(desk.archive, request.POST.get("batch", ""), record.id, request.POST.get("verdict", ""))
    address = reverse("review-batch", kwargs={"code": desk.code, "batch_id": batch.id})
    left = [one for one, said in sampled(batch, desk.records(Act.ACCEPT)) if not said]
    if left:
        address = (
            reverse("review", kwargs={"code": desk.code, "record_id": left[0].id}) + f"?batch={batch.id}"
        )
    return redirect(address)
