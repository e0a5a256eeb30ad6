"""Showing what is covered, for a reason: a value, a page, the text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kedang.access.covering import Covered
from kedang.access.deciding import Act
from kedang.appraisal.said_facts import CERTAIN
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.record.contents import TEXT_AT_ONCE
from kedang.entrypoints.web.record.naming import named
from kedang.entrypoints.web.record.pictures import drawn_page
from kedang.holdings.actions.revealing import LONGEST_REASON, Revealed, note_revealed
from kedang.holdings.queries.corrections import corrections_of
from kedang.holdings.queries.opened_record import OpenedRecord, opened_record
from kedang.holdings.queries.permitted import customers_seen


@dataclass(frozen=True, slots=True)
class _Asked:
    """What somebody wants to see: a value's stretch, a page's number, a stretch of the text, what a person has said."""

    shown: Revealed
    start: int
    end: int
    part: str = ""
    """As the form names it; empty: as the ledger does."""
    number: int = 0
    """Of a fact."""
    correction: str = ""
    words: tuple[tuple[str, str], ...] = ()
    """What a person has said: the key of the text that names it, and the value."""

    @property
    def named(self) -> str:
        """The part as the form names it."""
        return self.part or self.shown.part


@page(Act.REVEAL)
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """The form that asks for the reason; sent, what was asked for."""
    found = desk.record(record_id, Act.REVEAL)
    seen = customers_seen(desk.archive.case_id, desk.person, today=desk.today())
    opened = opened_record(desk.archive, found, seen=seen)
    given = request.POST if request.method == "POST" else request.GET
    asked = _asked(opened, given)
    part = bool(request.headers.get("HX-Request"))
    said: dict[str, Any] = {"record": found, "asked": asked, "part": part, "longest": LONGEST_REASON}
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        note_revealed(desk.archive, found, asked.shown, reason=reason, now=desk.now())
        said |= _shown(opened, asked)
    return render(request, "record/reveal_part.html" if part else "record/reveal.html", said)


def _asked(opened: OpenedRecord, given: QueryDict) -> _Asked:
    """What the form names, if the record has it."""
    part = given.get("part", "")
    numbers = [given.get(name, "0") for name in ("page", "start", "end")]
    if not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in numbers):
        raise Http404
    number, start, end = map(int, numbers)
    if part == "page" and 1 <= number <= opened.pages:
        return _Asked(Revealed("page", number), 0, 0)
    if part == "text" and opened.judged and start < len(opened.text):
        return _Asked(Revealed("text"), start, min(start + TEXT_AT_ONCE, len(opened.text)))
    if part == "fact" and 0 < number <= len(opened.facts):
        fact = opened.facts[number - 1]
        if fact.confidence == CERTAIN:
            words = ((named("fact", fact.kind), fact.value),)
            return _Asked(Revealed("value"), 0, 0, "fact", number, words=words)
    if part == "correction":
        return _of_correction(opened, given.get("correction", ""))
    if part == "value":
        for one in opened.parts(start, end) if start < end else ():
            if isinstance(one, Covered) and (one.start, one.end) == (start, end):
                return _Asked(Revealed("value", category=one.category.value), start, end)
    raise Http404


def _of_correction(opened: OpenedRecord, correction: str) -> _Asked:
    """Old and new values of one correction of the record."""
    for one in corrections_of(opened.archive, opened.record):
        if one.id == correction and (one.title or one.facts):
            titles = [("record.title-said", " → ".join(one.title))] if one.title else []
            facts = [
                (named("fact", fact.column), f"{fact.before or '—'} → {fact.after or '—'}")
                for fact in one.facts
            ]
            words = (*titles, *facts)
            return _Asked(Revealed("value"), 0, 0, "correction", correction=correction, words=words)
    raise Http404


def _shown(opened: OpenedRecord, asked: _Asked) -> dict[str, Any]:
    """What was asked for, uncovered."""
    if asked.shown.part == "page":
        number = asked.shown.page or 1
        return {"done": True, "number": number, "revealed": True} | drawn_page(opened, number, whole=True)
    if asked.words:
        return {"done": True}
    return {"done": True, "text": opened.text[asked.start : asked.end]}
