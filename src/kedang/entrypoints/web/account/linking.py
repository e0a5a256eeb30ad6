"""Accounts linked with identities of single sign-on: by the person when signed in, or by an invitation.

An invitation is an address that whoever keeps the accounts hands over; it is good for three days and for one link.
"""

from __future__ import annotations

from typing import Any

from allauth.socialaccount import views as links
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from kedang.entrypoints.web import surroundings
from kedang.holdings.actions.granting import account_of
from kedang.holdings.adapters.second_factors import linked_identities
from kedang.holdings.people_errors import NoSuchPerson
from kedang.records.errors import KedangError

OF_ALLAUTH = [
    path("cancelled/", links.login_cancelled, name="socialaccount_login_cancelled"),
    path("error/", links.login_error, name="socialaccount_login_error"),
    path("signup/", links.login_error, name="socialaccount_signup"),
    path("", links.connections, name="socialaccount_connections"),
]
INVITED = "invited"
SALT = "kedang invitation"
DAYS = 3


def invitation(account_id: str) -> str:
    """The token of a new invitation."""
    return signing.dumps([account_id, len(linked_identities().get(account_id, ()))], salt=SALT)


def invited_account(token: str) -> str:
    """Whose invitation it is.

    Raises:
        NoSuchPerson: it is too old, was used, or is none.
    """
    try:
        account_id, links_then = signing.loads(token, salt=SALT, max_age=DAYS * 24 * 3600)
    except (signing.BadSignature, ValueError) as error:
        raise NoSuchPerson() from error
    if len(linked_identities().get(account_id, ())) != links_then or not account_of(account_id).is_active:
        raise NoSuchPerson()
    return str(account_id)


def invited(request: HttpRequest) -> HttpResponse:
    """The page of an invitation, which leads to the provider; only whoever signs in there is linked and let in."""
    if request.method != "POST":
        return render(request, "account/invited.html", {"sso": surroundings.SSO_NAME})
    try:
        invited_account(request.POST.get("token", ""))
    except KedangError as error:
        shown = {"sso": surroundings.SSO_NAME, "wrong": error.code}
        return render(request, "account/invited.html", shown, status=403)
    request.session[INVITED] = request.POST["token"]
    return redirect(reverse("openid_connect_login", args=[surroundings.SSO_ID]))


def link_invited(request: HttpRequest, sociallogin: Any) -> None:
    """Link an identity that nobody has with the account that was invited in this session, if any was."""
    token = request.session.pop(INVITED, "")
    if token and not sociallogin.is_existing:
        sociallogin.connect(request, account_of(invited_account(token)))
