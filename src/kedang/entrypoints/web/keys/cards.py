"""New recovery shares: made in memory, printed as cards, put in force when they lie on paper."""

from __future__ import annotations

import os

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.cards.printing import print_cards
from kedang.entrypoints.errors import CardsGone
from kedang.entrypoints.web.again import asked_again, require_again
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.keys.changing import changed, changing_keys, tell_missed
from kedang.entrypoints.web.keys.waiting import WaitingCards, waiting_cards
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.actions.rotating import require_ready
from kedang.holdings.actions.slots import add_slot, find_slot, require_no_change, require_other
from kedang.vault.quorums import Group, Quorum, any_of
from kedang.vault.shares import MOST_SHARES, cards_of, split_secret
from kedang.vault.slots import NewQuorum, SlotChanges
from kedang.vault.suites import KEY_BYTES

MOST_GROUPS = 4  # of the form; the command line knows more


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How many people, how many of them are enough; then the cards are made."""
    slot = request.POST.get("slot") or request.GET.get("slot", "")
    if request.method == "POST":
        quorum = _quorum(request)
        if quorum is not None:
            require_again(request)
            _require_fit(desk, slot)
            split = split_secret(os.urandom(KEY_BYTES), random_bytes=os.urandom, quorum=quorum)
            waiting_cards().keep(desk.archive.case_id, desk.person.agent, split, slot)
            return redirect("cards_waiting", code=desk.code)
    shown = {"slot": slot, "unfit": request.method == "POST", **asked_again(request)}
    shown |= {"groups": range(1, MOST_GROUPS + 1), "most": MOST_SHARES}
    return render(request, "keys/cards.html", shown, status=400 if shown["unfit"] else 200)


def _require_fit(desk: Desk, slot: str) -> None:
    """Nothing when these cards could come into force: asked before anything is printed."""
    if slot:
        require_ready(desk.archive)
        require_other(desk.archive, find_slot(newest_sheet(desk.archive), slot))
    else:
        require_no_change(desk.archive)


def _quorum(request: HttpRequest) -> Quorum | None:
    """The quorum of the form; None when it is none."""
    groups = []
    for at in range(1, MOST_GROUPS + 1):
        need, of = request.POST.get(f"need{at}", "").strip(), request.POST.get(f"of{at}", "").strip()
        if need.isdecimal() and of.isdecimal():
            groups.append((int(need), int(of)))
        elif need or of:
            return None
    needed = request.POST.get("groups", "").strip() or str(len(groups))
    if not groups or not all(1 <= need <= of <= MOST_SHARES for need, of in groups):
        return None
    if len(groups) == 1:
        return any_of(*groups[0])
    if not needed.isdecimal() or not 1 <= int(needed) <= len(groups):
        return None
    if any(need == 1 < of for need, of in groups):
        return None
    return Quorum(int(needed), tuple(Group(*one) for one in groups))


def _waiting(desk: Desk) -> WaitingCards:
    found = waiting_cards().of(desk.archive.case_id, desk.person.agent)
    if found is None:
        raise CardsGone()
    return found


@page(Act.HOLD_KEYS)
@require_GET
def waiting(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cards that wait: to be downloaded and printed, then put in force."""
    found = _waiting(desk)
    cards = cards_of(found.split)
    shown = {"waiting": found, "cards": cards, "set": f"{found.split.identifier:05d}", **asked_again(request)}
    return render(request, "keys/waiting.html", shown)


@page(Act.HOLD_KEYS)
@require_POST
def file(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cards as a PDF: made in memory, sent, kept nowhere."""
    found = _waiting(desk)
    document = print_cards(cards_of(found.split), fonds_code=desk.code, printed_on=desk.today())
    answer = HttpResponse(document, content_type="application/pdf")
    name = f"{desk.code}-cards-{found.split.identifier:05d}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@page(Act.HOLD_KEYS)
@require_POST
def enforce(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cards lie on paper: from now on they open the case, and those that they replace do not."""
    found = _waiting(desk)
    require_again(request)
    new = NewQuorum(found.split)
    with changing_keys(desk):
        if found.slot:
            changed(request, desk, SlotChanges(replaced={found.slot: new}))
        else:
            _slot, missed = add_slot(desk.archive, new, clock=desk.now)
            tell_missed(request, desk, missed)
    waiting_cards().forget(desk.archive.case_id, desk.person.agent)
    return redirect("shares", code=desk.code)


@page(Act.HOLD_KEYS)
@require_POST
def drop(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Forget the cards; they never took effect."""
    waiting_cards().forget(desk.archive.case_id, desk.person.agent)
    return redirect("keys", code=desk.code)
