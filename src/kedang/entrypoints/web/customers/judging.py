"""The judging queue: two sides beside each other, a key for each answer, the score only after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.web.customers.pairs import fields_of, sides_of, waterfall_of
from kedang.entrypoints.web.customers.scoping import scope_of, tabs
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.customer_consulting import look_at_queue
from kedang.holdings.actions.judging import VERDICTS, Decided, answer_pair, undo
from kedang.holdings.customer_errors import PairUnknown
from kedang.holdings.queries.judging_queue import find_pair, open_judgement_of, queue_holds, waiting
from kedang.records.errors import KedangError

MOST_SKIPPED = 200


@page(Act.JUDGE)
@require_http_methods(["GET", "POST"])
def judging(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The pair whose answer teaches most; what was just answered stands under it with its score."""
    desk.require(Act.READ)
    if request.method != "POST":
        return _next(request, desk, {})
    pair, verdict = request.POST.get("pair", ""), request.POST.get("verdict", "")
    skipped = request.POST.getlist("skipped")[-MOST_SKIPPED:]
    if verdict == "skip":
        return _next(request, desk, {}, [*skipped, pair])
    return _next(request, desk, _answered(request, desk, pair, verdict), skipped)


def _answered(request: HttpRequest, desk: Desk, pair: str, verdict: str) -> dict[str, Any]:
    """What was answered, with the score; that somebody else was first when he was."""
    if not queue_holds(desk.archive, pair, scope=scope_of(desk, Act.READ)):
        return {"too_late": True}
    try:
        find_pair(desk.archive, pair)
        why = Decided(request.POST.get("reason", "").strip())
        row, evidence = answer_pair(
            desk.archive, pair, verdict if verdict in VERDICTS else "", why, clock=desk.now
        )
    except PairUnknown:
        return {"too_late": True}
    return {
        "judged": row.ordinal,
        "verdict": row.kind,
        "fall": waterfall_of(evidence, PageWords(desk.language)),
    }


@page(Act.JUDGE)
@require_POST
def take_back(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The last answer of this person taken back; its pair comes again."""
    desk.require(Act.READ)
    skipped = request.POST.getlist("skipped")[-MOST_SKIPPED:]
    last = open_judgement_of(desk.archive, desk.person.agent)
    if last is None:
        return _next(request, desk, {"nothing_back": True}, skipped)
    try:
        undo(desk.archive, last, clock=desk.now)
    except KedangError as error:
        return _next(request, desk, {"not_back": error.code}, skipped)
    return _next(request, desk, {"taken_back": last}, skipped)


def _next(
    request: HttpRequest, desk: Desk, told: Mapping[str, Any], skipped: list[str] | None = None
) -> HttpResponse:
    scope, skipped = scope_of(desk, Act.READ), skipped or []
    pairs = look_at_queue(desk.archive, limit=1, skipped=skipped, clock=desk.now, scope=scope)
    left = waiting(desk.archive, scope=scope)
    shown: dict[str, Any] = {"told": told, "left": left, "skipped": skipped, "way": "judging"} | {
        "tabs": tabs(desk, "judging")
    }
    if pairs:
        shown |= {
            "pair": pairs[0],
            "fields": fields_of(pairs[0], PageWords(desk.language)),
            "sides": sides_of(pairs[0]),
        }
    part = request.headers.get("HX-Request")
    return render(request, "customers/pair.html" if part else "customers/judging.html", shown)
