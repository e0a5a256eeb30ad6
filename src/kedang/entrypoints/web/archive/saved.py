"""Saved views."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.archive.choosing import Choice, choice_of, keep_words
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.saved_views import remove_view, save_view, view_of
from kedang.holdings.queries.wanted import Wanted


@page(Act.LIST)
@require_POST
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep this choice under a name."""
    choice = choice_of(request, desk)
    name = request.POST.get("name", "").strip()
    if name:
        said = {
            "chosen": {facet: list(values) for facet, values in choice.wanted.chosen.items()},
            "sort": choice.sort,
            "columns": list(choice.columns),
            "words": choice.words,
        }
        save_view(desk.archive, name, said, now=desk.now())
        messages.success(request, say("archive.view-saved", desk.language))
    return redirect(choice.address(desk))


@page(Act.LIST)
@require_http_methods(["GET", "POST"])
def view(request: HttpRequest, desk: Desk, view_id: str) -> HttpResponse:
    """The list as it was saved; sent as a form, the view is removed."""
    if request.method == "POST":
        remove_view(desk.archive, view_id)
        return redirect("archive", code=desk.code)
    said = view_of(desk.archive, view_id)
    choice = Choice(Wanted.of(said["chosen"]), said["sort"], tuple(said["columns"]), words=said["words"])
    if choice.words:
        choice = replace(choice, search=keep_words(request, desk, choice.words))
    return redirect(choice.address(desk))
