"""Tokens with which programs act for a person at the API."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act, Scope
from kedang.entrypoints.web.desk import Desk, own
from kedang.holdings.actions.tokens import end_token, make_token, tokens_of
from kedang.holdings.people_errors import GrantMalformed
from kedang.records.content import RecordClass, Sensitivity

OFFERED = (
    Act.SEE_CASE,
    Act.LIST,
    Act.READ,
    Act.SEE_CUSTOMERS,
    Act.SEE_LEDGER,
    Act.ANSWER,
    Act.ACCEPT,
)
"""Acts that the API has a use for."""
CHANGING = frozenset({Act.ANSWER, Act.ACCEPT})
"""Those of them that are given only when somebody ticks them."""
KNOWN = {
    "classes": {one.value for one in RecordClass},
    "sensitivities": {one.value for one in Sensitivity},
}
USUAL = timedelta(days=90)


@own
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One's tokens, everybody's for those who give permissions; a new one is shown this once."""
    secret = _made(request, desk) if request.method == "POST" else ""
    mine = str(request.user.pk)
    rows = tokens_of(desk.archive, None if desk.may(Act.GRANTS) else mine)
    shown = [row | {"mine": row["account"] == mine, "over": row["last_day"] < desk.today()} for row in rows]
    context: dict[str, Any] = {
        "tokens": shown,
        "secret": secret,
        "acts": [(act.value, act in CHANGING) for act in OFFERED if desk.may(act)],
        "classes": [one.value for one in RecordClass],
        "grades": [one.value for one in Sensitivity],
        "usual": (desk.today() + USUAL).isoformat(),
        "first": desk.today().isoformat(),
    }
    return render(request, "tokens/tokens.html", context)


@own
@require_POST
def end(request: HttpRequest, desk: Desk, token: str) -> HttpResponse:
    """The token opens nothing from now on."""
    mine = {one["id"] for one in tokens_of(desk.archive, str(request.user.pk))}
    if token not in mine and not desk.may(Act.GRANTS):
        raise Http404
    end_token(desk.archive, token, now=desk.now())
    return redirect("tokens", code=desk.code)


def _made(request: HttpRequest, desk: Desk) -> str:
    chosen = {name: frozenset(request.POST.getlist(name)) or None for name in ("classes", "sensitivities")}
    for name, values in chosen.items():
        if values and not values <= KNOWN[name]:
            raise GrantMalformed(part=name)
    acts = [act for act in OFFERED if act.value in request.POST.getlist("acts") and desk.may(act)]
    try:
        last_day = date.fromisoformat(request.POST.get("last_day", ""))
    except ValueError as error:
        raise GrantMalformed(part="last_day") from error
    _row, secret = make_token(
        desk.archive,
        str(request.user.pk),
        purpose=request.POST.get("purpose", "").strip()[:200],
        acts=acts,
        scope=Scope(classes=chosen["classes"], sensitivities=chosen["sensitivities"]),
        last_day=last_day,
        now=desk.now(),
    )
    return secret
