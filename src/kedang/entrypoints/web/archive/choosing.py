"""What a person has asked the list for: conditions, order and columns in the address, words sealed in the session."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from kedang.entrypoints.web.desk import Desk
from kedang.holdings.queries.browsing import FIRST_SORT, SORTS
from kedang.holdings.queries.wanted import FACETS, Wanted

COLUMNS = (
    "code",
    "class",
    "date",
    "sensitivity",
    "state",
    "due",
    "customers",
    "questions",
    "format",
    "pages",
)
FIRST_COLUMNS = ("code", "class", "date", "state")
KEPT_SEARCHES = 20  # of one session: as far as "back" leads
SEARCH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """One state of the list."""

    wanted: Wanted
    sort: str = FIRST_SORT
    columns: tuple[str, ...] = FIRST_COLUMNS
    search: str = ""
    """The id under which the session keeps the words; nothing personal is in an address."""
    words: str = ""
    after: str = ""

    def address(self, desk: Desk, *, after: str = "", **changed: Any) -> str:
        """The address of this state, or of one that differs in `changed`; of its first page but for `after`."""
        said = self.said(after=after, **changed)
        return reverse("archive", kwargs={"code": desk.code}) + (f"?{said}" if said else "")

    def said(self, *, after: str = "", **changed: Any) -> str:
        """The same as the query of an address."""
        one = replace(self, **changed)
        pairs = list(one.pairs())
        return urlencode([*pairs, ("after", after)] if after else pairs)

    def pairs(self) -> list[tuple[str, str]]:
        """Names and values, as an address or the hidden fields of a form have them."""
        found = [(facet, value) for facet, values in self.wanted.chosen.items() for value in values]
        if self.sort != FIRST_SORT:
            found.append(("sort", self.sort))
        if self.columns != FIRST_COLUMNS:
            found.append(("columns", ",".join(self.columns)))
        if self.search:
            found.append(("s", self.search))
        return found

    def toggled(self, facet: str, value: str) -> Wanted:
        """With the value chosen, or no longer."""
        chosen = dict(self.wanted.chosen)
        values = set(chosen.get(facet, ())) ^ {value}
        return Wanted.of({**chosen, facet: tuple(values)})


def choice_of(request: HttpRequest, desk: Desk) -> Choice:
    """What the address, or the form that was sent, asks for."""
    said: QueryDict = request.POST if request.method == "POST" else request.GET
    asked = {facet: said.getlist(facet) for facet in (*FACETS, "retention")}
    columns = tuple(one for one in COLUMNS if one in _many(said, "columns"))
    search = said.get("s", "")
    words = _kept(request, desk).get(search, "")
    return Choice(
        wanted=Wanted.of(asked),
        sort=said.get("sort", "") if said.get("sort", "") in SORTS else FIRST_SORT,
        columns=columns or FIRST_COLUMNS,
        search=search if words else "",
        words=words,
        after=said.get("after", "")[:400],
    )


def _many(said: QueryDict, name: str) -> set[str]:
    return {one for value in said.getlist(name) for one in value.split(",")}


def keep_words(request: HttpRequest, desk: Desk, words: str) -> str:
    """The id under which the session keeps these words; the oldest go."""
    kept = _kept(request, desk)
    known = next((one for one, there in kept.items() if there == words), None)
    if known is None:
        known = secrets.token_hex(SEARCH_DIGITS // 2)
        kept = dict(list(kept.items())[-(KEPT_SEARCHES - 1) :]) | {known: words}
        request.session[_name(desk)] = kept
    return known


def _kept(request: HttpRequest, desk: Desk) -> Mapping[str, str]:
    kept: Mapping[str, str] = request.session.get(_name(desk), {})
    return kept


def _name(desk: Desk) -> str:
    return f"searches:{desk.code}"
