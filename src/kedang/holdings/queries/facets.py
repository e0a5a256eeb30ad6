"""How many of the records a person may list have each value, under what is chosen beside it.

One question to the database counts the records of a scope by cells (`wanted.CELL`), one more those of each source;
every figure of every choice is added up from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, QuerySet

from kedang.access.deciding import Scope, Subject
from kedang.holdings.models import Link, Occurrence, Record, Source
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.wanted import CELL, CELL_COLUMNS, OUTSIDE, Wanted, cell_columns, cell_of

SHOWN_CUSTOMERS = 30
MOST_SOURCES = 60

Cell = tuple[str, ...]
Cells = Mapping[Cell, int]


@dataclass(frozen=True, slots=True)
class Counted:
    """The records of one scope and one choice of what no cell can tell, by cells."""

    cells: Cells
    sources: Mapping[str, Cells] = field(default_factory=dict)
    """The same for each source, whatever sources are chosen."""

    def total(self, wanted: Wanted) -> int:
        """How many are wanted, as far as cells can tell."""
        return _sum(self.cells, wanted)

    def figures(self, wanted: Wanted) -> dict[str, Counter[str]]:
        """For each facet how many have each value, under what the other facets ask; customers are asked apart."""
        found: dict[str, Counter[str]] = {}
        for place, facet in enumerate(CELL):
            others = wanted.without(facet)
            counts: Counter[str] = Counter()
            for cell, count in self.cells.items():
                if others.fits(cell):
                    counts[cell[place]] += count
            found[facet] = counts
        found["source"] = Counter({one: _sum(cells, wanted) for one, cells in self.sources.items()})
        return found

    def within(self, scopes: Sequence[Scope]) -> Counted:
        """The same of the records that lie within one of these scopes, such as cells can tell (`told_by_cells`)."""

        def seen(cells: Cells) -> Cells:
            return {cell: count for cell, count in cells.items() if any(_covers(one, cell) for one in scopes)}

        return Counted(seen(self.cells), {source: seen(cells) for source, cells in self.sources.items()})


def told_by_cells(scopes: Sequence[Scope]) -> bool:
    """Whether a cell tells of its records that they lie within the scopes."""
    return all(one.records is None and one.sources is None and one.customers is None for one in scopes)


def _covers(scope: Scope, cell: Cell) -> bool:
    said = dict(zip(CELL, cell, strict=True))
    return scope.covers(Subject("", said["class"], said["sensitivity"], frozenset(), frozenset()))


def _sum(cells: Cells, wanted: Wanted) -> int:
    return sum(count for cell, count in cells.items() if wanted.fits(cell))


def count_cells(records: QuerySet[Record], *, today: date) -> Counter[Cell]:
    """The records by cells."""
    rows = records.annotate(**cell_columns(today=today)).order_by().values_list(*CELL_COLUMNS)
    counts: Counter[Cell] = Counter()
    for *cell, count in rows.annotate(count=Count("id")):
        counts[cell_of(cell)] += count
    return counts


def records_of_case(case: str) -> QuerySet[Record]:
    """Every record: for figures that are cut down to what the asker may see (`Counted.within`)."""
    return Record.objects.filter(case_id=case)


def counted(case: str, records: QuerySet[Record], wanted: Wanted, *, whole: bool, today: date) -> Counted:
    """The figures of a scope (`records`, to which nothing that is chosen has been applied yet; `whole`: all)."""
    elsewhere = wanted.only(OUTSIDE).without("source").condition(case, today=today)
    theirs = records.filter(elsewhere)
    some = theirs.filter(wanted.only(("source",)).condition(case, today=today))
    cells = count_cells(some, today=today)
    sources = list(Source.objects.filter(case_id=case).values_list("id", flat=True)[: MOST_SOURCES + 1])
    if len(sources) == 1:
        return Counted(cells, {sources[0]: cells})
    places = Occurrence.objects.filter(case_id=case).exclude(record=None)
    if not whole or elsewhere:
        places = places.filter(record__in=theirs.values("id"))
    return Counted(cells, _by_source(places, today) if len(sources) <= MOST_SOURCES else {})


def _by_source(places: QuerySet[Occurrence], today: date) -> dict[str, Counter[Cell]]:
    rows = places.annotate(**cell_columns(today=today, at="record__")).order_by()
    found: dict[str, Counter[Cell]] = {}
    counts = rows.values_list("source_id", *CELL_COLUMNS).annotate(count=Count("record_id", distinct=True))
    for source, *cell, count in counts:
        found.setdefault(source, Counter())[cell_of(cell)] += count
    return found


def count_customers(case: str, records: QuerySet[Record], wanted: Wanted, *, today: date) -> dict[str, int]:
    """The customers with the most of the wanted records, and those that are chosen."""
    some = records.filter(wanted.without("customer").condition(case, today=today)).values("id")
    rows = Link.objects.filter(case_id=case, record__in=some)
    counts = rows.values_list("customer_id").annotate(count=Count("record_id", distinct=True))
    merged = Forwarding.of(case)
    most: Counter[str] = Counter()
    for customer, count in counts.order_by("-count")[: 2 * SHOWN_CUSTOMERS]:
        most[merged.head(customer)] += count
    return dict(most.most_common(SHOWN_CUSTOMERS))
