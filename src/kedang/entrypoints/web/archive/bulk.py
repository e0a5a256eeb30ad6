"""Many records at once: the effect is shown first, then done exactly as it was shown."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.archive.choosing import Choice, choice_of
from kedang.entrypoints.web.archive.exporting import exported
from kedang.entrypoints.web.archive.finding import chosen_ids
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.figures import FIGURES
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.bulk_changes import Done, assign_many, change_many, require_seen, undo_many
from kedang.holdings.queries.bulk_effects import (
    MOST_CHANGED,
    MOST_EXPORTED,
    NEEDS,
    Effect,
    effect_of,
    open_questions_of,
)
from kedang.holdings.queries.checking import who_may_answer_any
from kedang.records.content import RecordClass, Sensitivity

ASKS = {
    "export": Act.EXPORT,
    "class": Act.ANSWER,
    "sensitivity": Act.ANSWER,
    "assign": Act.ANSWER,
    "label": Act.LABEL,
}
VALUES = {"class": [one.value for one in RecordClass], "sensitivity": [one.value for one in Sensitivity]}
KEPT_CHANGES = 10


@page(Act.LIST)
@require_POST
def effect(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What would be done, to how many, who is left out and why; nothing is done yet."""
    choice, act = choice_of(request, desk), _act(request, desk)
    value = _value(request, act)
    ids = chosen_ids(request, desk, choice)
    if not ids:
        messages.warning(request, say("archive.effect-nothing", desk.language))
        return redirect(choice.address(desk))
    found = effect_of(desk.archive, desk.person, ids, act, value, today=desk.today())
    return render(request, "archive/effect.html", _shown(request, desk, choice, found, len(ids)))


def _shown(request: HttpRequest, desk: Desk, choice: Choice, found: Effect, chosen: int) -> dict[str, Any]:
    some = "" if request.POST.get("all") else ",".join(request.POST.getlist("record"))
    return {
        "choice": choice,
        "hidden": choice.pairs(),
        "effect": found,
        "count": len(found.affected),
        "chosen_count": chosen,
        "questions": len(open_questions_of(desk.archive, found.affected)) if found.act == "assign" else 0,
        "left_out": sorted(found.left_out.items()),
        "all": request.POST.get("all", ""),
        "records": some or request.POST.get("records", ""),
        "values": VALUES.get(found.act, ()),
        "people": who_may_answer_any(desk.archive, today=desk.today()) if found.act == "assign" else (),
        "most": MOST_EXPORTED if found.act == "export" else MOST_CHANGED,
        "labels": _labels(desk),
        "label_records": ",".join(found.affected) if found.act == "label" else "",
        "back": choice.address(desk),
    }


@page(Act.LIST)
@require_POST
def done(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was shown is done, if it is still so."""
    choice, act = choice_of(request, desk), _act(request, desk)
    value = _value(request, act)
    ids = chosen_ids(request, desk, choice)
    found = effect_of(desk.archive, desk.person, ids, act, value, today=desk.today())
    if act == "export":
        return cast(HttpResponse, exported(request, desk, found))  # or one that streams
    if act == "assign":
        require_seen(found, request.POST.get("digest", ""))
        return _assigned(request, desk, choice, found)
    if value not in VALUES.get(act, ()) or request.POST.get("digest", "") != found.digest:
        return render(request, "archive/effect.html", _shown(request, desk, choice, found, len(ids)))
    require_seen(found, request.POST.get("digest", ""))
    came = change_many(desk.archive, found, reason=request.POST.get("reason", "").strip(), clock=desk.now)
    _keep_change(request, desk, came)
    FIGURES.forget()
    return render(request, "archive/done.html", _told(desk, choice, found, came))


def _assigned(request: HttpRequest, desk: Desk, choice: Choice, found: Effect) -> HttpResponse:
    people = {one.agent: one for one, _ in who_may_answer_any(desk.archive, today=desk.today())}
    wanted = request.POST.get("person", "")
    if wanted and wanted not in people:
        raise Http404
    came = assign_many(desk.archive, found, people.get(wanted), today=desk.today(), clock=desk.now)
    return render(request, "archive/done.html", _told(desk, choice, found, came))


def _told(desk: Desk, choice: Choice, found: Effect, came: Done) -> dict[str, Any]:
    return {"effect": found, "done": came, "back": choice.address(desk), "change": came.corrections[:1]}


@page(Act.ANSWER)
@require_POST
def undo(request: HttpRequest, desk: Desk, change_id: str) -> HttpResponse:
    """A change of many records that this session has made is taken back."""
    kept = request.session.get(_name(desk), {})
    if change_id not in kept:
        raise Http404
    came = undo_many(desk.archive, kept.pop(change_id), clock=desk.now)
    request.session[_name(desk)] = kept
    FIGURES.forget()
    said = say("archive.undone", desk.language, count=came.done)
    if came.passed_over:
        said += say("archive.undone-not", desk.language, count=came.passed_over)
    messages.success(request, said)
    return redirect("archive", code=desk.code)


def _keep_change(request: HttpRequest, desk: Desk, came: Done) -> None:
    if came.corrections:
        kept = request.session.get(_name(desk), {}) | {came.corrections[0]: list(came.corrections)}
        request.session[_name(desk)] = dict(list(kept.items())[-KEPT_CHANGES:])


def _name(desk: Desk) -> str:
    return f"changes:{desk.code}"


def _act(request: HttpRequest, desk: Desk) -> str:
    act = request.POST.get("act", "")
    if act not in NEEDS:
        raise Http404
    desk.require(ASKS[act])
    return act


def _value(request: HttpRequest, act: str) -> str:
    value = request.POST.get("value", "")
    return value if value in VALUES.get(act, ()) else ""


def _labels(desk: Desk) -> str:
    try:
        return reverse("labels-make", kwargs={"code": desk.code})
    except NoReverseMatch:
        return ""
