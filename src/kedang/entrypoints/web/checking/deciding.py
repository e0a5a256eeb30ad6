"""What a person decides in the queue: an answer, who is to answer, what is taken back, what is archived."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kedang.access.deciding import Act, Person
from kedang.entrypoints.web.checking.asked import decided_of, filter_of, words_of
from kedang.entrypoints.web.checking.describing import place_of
from kedang.entrypoints.web.checking.queue import address_of_next, question_page
from kedang.entrypoints.web.checking.showing import sheet_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.correcting import answer, archive_ready, assign
from kedang.holdings.actions.learning import learn_when_due
from kedang.holdings.actions.undoing import undo_correction
from kedang.holdings.checking_errors import DecidedMeanwhile, MayNotAnswer, ReasonNeeded, ValueImpossible
from kedang.holdings.queries.checking import question_of, ready_ids, who_may_answer
from kedang.holdings.queries.corrections import correction_of
from kedang.holdings.queries.reviewing import review_is_on


@page(Act.ANSWER)
@require_POST
def answered(request: HttpRequest, desk: Desk, question_id: str) -> HttpResponse:
    """The answer recorded, and the next question; what was wrong, beside what was typed."""
    asked = question_of(desk.archive.case_id, question_id)
    if asked is None:
        raise Http404
    record = desk.record(asked.record_id, Act.ANSWER)
    try:
        made = answer(desk.archive, asked.id, decided_of(request, record, asked.code), clock=desk.now)
    except DecidedMeanwhile as error:
        return _meanwhile(request, desk, asked, error.code)
    except (ReasonNeeded, ValueImpossible) as error:
        wrong = place_of(error)
        return question_page(request, desk, question_id, fault=error.code, place=wrong, status=400)
    learn_when_due(desk.archive, clock=desk.now)
    return redirect(address_of_next(desk, request, done=made.id))


def _meanwhile(request: HttpRequest, desk: Desk, asked: object, fault: str) -> HttpResponse:
    """What somebody else has decided meanwhile, with what this person wanted to say beside it."""
    now_asked = question_of(desk.archive.case_id, getattr(asked, "id", ""))
    if now_asked is None:
        raise Http404
    note_shown(desk.archive, "questions", [now_asked.record_id], now=desk.now())
    wanted = filter_of(request.POST)
    shown = sheet_of(desk, now_asked.record) | {
        "question": now_asked,
        "fault": fault,
        "typed": request.POST,
        "words": words_of(wanted),
        "wanted": wanted,
    }
    return render(request, "checking/meanwhile.html", shown, status=409)


@page(Act.ANSWER)
@require_POST
def assigned(request: HttpRequest, desk: Desk, question_id: str) -> HttpResponse:
    """The question given to somebody who may answer it, or back to everybody."""
    asked = question_of(desk.archive.case_id, question_id)
    if asked is None:
        raise Http404
    desk.record(asked.record_id, Act.ANSWER)
    people = dict(_by_agent(desk, asked.record))
    chosen = request.POST.get("to", "")
    if chosen and chosen not in people:
        return question_page(request, desk, question_id, fault=MayNotAnswer.code, status=403)
    to, seen = people.get(chosen), request.POST.get("seen", "")
    try:
        assign(desk.archive, asked.id, to, seen=seen, today=desk.today(), clock=desk.now)
    except DecidedMeanwhile as error:
        return _meanwhile(request, desk, asked, error.code)
    messages.success(
        request, say("checking.assigned-now" if to else "checking.unassigned-now", desk.language)
    )
    return redirect(address_of_next(desk, request))


def _by_agent(desk: Desk, record: object) -> list[tuple[str, Person]]:
    found = who_may_answer(desk.archive, record, today=desk.today())  # type: ignore[arg-type]  # a Record
    return [(person.agent, person) for person, _ in found]


@page(Act.ANSWER)
@require_POST
def undo(request: HttpRequest, desk: Desk, correction_id: str) -> HttpResponse:
    """A correction taken back; its question comes again, or the record's page of corrections."""
    row = correction_of(desk.archive.case_id, correction_id)
    if row is None:
        raise Http404
    desk.record(row.record_id, Act.ANSWER)
    undo_correction(desk.archive, row.id, clock=desk.now)
    learn_when_due(desk.archive, clock=desk.now)
    messages.success(request, say("checking.undone-now", desk.language))
    words = words_of(filter_of(request.POST))
    if row.question:
        return redirect(reverse("question", kwargs={"code": desk.code, "question_id": row.question}) + words)
    return redirect("record-correct", code=desk.code, record_id=row.record_id)


@page(Act.ANSWER)
@require_POST
def ready(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What nothing holds back any more is archived, or sent to review."""
    some = ready_ids(desk.archive, desk.person, today=desk.today())
    count = archive_ready(desk.archive, some, clock=desk.now)
    review = review_is_on(desk.archive.case_id)
    key = "checking.sent-to-review" if review else "checking.archived-now"
    messages.success(request, say(key, desk.language, count=count))
    return redirect("checking", code=desk.code)
