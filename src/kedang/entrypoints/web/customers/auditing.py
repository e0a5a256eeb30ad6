"""The audit of joins: a random sample looked at by a person, and the bound that follows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.web.customers.pairs import fields_of, sides_of
from kedang.entrypoints.web.customers.scoping import scope_of, tabs
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions import auditing
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.judging import VERDICTS
from kedang.holdings.queries.audits import audits, open_audit

SIZES = (30, 59, 100, 300)
"""Joins of a sample; 59 without a fault show 95 % with 95 % confidence."""


@page(Act.JUDGE)
@require_http_methods(["GET", "POST"])
def audit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The next join of the open sample, or the bounds of those that have ended and a way to draw a new one."""
    desk.require(Act.READ)
    scope = scope_of(desk, Act.READ)
    now_open = open_audit(desk.archive) if scope.records is None else None
    if now_open is not None and request.method == "POST":
        number, verdict = request.POST.get("pair", ""), request.POST.get("verdict", "")
        if number.isdecimal() and verdict in VERDICTS:
            reason = request.POST.get("reason", "").strip()
            auditing.answer(desk.archive, now_open, int(number), verdict, reason, clock=desk.now)
        auditing.conclude(desk.archive, now_open, now=desk.now())
        now_open = open_audit(desk.archive)
    shown: dict[str, Any] = {
        "past": audits(desk.archive),
        "sizes": SIZES,
        "way": "audit",
        "told": {},
        "whole": scope.records is None,
        "tabs": tabs(desk, "audit"),
    }
    if now_open is not None:
        shown |= _next(desk, now_open, request.POST.getlist("skipped")[-200:], request)
    part = request.headers.get("HX-Request") and "pair" in shown
    return render(request, "customers/pair.html" if part else "customers/audit.html", shown)


def _next(
    desk: Desk, open_one: auditing.OpenAudit, skipped: list[str], request: HttpRequest
) -> dict[str, Any]:
    if request.POST.get("verdict") == "skip":
        skipped = [*skipped, request.POST.get("pair", "")]
    left = auditing.unanswered(desk.archive, open_one)
    waiting = [one for one in left if str(one[0]) not in skipped] or left
    shown: dict[str, Any] = {
        "standing": auditing.conclude(desk.archive, open_one, now=desk.now()),
        "left": len(left),
    }
    if waiting:
        pair = waiting[0][1]
        note_shown(desk.archive, "judging", [pair.first.record_id, pair.second.record_id], now=desk.now())
        shown |= {
            "pair": pair,
            "fields": fields_of(pair, PageWords(desk.language)),
            "sides": sides_of(pair),
            "skipped": skipped,
        }
    return shown


@page(Act.JUDGE)
@require_POST
def draw(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new sample; the one that is open stays when there is one."""
    desk.require(Act.READ)
    size = request.POST.get("size", "")
    if scope_of(desk, Act.READ).records is None:
        chosen = int(size) if size.isdecimal() and int(size) in SIZES else SIZES[1]
        auditing.draw(desk.archive, chosen, now=desk.now())
    return redirect("audit", code=desk.code)
