"""What is to be kept until when, over the records that a person may list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractYear

from kedang.holdings.models import Record


@dataclass(frozen=True, slots=True)
class YearDue:
    """The records whose period ends in one year."""

    year: int
    count: int
    over: bool
    """The whole year is over, or part of it: some of them are due."""
    share: int
    """Of the fullest year, in a hundred: how long its bar is."""


@dataclass(frozen=True, slots=True)
class RetentionOverview:
    """Archived records by how long they are kept, and what has left the archive."""

    archived: int
    due: int
    """Their period is over: to be appraised by people, never destroyed by the clock."""
    years: tuple[YearDue, ...]
    permanent: int
    undetermined: int
    """No rule says how long; they are never destroyed."""
    held: int
    restricted: int
    destroyed: int


def retention_overview(records: QuerySet[Record], *, today: date) -> RetentionOverview:
    """The figures; each of them is a list that the same filter gives."""
    states = dict(records.values_list("state").annotate(count=Count("id")).order_by("state"))
    archived = records.filter(state="archived")
    until = archived.filter(retention_kind="until")
    counted = until.annotate(year=ExtractYear("retention_until")).values_list("year")
    by_year = dict(counted.annotate(count=Count("id")).order_by("year"))
    most = max(by_year.values(), default=1)
    kinds = dict(
        archived.values_list("retention_kind").annotate(count=Count("id")).order_by("retention_kind")
    )
    years = (
        YearDue(year, count, year <= today.year, max(2, 100 * count // most))
        for year, count in by_year.items()
    )
    return RetentionOverview(
        archived=states.get("archived", 0),
        due=until.filter(retention_until__lt=today).count(),
        years=tuple(years),
        permanent=kinds.get("permanent", 0),
        undetermined=sum(count for kind, count in kinds.items() if kind not in ("until", "permanent")),
        held=states.get("held", 0),
        restricted=states.get("restricted", 0),
        destroyed=states.get("destroyed", 0),
    )
