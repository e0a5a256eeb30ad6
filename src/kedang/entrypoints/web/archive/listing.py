"""The list of records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kedang.access.deciding import Act
from kedang.entrypoints.web.archive.choosing import Choice, choice_of
from kedang.entrypoints.web.archive.desks import desk_counts, desk_names
from kedang.entrypoints.web.archive.finding import HITS, hits_of, page_of, seen_customers
from kedang.entrypoints.web.archive.lines import chosen_values, columns_of, facets_of, lines_of, sorts_of
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.saved_views import views_of
from kedang.holdings.queries.browsing_names import names_of_customers
from kedang.holdings.queries.facets import count_customers

PLACED_FACETS = (("desk", "archive-desks", "building"), ("customer", "archive-customers", "users"))
"""Facets that are counted when somebody asks for them: name, route and icon."""


@page(Act.LIST)
@require_GET
def archive(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The records that fit, the facets beside them."""
    choice = choice_of(request, desk)
    return render(request, "archive/archive.html", shown(desk, choice))


def shown(desk: Desk, choice: Choice) -> dict[str, Any]:
    """The context of the list, or of what the words find."""
    found: Any = hits_of(desk, choice) if choice.words else page_of(desk, choice)
    following = choice.address(desk, after=found.following) if found.following else ""
    return {
        "choice": choice,
        "hidden": choice.pairs(),
        "lines": lines_of(desk, choice, found.records),
        "total": found.total,
        "exact": found.exact,
        "incomplete": found.incomplete,
        "facets": facets_of(desk, choice, found.counted),
        "chosen": list(chosen_values(desk, choice)),
        "columns": columns_of(desk, choice),
        "sorts": sorts_of(choice),
        "following": following,
        "first": choice.address(desk) if choice.after else "",
        "plain": Choice(choice.wanted.only(()), columns=choice.columns).address(desk),
        "views": views_of(desk.archive),
        "may": {act.name.lower(): desk.may(act) for act in (Act.EXPORT, Act.ANSWER, Act.LABEL)},
        "placed": [one for one in PLACED_FACETS if one[0] != "customer" or desk.may(Act.SEE_CUSTOMERS)],
        "at_once": HITS,
        "labels_there": bool(desk.may(Act.LABEL)),
    }


@page(Act.SEE_CUSTOMERS)
@require_GET
def customers(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The customers with the most of these records, as a part of the list."""
    desk.require(Act.LIST)
    choice = choice_of(request, desk)
    records = desk.records(Act.LIST)
    counts = count_customers(desk.archive.case_id, records, choice.wanted, today=desk.today())
    names = names_of_customers(desk.archive, counts, seen_customers(desk))
    return _facet(request, desk, choice, "customer", counts, names)


@page(Act.LIST)
@require_GET
def desks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The desks with the most of these records, as a part of the list: counting them takes longer than the list itself."""
    choice = choice_of(request, desk)
    counts = desk_counts(desk, choice.wanted)
    return _facet(request, desk, choice, "desk", counts, desk_names(desk, counts))


def _facet(
    request: HttpRequest,
    desk: Desk,
    choice: Choice,
    name: str,
    counts: Mapping[str, int],
    names: Mapping[str, str],
) -> HttpResponse:
    """The values that have a name, each with the address of the list narrowed to it."""
    values = [
        {
            "value": one,
            "label": names[one],
            "count": count,
            "chosen": one in choice.wanted.chosen.get(name, ()),
            "href": choice.address(desk, wanted=choice.toggled(name, one)),
        }
        for one, count in counts.items()
        if one in names
    ]
    said = {"facet": name, "values": values, "with_words": bool(choice.words)}
    return render(request, "archive/placed.html", said)
