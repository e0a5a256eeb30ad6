"""Registered places of the key sheet."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.again import asked_again, require_again
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.keys.changing import changing_keys, tell_missed
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.actions.keyplacing import add_place, confirm_place, remove_place, spread
from kedang.records.errors import KedangError
from kedang.vault.places import PlaceKind, place_text


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Register a folder and put the key sheet there."""
    kinds = [(kind.value, place_text(kind, desk.language)) for kind in PlaceKind]
    shown = {"kinds": kinds, "path": request.POST.get("path", ""), **asked_again(request)}
    if request.method == "GET":
        return render(request, "keys/place_add.html", shown)
    given = request.POST.get("kind", "")
    try:
        require_again(request)
        path = Path(request.POST.get("path", "").strip() or "/")
        with changing_keys(desk):
            kind = PlaceKind(given) if given else None
            row = add_place(desk.archive, path, newest_sheet(desk.archive), kind=kind, clock=desk.now)
    except KedangError as error:
        shown |= {"fault": error.code, "facts": error.facts}
        return render(request, "keys/place_add.html", shown, status=400)
    messages.success(request, say("keys.place-added", desk.language, number=row.ordinal))
    if row.leaves_remains:
        messages.warning(request, say("keys.place-leaves-remains", desk.language))
    return redirect("keys", code=desk.code)


@page(Act.HOLD_KEYS)
@require_POST
def refresh(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The current sheet into every place that is there."""
    with changing_keys(desk):
        missed = spread(desk.archive, newest_sheet(desk.archive), now=desk.now())
    messages.success(request, say("keys.refreshed", desk.language))
    tell_missed(request, desk, missed)
    return redirect("keys", code=desk.code)


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """Give a place up."""
    if request.method == "GET":
        return render(
            request, "keys/place.html", {"number": number, "does": "remove", **asked_again(request)}
        )
    require_again(request)
    with changing_keys(desk):
        emptied = remove_place(desk.archive, str(number), clock=desk.now)
    if emptied:
        messages.success(request, say("keys.place-removed", desk.language))
    else:
        messages.warning(request, say("keys.place-removed-unreached", desk.language))
    return redirect("keys", code=desk.code)


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, desk: Desk, number: int) -> HttpResponse:
    """A person vouches that no old sheet is left at a place."""
    if request.method == "GET":
        return render(
            request, "keys/place.html", {"number": number, "does": "confirm", **asked_again(request)}
        )
    require_again(request)
    with changing_keys(desk):
        confirm_place(desk.archive, str(number), clock=desk.now)
    messages.success(request, say("keys.place-confirmed", desk.language, number=number))
    return redirect("keys", code=desk.code)
