"""The first person of an installation: let in once, by a token that is printed where the door was started."""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Grant
from kedang.entrypoints.web.account import attempts
from kedang.entrypoints.web.account.adapters import Accounts
from kedang.entrypoints.web.opened import NOBODY, now, opened_cases
from kedang.holdings.actions.people import add_account, join_case
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.people_errors import PasswordWeak, TokenWrong
from kedang.holdings.queries.people import there_are_accounts
from kedang.records.errors import KedangError
from kedang.records.ids import ID_BYTES, id_from

TOKEN_BYTES = 24
LONGEST_NAME = 64
OWNER = "owner"
_OFFERED: list[str] = []
_ONE_AT_A_TIME = threading.Lock()
"""Held while the first account is made: two people with the token make one."""


def offer_token() -> str:
    """A new token for whoever sees where the door was started; "" when there are accounts."""
    if there_are_accounts():
        return ""
    _OFFERED[:] = [secrets.token_urlsafe(TOKEN_BYTES)]
    return _OFFERED[0]


@require_http_methods(["GET", "POST"])
def first_person(request: HttpRequest) -> HttpResponse:
    """The form of the first account; with the right token it is made, and signed in."""
    if there_are_accounts():
        return redirect("front")
    if request.method == "GET":
        return render(request, "arranging/first.html", {})
    try:
        account = _made(request)
    except KedangError as error:
        given = {name: request.POST.get(name, "") for name in ("name", "login", "token")}
        return render(request, "arranging/first.html", {"wrong": error.code, "given": given}, status=403)
    Accounts(request).login(request, account)
    return redirect("found")


def _made(request: HttpRequest) -> Any:
    """The first account, joined as the one in charge to every case that is open.

    Raises:
        TokenWrong: the token is not the one that was printed, or was guessed at too often.
        PasswordWeak: the password, the name or the sign-in name will not do.
    """
    counted = attempts.counted(request, "first person")
    given = request.POST.get("token", "").strip()
    with _ONE_AT_A_TIME:
        right = bool(_OFFERED) and hmac.compare_digest(given.encode(), _OFFERED[0].encode())
        if there_are_accounts() or attempts.too_many(counted) or not right:
            attempts.failed(counted)
            raise TokenWrong()
        account = _first_account(request)
        _OFFERED.clear()
    for code in opened_cases().open_codes():
        archive = opened_cases().lend(code, opened_cases().master(code).agent)
        join_case(archive, door_key(settings.HOME), account, [Grant(archive.new_id(), OWNER)], now=now())
        archive.agent = NOBODY
    return account


def _first_account(request: HttpRequest) -> Any:
    name, login = (request.POST.get(part, "").strip() for part in ("name", "login"))
    password = request.POST.get("password", "")
    if not 0 < len(name) <= LONGEST_NAME or not 0 < len(login) <= LONGEST_NAME:
        raise PasswordWeak()
    try:
        validate_password(password)
    except ValidationError as error:
        raise PasswordWeak() from error
    if password != request.POST.get("again", "") or login in password or name in password:
        raise PasswordWeak()
    return add_account(
        door_key(settings.HOME),
        id_from(secrets.token_bytes(ID_BYTES)),
        name=name,
        login=login,
        password=password,
        must_change=False,
        now=now(),
    )
