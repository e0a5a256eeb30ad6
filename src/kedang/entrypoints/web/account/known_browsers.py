"""Browsers in which somebody has signed in before, by a signed cookie that names nobody."""

from __future__ import annotations

import os

from django.core import signing
from django.http import HttpRequest, HttpResponse

from kedang.entrypoints.web import surroundings

COOKIE = "__Host-kedang-known" if surroundings.HTTPS else "kedang-known"
SALT = "kedang known browser"
KEPT_SECONDS = 180 * 24 * 3600


def know(answer: HttpResponse, fingerprint: str) -> None:
    """Give the browser of this answer the cookie for an account."""
    said = signing.dumps([fingerprint, os.urandom(16).hex()], salt=SALT)
    answer.set_cookie(
        COOKIE, said, max_age=KEPT_SECONDS, httponly=True, secure=surroundings.HTTPS, samesite="Lax"
    )


def nonce_of(request: HttpRequest, fingerprint: str) -> str:
    """What tells this browser from others, when the account has signed in here before; else nothing."""
    try:
        known, nonce = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_SECONDS)
    except (signing.BadSignature, ValueError):
        return ""
    return str(nonce) if known == fingerprint else ""
