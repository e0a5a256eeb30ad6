"""What persons decide about whose records are whose: each decision shows its effect before it is carried out."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

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
from kedang.holdings.queries.customers import CustomerFilter, list_customers
from kedang.holdings.queries.decision_effects import (
    Effect,
    effect_of_merge,
    effect_of_move,
    effect_of_tie,
    effect_of_undo,
)

MOST_RECORDS = 5_000  # of one decision
SAME_NAMES = 20  # customers of a name that was typed; with more it names nobody
Carry = Callable[[Decided], object]
SAID = ("into", "from", "to", "record")
"""Fields of the forms, which the page that shows the effect keeps."""


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
            "date": words.day(one["date"]),
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
    return _decided(
        request,
        desk,
        effect,
        lambda why: judging.merge(desk.archive, one, into, why, clock=desk.now),
        back=_page_of(desk, number),
        then=_page_of(desk, effect.parties[1].number),
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
        lambda why: judging.move(desk.archive, records, one, to, why, clock=desk.now),
        back=_page_of(desk, number),
    )


@page(Act.JUDGE)
@require_POST
def of_record(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """A record goes from a customer to another or to a new one, or becomes somebody's; then its page again."""
    desk.require(Act.SEE_CUSTOMERS)
    record = desk.record(record_id, Act.LIST).id
    leaving, said = (request.POST.get(name, "").strip() for name in ("from", "to"))
    back = reverse("record", kwargs={"code": desk.code, "record_id": record})
    to = _customer_said(desk, said)
    if to is None and (said or not leaving):
        messages.error(request, say("customers.not-one", desk.language))
        return redirect(back)
    effect, carry = _filed(desk, record, leaving, to)
    return _decided(request, desk, effect, carry, back=back)


def _filed(desk: Desk, record: str, leaving: str, to: str | None) -> tuple[Effect, Carry]:
    """A record from the customer of a number to another one, a new one without; or to one more."""
    scope = scope_of(desk)
    if not leaving:
        return effect_of_tie(desk.archive, record, str(to), scope=scope), lambda why: judging.tie(
            desk.archive, record, str(to), why, clock=desk.now
        )
    one = customer_of(desk, _number(leaving))
    return effect_of_move(desk.archive, [record], one, to, scope=scope), lambda why: judging.move(
        desk.archive, [record], one, to, why, clock=desk.now
    )


def _customer_said(desk: Desk, said: str) -> str | None:
    """The customer of this number or, when only one is called so, of this name; None when there is none such."""
    if not said:
        return None
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None
    wanted = CustomerFilter(name="" if number is not None else said, number=number)
    _, lines = list_customers(desk.archive, wanted, limit=SAME_NAMES, scope=scope_of(desk))
    exact = lines if number is not None else [one for one in lines if said in (one.name, *one.other_names)]
    found = exact or lines
    return customer_of(desk, found[0].number) if len(found) == 1 else None


@page(Act.JUDGE)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, desk: Desk, ordinal: int) -> HttpResponse:
    """A decision taken back, exactly."""
    desk.require(Act.SEE_CUSTOMERS)
    effect = effect_of_undo(desk.archive, ordinal, scope=scope_of(desk))
    return _decided(
        request,
        desk,
        effect,
        lambda _: judging.undo(desk.archive, ordinal, clock=desk.now),
        back=_page_of(desk, effect.parties[0].number if effect.parties else 0),
    )


def _page_of(desk: Desk, number: int) -> str:
    """The page of a customer; the list for none."""
    if not number:
        return reverse("customers", kwargs={"code": desk.code})
    return reverse("customer", kwargs={"code": desk.code, "number": number})


def _decided(
    request: HttpRequest, desk: Desk, effect: Effect, carry: Carry, *, back: str, then: str = ""
) -> HttpResponse:
    """The effect with a form that confirms it; once it is confirmed as it was shown, the decision.

    `back` is the page for who does not confirm it, and `then` the one that follows; without it the same.
    """
    confirmed = request.POST.get("confirmed", "")
    if confirmed and confirmed != effect.mark:
        raise DecisionOverlaid()
    if confirmed:
        carry(Decided(request.POST.get("reason", "").strip()))
        messages.success(
            request, say(f"customers.done-{'undo' if effect.ordinal else effect.kind}", desk.language)
        )
        return redirect(then or back)
    kept = [(name, value) for name in SAID for value in request.POST.getlist(name)[:MOST_RECORDS]]
    shown = {"effect": effect, "back": back, "kept": kept, "is_undo": bool(effect.ordinal)}
    if effect.ordinal:
        shown["said_kind"] = say(f"customers.judged-{effect.kind}", desk.language)
    return render(request, "customers/effect.html", shown)


def _number(said: str) -> int:
    said = said.strip()
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise Http404
    return int(said)
