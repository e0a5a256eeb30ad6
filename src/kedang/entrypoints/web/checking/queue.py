"""The queue: how many questions wait and of what, and one question at a time."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.checking.asked import filter_of, is_id, words_of
from kedang.entrypoints.web.checking.describing import as_typed
from kedang.entrypoints.web.checking.showing import classes_of, lift_of, question_shown
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.queries.checking import (
    before,
    following,
    question_of,
    queue,
    ready_records,
    tally,
    who_may_answer,
)
from kedang.holdings.queries.people import agent_names
from kedang.holdings.queries.permitted import customers_seen
from kedang.holdings.queries.reviewing import review_is_on
from kedang.holdings.queries.shown_titles import shown_titles

LISTED = 20


@page(Act.ANSWER)
@require_GET
def waiting(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What waits for the person, by code, class and source; the first of it as a list."""
    wanted = filter_of(request.GET)
    rows = queue(desk.archive.case_id, desk.person, wanted, today=desk.today())
    first = list(rows[:LISTED])
    if first:
        note_shown(
            desk.archive, "questions", [*dict.fromkeys(one.record_id for one in first)], now=desk.now()
        )
    shown = {
        "tally": tally(desk.archive, desk.person, today=desk.today()),
        "wanted": wanted,
        "words": words_of(wanted),
        "found": rows.count(),
        "lines": _lines(desk, first),
        "classes": dict(classes_of(desk)),
        "ready": ready_records(desk.archive, desk.person, today=desk.today()).count(),
        "review": review_is_on(desk.archive.case_id),
        "lift": lift_of(desk) if desk.may(Act.SEE_CASE) else None,
        "done": _done(request),
    }
    return render(request, "checking/queue.html", shown)


def _lines(desk: Desk, rows: list[Any]) -> list[dict[str, Any]]:
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    titles = shown_titles(desk.archive, [one.record for one in rows], seen=seen)
    names = agent_names(desk.archive)
    return [
        {"question": one, "title": titles[one.record_id], "assigned": names.get(one.assigned, "")}
        for one in rows
    ]


def _done(request: HttpRequest) -> str:
    """The correction that the person has just made; it can be taken back from the next page."""
    said = request.GET.get("done", "")
    return said if is_id(said) else ""


@page(Act.ANSWER)
@require_GET
def following_one(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Leads to the first question, or to the one behind or before another."""
    return redirect(address_of_next(desk, request, done=_done(request)))


def address_of_next(desk: Desk, request: HttpRequest, *, done: str = "") -> str:
    """Where the next question of the person's queue stands; the queue itself when there is none."""
    said = request.GET if request.method == "GET" else request.POST
    wanted = filter_of(said)
    rows = queue(desk.archive.case_id, desk.person, wanted, today=desk.today())
    at = question_of(desk.archive.case_id, said.get("at", ""))
    if at is None:
        found = rows.first()
    elif said.get("way") == "back":
        found = before(rows, at)
    else:
        found = following(rows, at) or rows.exclude(id=at.id).first()
    words = words_of(wanted, done=done)
    if found is None:
        return reverse("checking", kwargs={"code": desk.code}) + words
    return reverse("question", kwargs={"code": desk.code, "question_id": found.id}) + words


@page(Act.ANSWER)
@require_GET
def question(request: HttpRequest, desk: Desk, question_id: str) -> HttpResponse:
    """One question, with the record beside it."""
    return question_page(request, desk, question_id)


def question_page(
    request: HttpRequest, desk: Desk, question_id: str, *, fault: str = "", place: str = "", status: int = 200
) -> HttpResponse:
    """The page of a question; `fault` is the code of what was wrong with the answer that was sent, `place` where."""
    asked = question_of(desk.archive.case_id, question_id)
    if asked is None:
        raise Http404
    desk.record(asked.record_id, Act.ANSWER)
    note_shown(desk.archive, "questions", [asked.record_id], now=desk.now())
    wanted = filter_of(request.POST if request.method == "POST" else request.GET)
    rows = queue(desk.archive.case_id, desk.person, wanted, today=desk.today())
    names = agent_names(desk.archive)
    shown = question_shown(desk, asked) | {
        "wanted": wanted,
        "words": words_of(wanted),
        "left": rows.count(),
        "people": who_may_answer(desk.archive, asked.record, today=desk.today()),
        "assigned": names.get(asked.assigned, ""),
        "done": _done(request),
        "fault": fault,
        "place": place,
        "typed": request.POST,
    }
    template = "checking/question.html" if asked.state == "open" else "checking/settled.html"
    return render(request, template, as_typed(shown, request.POST), status=status)
