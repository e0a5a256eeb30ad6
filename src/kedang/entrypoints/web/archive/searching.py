"""Searching: words come by POST, are kept sealed in the session, and never stand in an address.

A search is answered only when what was typed has settled (the page waits until nobody has typed for a moment, an
input method is not composing, and there are two characters, or Enter is pressed); whatever is answered is noted in the
ledger first.
"""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.archive.choosing import choice_of, keep_words
from kedang.entrypoints.web.archive.listing import shown
from kedang.entrypoints.web.desk import Desk, page

LONGEST = 500  # characters, as the search language has it


@page(Act.LIST)
@require_POST
def search(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the words find among what is chosen already; without words the list itself."""
    words = request.POST.get("words", "").strip()[: LONGEST + 1]
    choice = replace(choice_of(request, desk), search="", words="", after="")
    if words:
        desk.require(Act.READ)
        choice = replace(choice, search=keep_words(request, desk, words), words=words)
    if not request.headers.get("HX-Request"):
        return redirect(choice.address(desk))
    answer = render(request, "archive/results.html", shown(desk, choice))
    answer["HX-Push-Url"] = choice.address(desk)
    return answer
