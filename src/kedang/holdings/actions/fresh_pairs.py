"""What is sealed under the keys of two holders together, sealed again when one of the two has a fresh key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.decisions import open_decision, seal_decision
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written
from kedang.holdings.adapters.judgements import open_judgement, open_proposal, seal_judgement, seal_proposal
from kedang.holdings.adapters.links import open_link, seal_link
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.models import Correction, Judgement, LearntModel, Link, Proposal, Record, Review

TIES = (Link, Proposal, Judgement, Correction, Review, LearntModel)
"""Tables whose sealed column stands under the key of a record, or of two holders together."""


@dataclass(frozen=True, slots=True)
class OpenedTies:
    """What some holders' keys have opened, in the transaction that gives them other keys."""

    archive: Archive
    links: Sequence[tuple[Link, dict[str, Any]]] = field(default=(), repr=False)
    proposals: Sequence[tuple[Proposal, dict[str, Any]]] = field(default=(), repr=False)
    judgements: Sequence[tuple[Judgement, dict[str, Any]]] = field(default=(), repr=False)
    decisions: Sequence[tuple[Correction | Review, dict[str, Any]]] = field(default=(), repr=False)

    def seal_again(self) -> None:
        """The same under the keys that the holders' rows name now."""
        pages: Mapping[str, str] = dict(
            Record.objects.filter(
                id__in={one for row, _ in self.proposals for one in (row.first_id, row.second_id)}
                | {row.record_id for row, _ in self.links}
            ).values_list("id", "key_page")
        )
        archive = self.archive
        for link, said in self.links:
            link.sealed = seal_link(archive, pages[link.record_id], link.record_id, link.customer_id, said)
        for proposal, said in self.proposals:
            proposal.sealed = seal_proposal(archive, proposal, pages, said)
        for judgement, said in self.judgements:
            judgement.sealed = seal_judgement(archive, judgement, said)
        self._seal_decisions()
        for rows in (self.links, self.proposals, self.judgements):
            again = [guarded(archive, row) for row, _ in rows]
            if again:
                update_rows(type(again[0]), again, ("sealed", "mac"))

    def _seal_decisions(self) -> None:
        """Those of each record under its key of now; what was learnt of records with other keys is learnt again."""
        records = Record.objects.in_bulk({row.record_id for row, _ in self.decisions})
        for row, said in self.decisions:
            row.sealed = seal_decision(self.archive, row, records[row.record_id], said)
            guarded(self.archive, row)
        for model in (Correction, Review):
            again = [row for row, _ in self.decisions if isinstance(row, model)]
            if again:
                update_rows(model, again, ("sealed", "mac"))
        if self.decisions:
            LearntModel.objects.filter(case_id=self.archive.case_id).delete()


def ties_of_records(archive: Archive, records: Sequence[str]) -> OpenedTies:
    """Links, proposals and judgements that the keys of these records open."""
    either = Q(first_id__in=records) | Q(second_id__in=records)
    pages = dict(Record.objects.filter(id__in=records).values_list("id", "key_page"))
    links = Link.objects.filter(case_id=archive.case_id, record_id__in=records).exclude(sealed=b"")
    proposals = Proposal.objects.filter(either, case_id=archive.case_id).exclude(sealed=b"")
    return OpenedTies(
        archive,
        _opened(archive, links, lambda row: open_link(archive, pages[row.record_id], row)),
        _opened(
            archive, proposals.select_related("first", "second"), lambda row: open_proposal(archive, row)
        ),
        _judgements(archive, either),
        _decisions(archive, records),
    )


def _decisions(
    archive: Archive, records: Sequence[str]
) -> Sequence[tuple[Correction | Review, dict[str, Any]]]:
    of_these: dict[str, Any] = {"case_id": archive.case_id, "record_id__in": records}
    return [
        pair
        for model in (Correction, Review)
        for pair in _opened(
            archive,
            model._default_manager.filter(**of_these).select_related("record"),
            lambda row: open_decision(archive, row, row.record),
        )
    ]


def ties_of_customers(archive: Archive, customers: Sequence[str]) -> OpenedTies:
    """Judgements that the keys of these customers open."""
    either = Q(customer__in=customers) | Q(other__in=customers)
    return OpenedTies(archive, judgements=_judgements(archive, either))


def _judgements(archive: Archive, either: Q) -> Sequence[tuple[Judgement, dict[str, Any]]]:
    rows = Judgement.objects.filter(either, case_id=archive.case_id).exclude(sealed=b"")
    return _opened(archive, rows, lambda row: open_judgement(archive, row))


def _opened(
    archive: Archive, rows: QuerySet[Any], opening: Callable[[Any], dict[str, Any]]
) -> Sequence[tuple[Any, dict[str, Any]]]:
    found = []
    for row in rows:
        require_as_written(MARKS[type(row)], archive, row)
        found.append((row, opening(row)))
    return found
