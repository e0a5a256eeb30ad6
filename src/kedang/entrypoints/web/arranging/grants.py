"""Permissions of one person: given and taken back, with the effect shown first."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act, Grant, roles
from kedang.entrypoints.web.arranging.permissions import shown_grants
from kedang.entrypoints.web.arranging.scopes import form_of, grant_in, shown_scope
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.granting import account_of as known_account
from kedang.holdings.actions.granting import effect, give, grants_of, require_fit, take_back
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.queries.people import AccountLine, accounts, members


@page(Act.GRANTS)
@require_GET
def of_account(request: HttpRequest, desk: Desk, account: str) -> HttpResponse:
    """What somebody has, and the form of a new grant."""
    return render(request, "arranging/grants.html", _shown(desk, account))


@page(Act.GRANTS)
@require_POST
def give_one(request: HttpRequest, desk: Desk, account: str) -> HttpResponse:
    """First what the grant would change, then, confirmed, the grant."""
    _line(account)
    grant = grant_in(desk, request.POST)
    if request.POST.get("confirmed") == "1":
        give(desk.archive, door_key(settings.HOME), account, grant, now=desk.now())
        messages.success(request, say("arranging.given", desk.language))
        return redirect("settings_grants", code=desk.code, account=account)
    before = grants_of(desk.archive, account)
    require_fit(known_account(account), (*before, grant))
    return _effect(request, desk, account, grant, (*before, grant), "settings_grant_give")


@page(Act.GRANTS)
@require_POST
def take_one(request: HttpRequest, desk: Desk, account: str) -> HttpResponse:
    """First what taking the grant back would change, then, confirmed, without it."""
    _line(account)
    chosen = request.POST.get("grant", "")
    if request.POST.get("confirmed") == "1":
        take_back(desk.archive, door_key(settings.HOME), account, chosen, now=desk.now())
        messages.success(request, say("arranging.taken", desk.language))
        return redirect("settings_grants", code=desk.code, account=account)
    before = grants_of(desk.archive, account)
    taken = next((one for one in before if one.id == chosen), None)
    if taken is None:
        raise Http404
    rest = tuple(one for one in before if one.id != chosen)
    return _effect(request, desk, account, taken, rest, "settings_grant_take")


def _effect(
    request: HttpRequest, desk: Desk, account: str, grant: Grant, after: tuple[Grant, ...], route: str
) -> HttpResponse:
    changes = effect(desk.archive, grants_of(desk.archive, account), after, today=desk.today())
    again = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    shown = _shown(desk, account) | {
        "effect": {
            "counts": [(f"arranging.act-{act}", before, now) for act, before, now in changes.counts],
            "gained": [f"arranging.act-{act}" for act in changes.gained],
            "lost": [f"arranging.act-{act}" for act in changes.lost],
        },
        "taking": route == "settings_grant_take",
        "route": route,
        "again": [pair for pair in again if pair[0] not in ("csrfmiddlewaretoken", "confirmed")],
        "role": roles()[grant.role].title[desk.language],
        "scope": shown_scope(desk, grant.scope),
        "last_day": grant.last_day,
    }
    return render(request, "arranging/effect.html", shown)


def _line(account: str) -> AccountLine:
    for line in accounts(door_key(settings.HOME)):
        if line.id == account:
            return line
    raise Http404


def _shown(desk: Desk, account: str) -> dict[str, Any]:
    line = _line(account)
    joined = [one for one in members(desk.archive, today=desk.today()) if one.account == account]
    mine = bool(joined) and joined[0].agent == desk.person.agent
    offered = form_of(desk)
    offered["roles"] = [
        {"name": role.name, "title": role.title[desk.language], "about": role.about[desk.language]}
        for role in offered["roles"]
    ]
    return {
        "who": line,
        "mine": mine,
        "grants": shown_grants(desk, joined[0]) if joined else [],
        "form": offered,
    }
