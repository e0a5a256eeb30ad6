"""The figures of the overview: counts of the records that a person may see, and where each leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, Q, QuerySet, Sum
from django.db.models.functions import Cast

from kedang.holdings.models import Record
from kedang.holdings.queries.wanted import STATES, YearOf
from kedang.records.content import FindingCategory, RecordClass, Sensitivity

MOST_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of records, and the choice of the list that shows them."""

    key: str
    """Of a class, state, sensitivity or category; a year; the fingerprint of a desk."""
    count: int
    name: str = ""
    """Of a desk."""


def by_class(records: QuerySet[Record]) -> list[Figure]:
    """In the order of the classes, also those without a record."""
    counts = _counts(records, "record_class")
    return [Figure(one.value, counts.get(one.value, 0)) for one in RecordClass]


def by_state(records: QuerySet[Record]) -> list[Figure]:
    """Where the records are now; states without a record are left out."""
    counts = _counts(records, "state")
    return [Figure(state, counts[state]) for state in STATES if counts.get(state)]


def by_sensitivity(records: QuerySet[Record]) -> list[Figure]:
    """In the order of the grades."""
    counts = _counts(records, "sensitivity")
    return [Figure(one.value, counts.get(one.value, 0)) for one in Sensitivity]


def by_year(records: QuerySet[Record]) -> list[Figure]:
    """By the year of the record; those whose date cannot be told come last under an empty key."""
    years = records.annotate(year=YearOf("record_date")).values_list("year")
    counts: dict[str | None, int] = dict(years.annotate(count=Count("id")).order_by())
    unknown = counts.pop(None, 0)
    found = [Figure(str(year), counts[year]) for year in sorted(filter(None, counts))]
    return found + ([Figure("", unknown)] if unknown else [])


def by_last_year(records: QuerySet[Record]) -> list[Figure]:
    """By the year in which the retention period ends, then those for ever and those that cannot be told."""
    kept = records.exclude(state="destroyed")
    years = kept.filter(retention_kind="until").annotate(year=YearOf("retention_until")).values_list("year")
    found = [Figure(str(year), count) for year, count in years.annotate(count=Count("id")).order_by("year")]
    kinds = _counts(kept, "retention_kind")
    return found + [Figure(kind, kinds[kind]) for kind in ("permanent", "undetermined") if kinds.get(kind)]


@dataclass(frozen=True, slots=True)
class MapRow:
    """One category of personal data: in how many records, and how many findings, by sensitivity."""

    category: str
    records: int
    findings: int
    by_sensitivity: tuple[int, ...]
    """In the order of the grades."""


def personal_data_map(records: QuerySet[Record]) -> list[MapRow]:
    """Where personal data of each category lies; categories that nothing holds are left out."""
    wanted: dict[str, Any] = {}
    for number, category in enumerate(FindingCategory):
        holds = Q(finding_counts__has_key=category.value)
        amount = Cast(f"finding_counts__{category.value}", IntegerField())
        wanted |= {f"r{number}": Count("id", filter=holds), f"f{number}": Sum(amount, filter=holds)}
    rows: dict[str, dict[str, Any]] = {
        row["sensitivity"]: dict(row) for row in records.order_by().values("sensitivity").annotate(**wanted)
    }
    return sorted(_map_rows(rows), key=lambda row: -row.records)


def _map_rows(rows: dict[str, dict[str, Any]]) -> Iterator[MapRow]:
    for number, category in enumerate(FindingCategory):
        here = [rows.get(one.value, {}).get(f"r{number}", 0) for one in Sensitivity]
        findings = sum(row[f"f{number}"] or 0 for row in rows.values())
        if any(here):
            yield MapRow(category.value, sum(here), findings, tuple(here))


@dataclass(frozen=True, slots=True)
class Ahead:
    """A date that comes, and how many records it is about."""

    kind: str
    day: date
    count: int = 0


def periods_ending(records: QuerySet[Record], *, today: date, most: int = MOST_AHEAD) -> list[Ahead]:
    """The next days on which periods end."""
    living = records.exclude(state="destroyed").filter(retention_kind="until", retention_until__gte=today)
    ends = (
        living.values_list("retention_until").annotate(count=Count("id")).order_by("retention_until")[:most]
    )
    return [Ahead("retention-ends", day, count) for day, count in ends if day is not None]


def dates_ahead(
    ends: Sequence[Ahead], milestones: Mapping[str, str], *, today: date, most: int = MOST_AHEAD
) -> list[Ahead]:
    """The next days on which periods end (`periods_ending`), and the case's own milestones that lie ahead."""
    days = {name: date.fromisoformat(said) for name, said in milestones.items()}
    own = [Ahead(name, day) for name, day in days.items() if day >= today]
    return sorted([*ends, *own], key=lambda one: one.day)[:most]


def _counts(records: QuerySet[Record], column: str) -> dict[str, int]:
    return dict(records.order_by().values_list(column).annotate(count=Count("id")))
