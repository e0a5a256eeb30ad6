"""What persons decide about whose records are whose: each decision shows its effect before it is carried out."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.customer_page.parts import code_of
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.web.customers.drawing import covered_file
from kedang.entrypoints.web.customers.scoping import customer_of, scope_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions import judging
from kedang.holdings.actions.customer_consulting import look_at_customer
from kedang.holdings.actions.judging import Decided
from kedang.holdings.customer_errors import DecisionOverlaid
from kedang.holdings.queries.decision_effects import Effect, effect_of_merge, effect_of_move, effect_of_undo

MOST_RECORDS = 5_000  # of one decision
Carry = Callable[[Decided], object]


@page(Act.JUDGE)
@require_GET
def changes(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Merge, split and move, with the decisions that there are and can be undone."""
    desk.require(Act.SEE_CUSTOMERS)
    words = PageWords(desk.language)
    found = look_at_customer(desk.archive, customer_of(desk, number), clock=desk.now, scope=scope_of(desk))
    file = covered_file(desk, found)
    records = [
        {
            "id": one["record_id"],
            "code": code_of(one),
            "title": one["title"],
            "class": words.of("class", one["class"]),
            "date": one["date"],
        }
        for one in file["documents"]
    ]
    return render(request, "customers/changes.html", {"file": file, "records": records, "words": words})


@page(Act.JUDGE)
@require_http_methods(["POST"])
def merge(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """This number leads to another's from then on."""
    desk.require(Act.SEE_CUSTOMERS)
    one, into = customer_of(desk, number), customer_of(desk, _number(request.POST.get("into", "")))
    effect = effect_of_merge(desk.archive, one, into, scope=scope_of(desk))
    into_number = effect.parties[1].number
    return _decided(
        request,
        desk,
        effect,
        number,
        lambda why: judging.merge(desk.archive, one, into, why, clock=desk.now),
        then=into_number,
    )


@page(Act.JUDGE)
@require_http_methods(["POST"])
def move(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Some records go to another customer, or to a new one."""
    desk.require(Act.SEE_CUSTOMERS)
    one, said = customer_of(desk, number), request.POST.get("to", "").strip()
    to = customer_of(desk, _number(said)) if said else None
    records = request.POST.getlist("record")[:MOST_RECORDS]
    effect = effect_of_move(desk.archive, records, one, to, scope=scope_of(desk))
    return _decided(
        request,
        desk,
        effect,
        number,
        lambda why: judging.move(desk.archive, records, one, to, why, clock=desk.now),
        then=number,
    )


@page(Act.JUDGE)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, desk: Desk, ordinal: int) -> HttpResponse:
    """A decision taken back, exactly."""
    desk.require(Act.SEE_CUSTOMERS)
    effect = effect_of_undo(desk.archive, ordinal, scope=scope_of(desk))
    back = effect.parties[0].number if effect.parties else 0
    return _decided(
        request,
        desk,
        effect,
        back,
        lambda _: judging.undo(desk.archive, ordinal, clock=desk.now),
        then=back,
    )


def _decided(
    request: HttpRequest, desk: Desk, effect: Effect, number: int, carry: Carry, *, then: int
) -> HttpResponse:
    """The effect with a form that confirms it; once it is confirmed as it was shown, the decision."""
    confirmed = request.POST.get("confirmed", "")
    if confirmed and confirmed != effect.mark:
        raise DecisionOverlaid()
    if confirmed:
        carry(Decided(request.POST.get("reason", "").strip()))
        messages.success(
            request, say(f"customers.done-{'undo' if effect.ordinal else effect.kind}", desk.language)
        )
        if not then:
            return redirect("customers", code=desk.code)
        return redirect("customer", code=desk.code, number=then)
    kept = [
        (name, value)
        for name in ("into", "to", "record")
        for value in request.POST.getlist(name)[:MOST_RECORDS]
    ]
    shown = {"effect": effect, "number": number, "kept": kept, "is_undo": bool(effect.ordinal)}
    shown["said_kind"] = say(f"customers.judged-{effect.kind}", desk.language)
    return render(request, "customers/effect.html", shown)


def _number(said: str) -> int:
    said = said.strip()
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise Http404
    return int(said)
