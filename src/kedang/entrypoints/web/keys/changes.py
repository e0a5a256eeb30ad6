"""Changing the keys, and sealing everything anew: what each does and does not promise is shown first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.web.again import asked_again, require_again
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask
from kedang.holdings.actions.rotating import require_ready
from kedang.holdings.actions.sealing_anew import unfinished as reseal_unfinished
from kedang.holdings.queries.keys import keys_status
from kedang.holdings.queries.resealing import to_seal


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def rotate(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new epoch of the keys; one that was interrupted is carried through."""
    resumes = keys_status(desk.archive).unfinished in ("rotate", "slots")
    if request.method == "GET":
        return render(request, "keys/rotate.html", {"resumes": resumes, **asked_again(request)})
    require_again(request)
    if resumes:
        return ask(desk, "rotate", {"resume": True})
    require_ready(desk.archive)
    return ask(desk, "rotate", {"from_epoch": desk.archive.epoch})


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def reseal(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Everything under fresh keys; one that was interrupted is carried through."""
    resumes = reseal_unfinished(desk.archive) is not None
    if request.method == "GET":
        shown = {"much": to_seal(desk.archive), "resumes": resumes, **asked_again(request)}
        return render(request, "keys/reseal.html", shown)
    require_again(request)
    if not resumes:
        require_ready(desk.archive)
    return ask(desk, "reseal", {} if resumes else {"from_epoch": desk.archive.epoch})
