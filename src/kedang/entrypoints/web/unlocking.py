"""Unlocking a case at the door: by a passphrase or by recovery shares."""

from __future__ import annotations

from django.http import HttpRequest

from kedang.entrypoints.web.desk import desk_of
from kedang.entrypoints.web.opened import now, opened_cases
from kedang.holdings.actions.cases import Secrets
from kedang.holdings.actions.slots import note_recovery
from kedang.records.errors import KedangError


def unlock_case(
    request: HttpRequest, code: str, *, passphrase: str | None = None, shares: tuple[str, ...] = ()
) -> str:
    """Open the case for this process; the code of what was wrong, empty when it is open.

    That keepers came together with their shares is noted in the ledger, in the name of whoever is signed in.
    """
    try:
        opened_cases().unlock(code, Secrets(passphrase=passphrase, shares=shares))
        desk = desk_of(request, code)
        if desk.archive.slot == "quorum":
            note_recovery(desk.archive, now=now())
    except KedangError as error:
        return error.code
    return ""
