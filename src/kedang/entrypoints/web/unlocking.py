"""Unlocking a case at the door: by a passphrase, by recovery shares or by a hardware token of this computer."""

from __future__ import annotations

import os

from django.http import HttpRequest

from kedang.entrypoints.cli.offered import load_tokens
from kedang.entrypoints.web.desk import desk_of
from kedang.entrypoints.web.opened import now, opened_cases
from kedang.holdings.actions.unlocking import Secrets, note_recovery
from kedang.records.errors import KedangError


def unlock_case(request: HttpRequest, code: str, secrets: Secrets) -> str:
    """Open the case for this process; the code of what was wrong, empty when it is open.

    That keepers came together with their shares is noted in the ledger, in the name of whoever is signed in.
    """
    try:
        opened_cases().unlock(code, secrets)
        desk = desk_of(request, code)
        if desk.archive.slot == "quorum":
            note_recovery(desk.archive, now=now())
    except KedangError as error:
        return error.code
    return ""


def token_module() -> str:
    """The module of the hardware token that the administrator has set; empty for none."""
    return os.environ.get("KEDANG_TOKEN_MODULE", "")


def token_secrets(pin: str) -> Secrets:
    """What the token that is plugged in opens with this PIN, which it is told once: tokens lock."""
    tokens = load_tokens()
    token = tokens.Token(token_module(), os.environ.get("KEDANG_TOKEN") or None, pin)
    return Secrets(token=tokens.unwrapping(token))
