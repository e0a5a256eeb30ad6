"""Dangerous acts ask once more who is there: the password, and the code of the second factor where there is one."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.http import HttpRequest

from kedang.entrypoints.errors import PersonUnconfirmed


def asked_again(request: HttpRequest) -> dict[str, Any]:
    """What `web/again.html` needs to ask."""
    account: Any = request.user
    return {"with_password": account.has_usable_password(), "with_code": _totp(account) is not None}


def require_again(request: HttpRequest) -> None:
    """Nothing when whoever is signed in has proven it once more with this form.

    Raises:
        PersonUnconfirmed: he has not, or has tried too often.
    """
    account: Any = request.user
    if not ratelimit.consume(request, action="reauthenticate", user=account, dry_run=True):
        raise PersonUnconfirmed()
    if not _is_there(request, account):
        ratelimit.consume(request, action="reauthenticate", user=account)
        raise PersonUnconfirmed()


def _is_there(request: HttpRequest, account: Any) -> bool:
    if not account.has_usable_password():  # single sign-on: he signs in there anew
        return bool(did_recently_reauthenticate(request))
    totp = _totp(account)
    if not account.check_password(request.POST.get("again", "")):
        return False
    return totp is None or bool(totp.validate_code(request.POST.get("again_code", "").strip()))


def _totp(account: Any) -> TOTP | None:
    row = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    return TOTP(row) if row is not None else None
