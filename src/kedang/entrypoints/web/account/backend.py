"""Who signs in: found by the fingerprint of the sign-in name, which stands nowhere in clear."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from kedang.entrypoints.web.opened import now
from kedang.holdings.actions.signing_in import first_password_is_over
from kedang.holdings.adapters.door_key import door_key
from kedang.holdings.models import Account


class ByFingerprint(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's own, with the name as it was typed turned into what the table holds."""

    def _authenticate_by_username(self, username: str, password: str) -> AbstractBaseUser | None:
        fingerprint = door_key(settings.HOME).fingerprint(username)
        account = Account.objects.filter(login=fingerprint).first()
        if account is not None and first_password_is_over(account, now=now()):
            account = None  # answered as an unknown name is, at the same cost
        found: AbstractBaseUser | None = self._check_password(account, password)
        return found
