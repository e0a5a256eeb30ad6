"""Titles of a customer's records, as many as there are, with personal values covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from kedang.access.covering import Part
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.models import Customer, Record
from kedang.holdings.queries.shown_titles import shown_titles


def titles_of(
    archive: Archive, record_ids: Sequence[str], *, seen: QuerySet[Customer]
) -> Mapping[str, tuple[Part, ...]]:
    """The title of each record by its id, in parts, as lists show it."""
    found: dict[str, tuple[Part, ...]] = {}
    for rows in with_ids(Record, record_ids):
        found.update(shown_titles(archive, list(rows), seen=seen))
    return found
