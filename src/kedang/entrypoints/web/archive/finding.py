"""The records that a choice asks for, among those that the person may list; with words, among those he may read."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from kedang.access.deciding import Act, Scope, scopes_of
from kedang.access.index import COUNT_BOUND
from kedang.entrypoints.web.archive.choosing import Choice
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.figures import of_case, of_scope
from kedang.entrypoints.web.opened import opened_cases
from kedang.holdings.actions.consulting import note_hits
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.browsing_errors import TooManyAtOnce
from kedang.holdings.queries.browsing import listed
from kedang.holdings.queries.bulk_effects import MOST_EXPORTED
from kedang.holdings.queries.facets import Counted, counted, records_of_case, told_by_cells
from kedang.holdings.queries.permitted import customers_seen, within
from kedang.holdings.queries.searched_page import Asked, SearchedPage, search_page
from kedang.holdings.queries.wanted import CELL

PAGE = 40  # titles that are opened at once
HITS = 15  # texts that are opened at once
STEP_SECONDS = 0.2
"""Answers to a search of somebody who may not see everything come in steps of this: how long the search took
would tell how often the words stand in records that he may not see."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the list shows."""

    records: tuple[Any, ...]
    total: int
    exact: bool
    counted: Counted | None
    following: str
    incomplete: bool = False


def scopes(desk: Desk, act: Act) -> tuple[Scope, ...]:
    """Within which scopes the person may do this now."""
    return scopes_of(desk.person, act, today=desk.today())


def is_whole(desk: Desk, act: Act) -> bool:
    """Whether that is everything."""
    return any(scope.whole for scope in scopes(desk, act))


def seen_customers(desk: Desk) -> QuerySet[Any]:
    """The customers whose names he may read."""
    return customers_seen(desk.archive.case_id, desk.person, today=desk.today())


def figures(desk: Desk, choice: Choice) -> Counted:
    """The records that he may list, by facets."""
    wanted, today, held = choice.wanted.without(*CELL), desk.today(), scopes(desk, Act.LIST)
    name, case = ("cells", tuple(wanted.chosen.items())), desk.archive.case_id
    if told_by_cells(held):  # counted once for everybody, and each is told his own
        every = records_of_case(case)
        return of_case(
            desk, name, lambda: counted(case, every.all(), wanted, whole=True, today=today)
        ).within(held)
    some, whole = desk.records(Act.LIST), is_whole(desk, Act.LIST)
    return of_scope(desk, Act.LIST, name, lambda: counted(case, some.all(), wanted, whole=whole, today=today))


def page_of(desk: Desk, choice: Choice) -> Page:
    """One page of the list."""
    found = figures(desk, choice)
    total = found.total(choice.wanted)
    some = listed(
        desk.archive.case_id,
        desk.records(Act.LIST),
        choice.wanted,
        sort=choice.sort,
        after=choice.after,
        limit=PAGE,
        about=total,
        today=desk.today(),
    )
    return Page(some.records, total, True, found, some.following)


def hits_of(desk: Desk, choice: Choice, *, limit: int = HITS) -> SearchedPage:
    """One page of what the words find; the ledger says that it was searched before anything is shown."""
    started = time.monotonic()
    case = desk.archive.case_id
    readable = within(case, scopes(desk, Act.LIST)) & within(case, scopes(desk, Act.READ))
    asked = Asked(choice.words, readable, choice.wanted, desk.today())
    with opened_cases().index(desk.code).reading(desk.archive) as opened:
        found = search_page(desk.archive, opened, asked, after=choice.after, limit=limit)
    shown = [record.id for record in found.records]
    note_hits(desk.archive, choice.words, shown, found.total, now=desk.now())
    if not (is_whole(desk, Act.LIST) and is_whole(desk, Act.READ)):
        keep_step(started)
    return found


def chosen_ids(request: HttpRequest, desk: Desk, choice: Choice) -> list[str]:
    """The records that a form has chosen, in order: those that are ticked, or all that fit; such as he may list.

    Raises:
        TooManyAtOnce: the words find more than are counted.
    """
    may = desk.records(Act.LIST)
    if not request.POST.get("all"):
        said = [*request.POST.getlist("record"), *request.POST.get("records", "").split(",")]
        return [
            one
            for some in in_batches(list(dict.fromkeys(filter(None, said)))[:MOST_EXPORTED])
            for one in may.filter(id__in=some).order_by("first_order").values_list("id", flat=True)
        ]
    if choice.words:
        found = hits_of(desk, replace(choice, after=""), limit=COUNT_BOUND)
        if not found.exact:
            raise TooManyAtOnce(chosen=found.total, most=COUNT_BOUND)
        return [record.id for record in found.records]
    rows = may.filter(choice.wanted.condition(desk.archive.case_id, today=desk.today()))
    return list(rows.order_by("first_order").values_list("id", flat=True))


def keep_step(started: float) -> None:
    """Wait until the next whole step since `started`."""
    spent = time.monotonic() - started
    time.sleep(STEP_SECONDS - spent % STEP_SECONDS)
