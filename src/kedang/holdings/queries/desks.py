"""Desks 部门: how many records were found at each, and what each is called.

A row has a keyed fingerprint of the desk (`intake.arrivals.desk_of`); the name is opened from the sealed names of one
of the records that were found there. What is destroyed was found at no desk any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.names import occurrence_names, source_names
from kedang.holdings.models import Occurrence, Record

MOST_DESKS = 60  # a source may have a folder for each customer


def count_desks(case: str, records: QuerySet[Record], *, whole: bool) -> dict[str, int]:
    """The desks with the most of these records (`whole`: all there are), by fingerprint in hexadecimal, most first.

    A record that was found at two counts at both.
    """
    places = Occurrence.objects.filter(case_id=case, desk_fingerprint__gt=b"").exclude(record=None)
    if not whole:
        places = places.filter(record__in=records.values("id"))
    rows = places.values_list("desk_fingerprint").annotate(count=Count("record_id", distinct=True))
    return {
        bytes(mark).hex(): count for mark, count in rows.order_by("-count", "desk_fingerprint")[:MOST_DESKS]
    }


@dataclass(frozen=True, slots=True)
class DeskName:
    """What a desk is called."""

    name: str
    record: str
    """The record that tells it."""
    registered: bool
    """Whether a person wrote it in the register of sources; otherwise it is a folder's."""


def places_of_desks(case: str, desks: Iterable[str], records: QuerySet[Record]) -> dict[str, str]:
    """For each desk an occurrence of one of these records that was found there."""
    here = Exists(records.filter(pk=OuterRef("record")).exclude(state=DESTROYED))
    places = Occurrence.objects.filter(here, case_id=case)
    found: dict[str, str] = {}
    for desk in desks:
        one = places.filter(desk_fingerprint=bytes.fromhex(desk)).values_list("id", flat=True)[:1]
        found.update((desk, place) for place in one)
    return found


def names_of_desks(archive: Archive, places: Mapping[str, str]) -> dict[str, DeskName]:
    """The name of each desk, as one of its occurrences tells it (`places_of_desks`)."""
    rows = Occurrence.objects.filter(id__in=places.values()).select_related("record", "source")
    by_id = {row.id: row for row in rows}
    sources = {row.source_id: row.source for row in rows}
    registered = {one: source_names(archive, source) for one, source in sources.items()}
    found: dict[str, DeskName] = {}
    for desk, one in places.items():
        if one in by_id and (name := occurrence_names(archive, by_id[one]).desk):
            said = registered[by_id[one].source_id]
            found[desk] = DeskName(name, by_id[one].record_id or "", name in (said.desk, said.name))
    return found
