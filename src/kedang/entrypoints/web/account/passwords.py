"""A rule for passwords beside Django's: not made of what everybody knows about its owner."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from kedang.entrypoints.web.texts import say
from kedang.holdings.adapters.door_key import door_key

PRODUCT = ("kedang", "客档")
MOST_CHARACTERS = 256  # more would only cost time


class NotOfItsOwner:
    """Refuses passwords that hold the sign-in name, the name or the product's name, or are endless."""

    def validate(self, password: str, user: Any = None) -> None:
        """Nothing when it will do."""
        language = get_language() or "zh"
        if len(password) > MOST_CHARACTERS:
            raise ValidationError(say("account.password-endless", language, most=MOST_CHARACTERS))
        if any(one in _folded(password) for one in map(_folded, (*PRODUCT, *_known(user))) if len(one) > 1):
            raise ValidationError(say("account.password-of-owner", language))

    def get_help_text(self) -> str:
        """The rule in words."""
        return say("account.password-of-owner", get_language() or "zh")


def _known(user: Any) -> tuple[str, ...]:
    if user is None or not getattr(user, "sealed", None):
        return ()
    said = door_key(settings.HOME).open(user.id, "account.sealed", user.sealed)
    return (said["login"], said["name"])


def _folded(said: str) -> str:
    return unicodedata.normalize("NFKC", said).casefold()
