"""Why covered values were shown: for the record, and for the report of who saw what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Reveal


@dataclass(frozen=True, slots=True)
class ShownFor:
    """One showing with its reason."""

    record: str
    agent: str
    when: datetime
    part: str
    page: int | None
    category: str
    reason: str
    commitment: str


def reveals(archive: Archive, rows: QuerySet[Reveal] | None = None) -> Iterator[ShownFor]:
    """Those of the case, or of `rows`, newest first, with their reasons opened."""
    some = Reveal.objects.all() if rows is None else rows
    for row in some.filter(case_id=archive.case_id).order_by("-when", "id").iterator(chunk_size=500):
        said = archive.open(archive.case_key(), row.id, "reveal.sealed", row.sealed)
        yield ShownFor(
            row.record_id,
            row.agent_id,
            row.when,
            row.part,
            row.page,
            row.category,
            str(said["reason"]),
            row.commitment,
        )
