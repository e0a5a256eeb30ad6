"""What allauth asks this door about: nobody signs up by himself, nothing it keeps names anybody."""

from __future__ import annotations

import base64
import os
import sys
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from kedang.entrypoints.web.account import attempts, known_browsers
from kedang.entrypoints.web.account.browsers import browser_of
from kedang.entrypoints.web.account.linking import link_invited
from kedang.entrypoints.web.faults import told_without_values
from kedang.entrypoints.web.opened import now
from kedang.holdings.actions.accounts import change_own_password
from kedang.holdings.actions.signing_in import note_signed_in, signed_out
from kedang.holdings.adapters.door_key import door_key
from kedang.records.ids import ID_BYTES, id_from

SIGN_IN = "sign_in"
"""Of the session: the id of the row that says where somebody is signed in."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by whoever keeps them; guessing is slowed without locking out whom it is aimed at."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing while signing in has not failed too often of late."""
        self._counted = attempts.counted(request, str(credentials.get("username", "")))
        if attempts.too_many(self._counted):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """One more failure."""
        attempts.failed(self._counted)

    def _rollback_login_failed_rl_usage(self) -> None:
        attempts.succeeded(self._counted)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether it is the password of whoever is signed in; failures count for this browser."""
        counted = attempts.counted_again(user.id)
        if attempts.too_many(counted):
            raise self.validation_error("too_many_login_attempts")
        right = bool(user.check_password(password))
        (attempts.succeeded if right else attempts.failed)(counted)
        return right

    def login(self, request: HttpRequest, user: Any) -> None:
        """A new session, noted in the ledger of every case that the person has joined."""
        super().login(request, user)
        request.session[SIGN_IN] = id_from(os.urandom(ID_BYTES))
        note_signed_in(
            user,
            sign_in_id=request.session[SIGN_IN],
            browser=browser_of(request.headers.get("User-Agent", "")),
            method=_method(request),
            now=now(),
        )

    def post_login(self, request: HttpRequest, user: Any, **said: Any) -> HttpResponse:
        """The page after signing in; the browser is known for this account from now on."""
        answer: HttpResponse = super().post_login(request, user, **said)
        known_browsers.know(answer, user.login)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """The session ends, and its row with it."""
        signed_out(request.session.get(SIGN_IN, ""))
        super().logout(request)

    def set_password(self, user: Any, password: str) -> None:
        """A password of one's own choice: every other session has ended."""
        here = self.request.session.get(SIGN_IN, "") if self.request else ""
        change_own_password(user, password, here=here, now=now())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """One's own account, where a second factor can be set up next."""
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where the request comes from: the server has resolved what a trusted proxy says."""
        return str(request.META.get("REMOTE_ADDR", ""))


def _method(request: HttpRequest) -> str:
    used = [one.get("method") for one in request.session.get("account_authentication_methods", ())]
    if "socialaccount" in used:
        return "sso"
    return "password" if "password" in used else "passkey"


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of one-time passwords and recovery codes are sealed under the key of the door."""

    def encrypt(self, text: str) -> str:
        """The secret, sealed."""
        sealed = door_key(settings.HOME).seal("mfa", "authenticator.data", {"secret": text})
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret."""
        opened = door_key(settings.HOME).open("mfa", "authenticator.data", base64.b64decode(encrypted_text))
        return str(opened["secret"])

    def get_totp_label(self, user: Any) -> str:
        """How the person's own app names the account."""
        return login_of(user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom a passkey is for."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "kedang 客档"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """How the person's own device names the account."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": login_of(user), "display_name": login_of(user)}


def login_of(user: Any) -> str:
    """The sign-in name as it was given."""
    return str(door_key(settings.HOME).open(user.id, "account.sealed", user.sealed)["login"])


class Identities(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Single sign-on opens accounts that are there; it makes none, and keeps nothing that it is told of a person."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never."""
        return False

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        """Before anything is looked up or kept: the identity becomes a keyed fingerprint, the rest goes."""
        account = sociallogin.account
        account.uid = door_key(settings.HOME).fingerprint(f"sso {account.provider} {account.uid}")
        account.extra_data = {}
        sociallogin.email_addresses, sociallogin.token = [], None
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Somebody who was invited gets his link."""
        link_invited(request, sociallogin)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, exception: Any = None, **said: Any
    ) -> None:
        """Where it went wrong, for whoever set the provider up; nothing of what the provider said."""
        if exception is not None:
            sys.stderr.write(f"single sign-on: {told_without_values(exception)}\n")
