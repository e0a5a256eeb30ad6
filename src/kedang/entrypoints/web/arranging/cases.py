"""The cases of the installation, for whoever holds the keys of one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.opened import opened_cases
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.discarding import discard_demo
from kedang.holdings.adapters.names import is_demo
from kedang.holdings.queries.cases import codes_of_account


@page(Act.HOLD_KEYS)
@require_GET
def cases(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases that I have joined, and the way to a new one."""
    codes = codes_of_account(str(request.user.id))  # type: ignore[union-attr]
    shown = [
        {"code": code, "open": opened_cases().is_open(code), "here": code == desk.code} for code in codes
    ]
    return render(request, "arranging/cases.html", {"cases": shown, "demo": is_demo(desk.archive)})


@page(Act.HOLD_KEYS)
@require_POST
def discard(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A demonstration thrown away, once its number is typed."""
    code = desk.code
    if request.POST.get("typed", "").strip().upper() != code:
        messages.error(request, say("arranging.discard-typed", desk.language))
        return redirect("settings_cases", code=code)
    discard_demo(desk.archive)
    opened_cases().lock(code)
    messages.success(request, say("arranging.discarded", desk.language, code=code))
    return redirect("front")
