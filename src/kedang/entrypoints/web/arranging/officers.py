"""The three officers 三员, named by whoever holds the keys while there is none of a kind."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act, Grant, roles
from kedang.entrypoints.first_passwords import first_password
from kedang.entrypoints.web.arranging.accounts import LONGEST_NAME
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.granting import KEEPER, OFFICERS, appoint, vacant
from kedang.holdings.actions.people import add_account
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.people_errors import DutyFilled


@page(Act.HOLD_KEYS)
@require_GET
def vacancies(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which of the three is still to be named."""
    return render(request, "arranging/officers.html", {"officers": _officers(desk)})


@page(Act.HOLD_KEYS)
@require_POST
def appoint_one(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new account with one of the three roles; its first password is shown once."""
    role, name, login = (request.POST.get(part, "").strip() for part in ("role", "name", "login"))
    if role not in vacant(desk.archive, today=desk.today()):
        raise DutyFilled()
    if not 0 < len(name) <= LONGEST_NAME or not 0 < len(login) <= LONGEST_NAME:
        messages.error(request, say("arranging.name-missing", desk.language))
        return redirect("settings_officers", code=desk.code)
    door, password = door_key(settings.HOME), first_password()
    made = add_account(
        door,
        desk.archive.new_id(),
        name=name,
        login=login,
        password=password,
        must_change=True,
        keeps_accounts=role == KEEPER,
        now=desk.now(),
    )
    appoint(desk.archive, door, made.id, Grant(desk.archive.new_id(), role), now=desk.now())
    shown = {"officers": _officers(desk), "password": password, "name": name, "login": login}
    return render(request, "arranging/officers.html", shown)


def _officers(desk: Desk) -> list[dict[str, object]]:
    still = vacant(desk.archive, today=desk.today())
    return [
        {
            "name": name,
            "title": roles()[name].title[desk.language],
            "about": roles()[name].about[desk.language],
            "vacant": name in still,
        }
        for name in OFFICERS
    ]
