"""Desks 部门 as pages show them: counted within what the asker may list, named as far as he may read names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kedang.access.covering import plain
from kedang.access.deciding import Act
from kedang.entrypoints.web.archive.finding import is_whole, seen_customers
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.figures import of_scope
from kedang.holdings.queries.desks import count_desks, names_of_desks, places_of_desks
from kedang.holdings.queries.shown_titles import shown_names
from kedang.holdings.queries.wanted import Wanted


def desk_counts(desk: Desk, wanted: Wanted) -> Mapping[str, int]:
    """How many of the wanted records that he may list were found at each desk, whatever desks are chosen."""
    case, today, records = desk.archive.case_id, desk.today(), desk.records(Act.LIST)
    others = wanted.without("desk")
    whole = is_whole(desk, Act.LIST) and not others.chosen

    def counted() -> dict[str, int]:
        return count_desks(case, records.filter(others.condition(case, today=today)), whole=whole)

    return of_scope(desk, Act.LIST, ("desk counts", tuple(others.chosen.items())), counted)


def desk_names(desk: Desk, desks: Iterable[str]) -> dict[str, str]:
    """What each of these desks is called where he may list a record.

    A folder may bear a customer's name: its name is covered as titles are for whoever may not see every customer.
    """
    case, records, wanted = desk.archive.case_id, desk.records(Act.LIST), tuple(desks)
    places = of_scope(
        desk, Act.LIST, ("desk places", wanted), lambda: places_of_desks(case, wanted, records.all())
    )
    named = names_of_desks(desk.archive, places)
    names = {one: said.name for one, said in named.items()}
    folders = {one: (said.record, said.name) for one, said in named.items() if not said.registered}
    if folders and not is_whole(desk, Act.SEE_CUSTOMERS):
        shown = shown_names(desk.archive, list(folders.values()), seen=seen_customers(desk))
        names |= {one: plain(parts) for one, parts in zip(folders, shown, strict=True)}
    return names
