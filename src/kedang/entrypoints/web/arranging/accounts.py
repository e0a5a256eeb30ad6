"""People: the accounts of the installation, for whoever keeps them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.access.errors import NotPermitted
from kedang.entrypoints.first_passwords import first_password
from kedang.entrypoints.web import surroundings
from kedang.entrypoints.web.account.linking import DAYS, invitation
from kedang.entrypoints.web.desk import Desk, View, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions import accounts as actions
from kedang.holdings.actions.people import add_account
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.queries.people import AccountLine, accounts

LONGEST_NAME = 64


def keeping(view: View) -> Callable[..., HttpResponse]:
    """A page for whoever keeps the accounts: both the role in the case and the duty in the installation."""

    @page(Act.ACCOUNTS)
    @wraps(view)
    def answer(request: HttpRequest, desk: Desk, **named: Any) -> HttpResponse:
        if not request.user.keeps_accounts:  # type: ignore[union-attr]  # our account
            raise NotPermitted(act=Act.ACCOUNTS.value, because="no-role")
        return view(request, desk, **named)

    return answer


@keeping
@require_GET
def people(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All accounts."""
    return render(request, "arranging/people.html", {"accounts": accounts(door_key(settings.HOME))})


@keeping
@require_POST
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A new account; its first password is shown once."""
    name, login = request.POST.get("name", "").strip(), request.POST.get("login", "").strip()
    if not 0 < len(name) <= LONGEST_NAME or not 0 < len(login) <= LONGEST_NAME:
        messages.error(request, say("arranging.name-missing", desk.language))
        return redirect("settings_people", code=desk.code)
    password = first_password()
    made = add_account(
        door_key(settings.HOME),
        desk.archive.new_id(),
        name=name,
        login=login,
        password=password,
        must_change=True,
        keeps_accounts=request.POST.get("keeps") == "1",
        now=desk.now(),
    )
    return render(request, "arranging/person.html", _shown(made.id) | {"password": password, "new": True})


@keeping
@require_GET
def person(request: HttpRequest, desk: Desk, account: str) -> HttpResponse:
    """One account."""
    return render(request, "arranging/person.html", _shown(account))


@keeping
@require_POST
def change(request: HttpRequest, desk: Desk, account: str, change: str) -> HttpResponse:
    """One thing done to an account."""
    done = _line(account)
    by, now, shown = str(request.user.id), desk.now(), dict[str, Any]()  # type: ignore[union-attr]
    if change == "password":
        shown["password"] = first_password()
        actions.set_first_password(done.id, shown["password"], by=by, now=now)
    elif change == "invite" and surroundings.SSO_ISSUER:
        shown |= {"invitation": invitation(done.id), "days": DAYS}
    elif change in CHANGES:
        CHANGES[change](done.id, by=by, now=now)
        messages.success(request, say(f"arranging.done-{change}", desk.language))
        return redirect("settings_person", code=desk.code, account=account)
    else:
        raise Http404
    return render(request, "arranging/person.html", _shown(account) | shown)


CHANGES: dict[str, Callable[..., Any]] = {
    "suspend": actions.suspend,
    "resume": actions.resume,
    "factor": actions.reset_second_factor,
    "sign-out": actions.sign_out_everywhere,
}


def _line(account: str) -> AccountLine:
    for line in accounts(door_key(settings.HOME)):
        if line.id == account:
            return line
    raise Http404


def _shown(account: str) -> dict[str, Any]:
    return {"line": _line(account), "sso": surroundings.SSO_NAME if surroundings.SSO_ISSUER else ""}
