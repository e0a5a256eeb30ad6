"""What a view works with: the case, the person who asks, and the decision. Pages of a case are made by `page` or `own`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from kedang.access.deciding import Act, Person, Subject, decide, scopes_of
from kedang.entrypoints.web.figures import FIGURES
from kedang.entrypoints.web.opened import NOBODY, now, opened_cases
from kedang.holdings.actions.people import person_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import NoCase
from kedang.holdings.queries.cases import case_of
from kedang.holdings.queries.permitted import permitted, record_permitted, require_permitted, within

View = Callable[..., HttpResponse]
REDIRECTS = (302, 303)
"""Answers to a form that changed something; what only looks answers with a page."""


@dataclass(slots=True)
class Desk:
    """One person at one case, for one request."""

    archive: Archive
    person: Person
    language: str

    @property
    def code(self) -> str:
        """The fonds number, as pages name the case."""
        return self.archive.case.fonds_code

    @property
    def time_zone(self) -> ZoneInfo:
        """The case's."""
        return ZoneInfo(self.archive.case.time_zone)

    def now(self) -> datetime:
        """The time."""
        return now()

    def today(self) -> date:
        """The day in the case's time zone."""
        return self.now().astimezone(self.time_zone).date()

    def may(self, act: Act, subject: Subject | None = None) -> bool:
        """Whether the person may."""
        return decide(self.person, act, subject, today=self.today()).allowed

    def require(self, act: Act) -> None:
        """Nothing when the person may do this in the case; `NotPermitted` otherwise."""
        require_permitted(self.person, act, today=self.today())

    def records(self, act: Act) -> QuerySet[Any]:
        """The records with which the person may do this: every list, count and search begins with it."""
        return permitted(self.archive.case_id, self.person, act, today=self.today())

    def condition(self, act: Act) -> Q:
        """The same as a condition, for records that are found otherwise."""
        return within(self.archive.case_id, scopes_of(self.person, act, today=self.today()))

    def record(self, record_id: str, act: Act) -> Any:
        """One record with which the person may do this.

        Raises:
            Http404: there is none, or he may not even know that there is.
            NotPermitted: he may know of it, but not do this.
        """
        found = record_permitted(self.archive.case_id, self.person, record_id, Act.LIST, today=self.today())
        if found is None:
            raise Http404
        require_permitted(self.person, act, found, today=self.today())
        return found


def desk_of(request: HttpRequest, code: str) -> Desk:
    """The desk of whoever is signed in at the case of this fonds number.

    Raises:
        Http404: no such case, or the person has not joined it: nobody learns which cases there are.
        CaseLocked: its keys are not here.
    """
    try:
        case = case_of(code)
    except NoCase as error:
        raise Http404 from error
    language = request.language  # type: ignore[attr-defined]  # set by Languages
    archive = opened_cases().lend(case.fonds_code, NOBODY)
    person = person_of(archive, request.user.id)  # type: ignore[arg-type,union-attr]  # our account
    if person is None:
        raise Http404
    archive.agent = person.agent  # type: ignore[assignment]
    return Desk(archive, person, language)


def own(view: View) -> View:
    """A view of a case for whoever has joined it: `view(request, desk, …)` behind `/c/<code>/…`.

    It shows only what is the asker's own. Without signing in it leads there; when the case is locked, to the
    page that unlocks it.
    """
    answer = _at_desk(view, None)
    answer.own = True  # type: ignore[attr-defined]  # what the tests of every route look at
    return answer


def page(act: Act) -> Callable[[View], View]:
    """A view like those of `own`, for whoever may do `act`."""

    def decorated(view: View) -> View:
        answer = _at_desk(view, act)
        answer.act = act  # type: ignore[attr-defined]  # what the tests of every route look at
        return answer

    return decorated


def _at_desk(view: View, act: Act | None) -> View:
    @wraps(view)
    @login_required
    def answer(request: HttpRequest, code: str, *given: Any, **named: Any) -> HttpResponse:
        if not opened_cases().is_open(code):
            return redirect("locked", code=code)
        desk = desk_of(request, code)
        request.desk = desk  # type: ignore[attr-defined]  # for the layout
        if act is not None:
            desk.require(act)
        said = view(request, desk, *given, **named)
        if request.method == "POST" and said.status_code in REDIRECTS:
            FIGURES.age()
        return said

    return answer
