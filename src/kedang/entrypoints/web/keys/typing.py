"""Recovery shares typed back from their cards, every word checked as it is typed. An open case: a check; a locked one: it opens.

Words come in the bodies of requests only, and go into no address, log, cookie, session or row. Cards that are right
stay in the page itself, until there are enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import desk_of
from kedang.entrypoints.web.opened import opened_cases
from kedang.entrypoints.web.unlocking import unlock_case
from kedang.holdings.actions.unlocking import Secrets
from kedang.holdings.queries.cases import codes_of_account
from kedang.holdings.queries.keys import CardSets, card_sets
from kedang.vault.share_words import EntryCheck, check_entry, check_word, complete
from kedang.vault.shares import CARD_WORDS, share_mark

CARDS_MAX = 16


@dataclass(frozen=True, slots=True)
class CheckedCard:
    """One card as it was typed, and what is to be said of it."""

    words: str
    entry: EntryCheck
    known: bool
    """It is of a set of the case."""

    @property
    def said(self) -> str:
        """Key of the sentence."""
        entry = self.entry
        if entry.share is not None:
            return "right" if self.known else "foreign"
        if entry.unknown:
            return "unknown-words"
        if entry.missing:
            return "incomplete"
        return "suspect" if entry.suspect else "wrong"

    @property
    def facts(self) -> dict[str, Any]:
        """What the sentence names: never a word."""
        share, entry = self.entry.share, self.entry
        return {
            "mark": share_mark(self.words) if share else "",
            "set": f"{share.identifier:05d}" if share else "",
            "places": "、".join(map(str, entry.unknown)),
            "missing": abs(entry.missing),
            "place": entry.suspect or 0,
        }


def typing(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for whoever has joined the case, locked or not; an open case is for those who may hold keys."""

    @wraps(view)
    @login_required
    def answer(request: HttpRequest, code: str) -> HttpResponse:
        if code not in codes_of_account(request.user.id):  # type: ignore[arg-type,union-attr]  # our account
            raise Http404
        if opened_cases().is_open(code):
            desk = desk_of(request, code)
            request.desk = desk  # type: ignore[attr-defined]  # for the layout
            desk.require(Act.HOLD_KEYS)
        return view(request, code)

    answer.act = Act.HOLD_KEYS  # type: ignore[attr-defined]  # what the tests of every route look at
    return answer


@typing
@require_GET
def shares(request: HttpRequest, code: str) -> HttpResponse:
    """The form with a field for each word of a card."""
    return render(request, "keys/shares.html", _shown(code, []))


@typing
@require_POST
def word(request: HttpRequest, code: str) -> HttpResponse:
    """Whether one word is on the list; the whole word, when its first letters leave no doubt."""
    typed = request.POST.get("word", "").strip().casefold()[:20]
    found, meant = check_word(typed), complete(typed)
    at = request.POST.get("at", "")
    shown = {
        "at": at if at.isdecimal() else "1",
        "typed": typed,
        "known": found.known,
        "whole": meant[0] if len(meant) == 1 and len(typed) >= 4 else "",
        "nearest": found.nearest,
    }
    return render(request, "keys/word.html", shown)


@typing
@require_POST
def card(request: HttpRequest, code: str) -> HttpResponse:
    """One card checked as a whole; with enough of them, whether they open the case, and a locked one is opened."""
    sets = card_sets(code, opened_cases().places)
    typed = [" ".join(request.POST.getlist("w")).casefold()]
    cards = [_checked(one, sets) for one in (*request.POST.getlist("card")[:CARDS_MAX], *typed)]
    right = [one for one in cards if one.said == "right"]
    words = list(dict.fromkeys(one.words for one in right))
    opens = bool(words) and sets.opened_by(words)
    shown = _shown(code, words) | {"last": cards[-1], "opens": opens}
    if opens and not opened_cases().is_open(code):
        shown["fault"] = unlock_case(request, code, Secrets(shares=tuple(words)))
    return render(request, "keys/typed.html", shown)


def _checked(words: str, sets: CardSets) -> CheckedCard:
    entry = check_entry(words)
    known = entry.share is not None and entry.share.identifier in sets.identifiers
    return CheckedCard(" ".join(words.split()), entry, known)


def _shown(code: str, right: list[str]) -> dict[str, Any]:
    return {
        "code": code,
        "places": range(1, CARD_WORDS + 1),
        "right": [(words, share_mark(words)) for words in right],
        "locked": not opened_cases().is_open(code),
        "count": len(right),
    }
