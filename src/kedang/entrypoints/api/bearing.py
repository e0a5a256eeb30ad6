"""A token as the desk of the person for whom it acts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.opened import NOBODY, now, opened_cases
from kedang.holdings.actions.tokens import bearer
from kedang.records.errors import KedangError


class Bearer(HttpBearer):
    """`Authorization: Bearer kedang_…`; the case is the one in the address."""

    def authenticate(self, request: HttpRequest, token: str) -> Desk | None:
        """The desk; None for a token that opens nothing here, whatever the reason."""
        match = request.resolver_match
        code = match.kwargs.get("code", "") if match is not None else ""
        if not opened_cases().is_open(code):
            return None
        try:
            archive: Any = opened_cases().lend(code, NOBODY)
            _account, person = bearer(archive, token, today=now().date())
        except KedangError:
            return None
        archive.agent = person.agent
        return Desk(
            archive, person, "zh" if request.headers.get("Accept-Language", "zh").startswith("zh") else "en"
        )


def desk_of(request: HttpRequest) -> Desk:
    """The desk that `Bearer` made."""
    desk: Desk = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return desk
