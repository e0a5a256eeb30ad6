"""Pages of a case that are for everybody who has joined it: each shows only what is the asker's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kedang.entrypoints.web.desk import View, desk_of
from kedang.entrypoints.web.opened import opened_cases


def own(view: View) -> Callable[..., HttpResponse]:
    """A view `view(request, desk, …)` for whoever has joined the case, whatever he may do in it."""

    @wraps(view)
    @login_required
    def answer(request: HttpRequest, code: str, *given: Any, **named: Any) -> HttpResponse:
        if not opened_cases().is_open(code):
            return redirect("locked", code=code)
        desk = desk_of(request, code)
        request.desk = desk  # type: ignore[attr-defined]  # for the layout
        return view(request, desk, *given, **named)

    answer.own = True  # type: ignore[attr-defined]  # what the tests of every route look at
    return answer
