"""Whoever is signed in still is: not suspended, not signed out elsewhere, not idle too long, with a password of his own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kedang.entrypoints.web import surroundings
from kedang.entrypoints.web.account.adapters import SIGN_IN
from kedang.entrypoints.web.opened import now
from kedang.holdings.actions.signing_in import is_signed_in, signed_out
from kedang.holdings.adapters.second_factors import second_factors

IDLE = timedelta(minutes=surroundings.IDLE_MINUTES)
Answer = Callable[[HttpRequest], HttpResponse]


class Presence:
    """Ends sessions that are over, and leads to what must be done first."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, as nobody when the session is over."""
        user: Any = request.user
        if user.is_authenticated and not is_signed_in(
            user, request.session.get(SIGN_IN, ""), idle=IDLE, now=now()
        ):
            signed_out(request.session.get(SIGN_IN, ""))
            logout(request)
        elif user.is_authenticated and (first := _first(request)) is not None:
            return redirect(first)
        return self.answer(request)


def _first(request: HttpRequest) -> str | None:
    """Where the person must go before anything else; None when nowhere."""
    user: Any = request.user
    free = {reverse("account_logout"), reverse("language"), reverse("account_reauthenticate")}
    if request.path.startswith("/static/") or request.path in free:
        return None
    if user.must_change:
        change = reverse("account_change_password")
        return None if request.path == change else change
    if surroundings.SECOND_FACTOR_REQUIRED and not request.session.get("second_factor"):
        if second_factors().get(user.id):
            request.session["second_factor"] = True
            return None
        allowed = request.path == reverse("account") or request.path.startswith(reverse("mfa_index"))
        return None if allowed else reverse("account")
    return None
