"""Reconciliation 对账: papers of dealings counted and summed, against each other and against control totals, gap by gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.names import customer_name
from kedang.holdings.models import Customer, Link
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.dealing_papers import ReadRecord, papers_of_case, read_records
from kedang.holdings.queries.forwarding import Forwarding
from kedang.resolution.dealings import (
    STEPS,
    UNLINKED,
    Control,
    Line,
    Paper,
    Reconciled,
    dealings_of,
    reconcile,
)

_NO_DIFFERENCE = frozenset({"joined-by-amount"})
"""Lines that ask for a look and say of nothing that it is missing."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One line of the gap list: whose dealing, which papers, what is missing or different."""

    number: int | None
    """Of the customer; None for papers that are nobody's."""
    name: str
    records: tuple[str, ...]
    reference_codes: tuple[str, ...]
    line: Line

    @property
    def differs(self) -> bool:
        """Whether something is missing or different; else it only wants a look."""
        return self.line.code not in _NO_DIFFERENCE


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What was found of each kind of paper, and every gap."""

    totals: tuple[Reconciled, ...]
    gaps: tuple[Gap, ...]
    dealings: int
    closed: int
    """Dealings of which nothing is missing."""
    lists: int
    """Lists of many customers, which are no papers of a dealing and were left out."""

    @property
    def agrees(self) -> bool:
        """Whether nothing is missing and nothing differs, also from what was told."""
        told = all(not one.count_difference and not one.total_difference for one in self.totals)
        return told and not any(gap.differs for gap in self.gaps)


def reconciliation(
    archive: Archive,
    controls: Sequence[Control],
    *,
    customer: str | None = None,
    scope: CustomerScope = EVERYTHING,
) -> Reconciliation:
    """The papers of the case, or of one customer given by the id of any number of his; of `scope` only."""
    merged = Forwarding.of(archive.case_id)
    head = merged.head(customer) if customer is not None else None
    papers: dict[str, Paper] = {}
    codes: dict[str, str] = {}
    theirs: dict[str, list[Paper]] = {}
    lists = 0
    for one in _records(archive, head, merged, scope):
        lists += one.is_list
        paper = one.paper()
        if paper is None or paper.kind not in STEPS or (head is not None and head not in one.owners):
            continue
        papers[paper.record] = paper
        codes[paper.record] = one.row.reference_code or one.row.id[:12]
        for owner in (head,) if head is not None else one.owners or ("",):
            theirs.setdefault(owner, []).append(paper)
    named = _named(archive, theirs, scope)
    found = [(named.get(owner, (None, "")), dealings_of(some)) for owner, some in theirs.items() if owner]
    gaps = [
        Gap(*who, tuple(paper.record for paper in dealing.papers), _codes(codes, dealing.papers), line)
        for who, dealings in sorted(found, key=lambda one: one[0][0] or 0)
        for dealing in dealings
        for line in dealing.gaps
    ]
    gaps += [_nobodys(paper, codes) for paper in sorted(theirs.get("", ()), key=_by_code(codes))]
    return Reconciliation(
        totals=reconcile(papers.values(), controls),
        gaps=tuple(gaps),
        dealings=sum(len(dealings) for _, dealings in found),
        closed=sum(dealing.is_closed for _, dealings in found for dealing in dealings),
        lists=lists,
    )


def _records(
    archive: Archive, head: str | None, merged: Forwarding, scope: CustomerScope
) -> Iterator[ReadRecord]:
    if head is None:
        return papers_of_case(archive, merged, among=scope.records)
    rows = Link.objects.filter(case_id=archive.case_id, customer_id__in=list(merged.members(head)))
    rows = scope.narrowed(rows)
    ids = list(rows.order_by("record_id").values_list("record_id", flat=True))
    return read_records(archive, ids, merged)


def _named(
    archive: Archive, customers: Iterable[str], scope: CustomerScope
) -> dict[str, tuple[int | None, str]]:
    """Number and name of each that may be seen."""
    seen = None if scope.customers is None else set(scope.customers.values_list("id", flat=True))
    return {
        row.id: (row.number, customer_name(archive, row) if row.key_page else "")
        for here in with_ids(Customer, [one for one in customers if one])
        for row in here
        if seen is None or row.id in seen
    }


def _codes(codes: Mapping[str, str], papers: Iterable[Paper]) -> tuple[str, ...]:
    return tuple(codes[paper.record] for paper in papers)


def _by_code(codes: Mapping[str, str]) -> Any:
    return lambda paper: codes[paper.record]


def _nobodys(paper: Paper, codes: Mapping[str, str]) -> Gap:
    return Gap(None, "", (paper.record,), (codes[paper.record],), UNLINKED)
