"""One's own account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.entrypoints.web import surroundings
from kedang.entrypoints.web.account.adapters import SIGN_IN, login_of
from kedang.entrypoints.web.opened import now
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.accounts import end_session, sign_out_everywhere
from kedang.holdings.actions.signing_in import sessions_of
from kedang.holdings.adapters.second_factors import linked_identities, second_factors


@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Name, password, second factors, sessions."""
    user_id = request.user.id  # type: ignore[union-attr]  # our account
    here = request.session.get(SIGN_IN)
    sessions = [
        {"row": row, "here": row.id == here, "browser": row.browser.partition("-")}
        for row in sessions_of(str(user_id))
    ]
    factors = second_factors().get(str(user_id), [])
    shown = {
        "login": login_of(request.user),
        "sessions": sessions,
        "totp": "totp" in factors,
        "passkeys": factors.count("webauthn"),
        "codes": "recovery_codes" in factors,
        "sso": surroundings.SSO_NAME,
        "has_sso": bool(surroundings.SSO_ISSUER),
        "linked": len(linked_identities().get(str(user_id), ())),
        "idle": surroundings.IDLE_MINUTES,
    }
    return render(request, "account/account.html", shown)


@login_required
@require_GET
def factors(request: HttpRequest) -> HttpResponse:
    """Second factors stand on the same page."""
    return redirect("account")


@login_required
@require_POST
def end_one(request: HttpRequest) -> HttpResponse:
    """One of one's own sessions ends."""
    end_session(str(request.user.id), request.POST.get("session", ""))  # type: ignore[union-attr]
    messages.success(request, say("account.session-ended", request.language))  # type: ignore[attr-defined]
    return redirect("account")


@login_required
@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """Every session of one's own ends, this one too."""
    user_id = str(request.user.id)  # type: ignore[union-attr]
    sign_out_everywhere(user_id, by=user_id, now=now())
    return redirect("account_login")
