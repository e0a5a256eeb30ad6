"""How the keys are kept: slots, places, and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import latest
from kedang.entrypoints.web.keys.waiting import waiting_cards
from kedang.holdings.queries.keys import keys_status
from kedang.vault.places import PlaceKind, Standing, place_text


@page(Act.HOLD_KEYS)
@require_GET
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Slots and registered places, their level, and the next steps."""
    found = keys_status(desk.archive)
    places = [
        (
            one,
            place_text(PlaceKind(one.kind), desk.language) if one.kind else "",
            place_text(Standing(one.standing), desk.language) if one.kind else "",
            one.kind != "" and (one.standing == "outstanding" or one.leaves_remains),
        )
        for one in found.places
    ]
    shown = {
        "keys": found,
        "places": places,
        "job": latest(desk, "rotate", "reseal"),
        "waiting": waiting_cards().of(desk.archive.case_id, desk.person.agent),
        "may_copies": desk.may(Act.KEEP_COPIES),
        "unattended": any(slot.kind == "unattended" for slot in found.slots),
    }
    return render(request, "keys/keys.html", shown)
