"""What waits for review, as one reviewer may see it, and the batches that are looked at by sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from kedang.access.deciding import Act, Person
from kedang.catalogue.standard import Clause
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Case, Record, ReviewBatch
from kedang.holdings.queries.corrections import sorters_of
from kedang.holdings.queries.people import agent_names
from kedang.holdings.queries.permitted import permitted
from kedang.holdings.queries.standard_checks import clauses_not_met
from kedang.records.ids import CaseId
from kedang.resolution.audit import bound

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record that waits for review stands."""

    record: Record
    failing: tuple[Clause, ...]
    sorters: tuple[str, ...]
    """Names of who has decided something about it."""
    own: bool
    """The reviewer is one of them."""
    batch_of: str = ""
    """The name of another reviewer in whose batch it is."""


def review_is_on(case: CaseId) -> bool:
    """Whether another person accepts what was sorted, as the rule of the case is now."""
    return Case.objects.filter(id=case, archiving_review="second-person").exists()


def waiting(case: CaseId, person: Person, *, today: date, record_class: str = "") -> QuerySet[Record]:
    """The records that wait for review and that the person may accept, in the order of their numbers."""
    rows = permitted(case, person, Act.ACCEPT, today=today).filter(state="review")
    if record_class:
        rows = rows.filter(record_class=record_class)
    return rows.order_by("first_order")


def classes_waiting(rows: QuerySet[Record]) -> Mapping[str, int]:
    """How many of each class."""
    return dict(rows.order_by().values_list("record_class").annotate(Count("id")))


def standing_of(archive: Archive, records: Sequence[Record]) -> list[Standing]:
    """How each of these records stands."""
    failing = clauses_not_met(archive, records)
    sorters = sorters_of(archive, [one.id for one in records])
    names = agent_names(archive)
    others = _in_batches_of_others(archive)
    return [
        Standing(
            one,
            failing[one.id],
            tuple(sorted(names.get(who, "") for who in sorters.get(one.id, ()))),
            archive.agent in sorters.get(one.id, ()),
            names.get(others.get(one.id, ""), ""),
        )
        for one in records
    ]


def _in_batches_of_others(archive: Archive) -> dict[str, str]:
    rows = ReviewBatch.objects.filter(case_id=archive.case_id, ended=None).exclude(agent_id=archive.agent)
    return {one: agent for agent, records in rows.values_list("agent_id", "records") for one, _ in records}


@dataclass(frozen=True, slots=True)
class BatchShown:
    """A batch with how far its sample has been looked at."""

    batch: ReviewBatch
    population: int
    sample: int
    looked: int
    bad: int
    upper: float
    """With 95 % confidence at most this share of the batch is wrong when the rest of the sample is good."""
    mine: bool
    who: str = ""

    @property
    def complete(self) -> bool:
        """Whether all of the sample has been looked at."""
        return self.looked == self.sample


def batch_shown(archive: Archive, batch: ReviewBatch, who: str = "") -> BatchShown:
    """How a batch stands."""
    bad = sum(one == "bad" for one in batch.looked.values())
    size = len(batch.sample)
    whole = size == len(batch.records)
    upper = bad / size if whole else bound(size, bad, confidence=CONFIDENCE).upper
    return BatchShown(
        batch, len(batch.records), size, len(batch.looked), bad, upper, batch.agent_id == archive.agent, who
    )


def batch_of(archive: Archive, batch_id: str) -> ReviewBatch | None:
    """The reviewer's own batch of this id."""
    rows = ReviewBatch.objects.filter(case_id=archive.case_id, agent_id=archive.agent)
    return rows.filter(id=batch_id).first()


def batches(archive: Archive, *, mine: bool) -> list[BatchShown]:
    """The newest batches, open ones first; with `mine` only those of the reviewer."""
    rows = ReviewBatch.objects.filter(case_id=archive.case_id)
    if mine:
        rows = rows.filter(agent_id=archive.agent)
    names = agent_names(archive)
    newest = sorted(rows.order_by("-ordinal")[:20], key=lambda one: one.ended is not None)
    return [batch_shown(archive, one, names.get(one.agent_id, "")) for one in newest]


def sampled(batch: ReviewBatch, allowed: QuerySet[Record]) -> list[tuple[Record, str]]:
    """The records of a sample that the reviewer may still see, with what he has said of each."""
    rows = allowed.filter(id__in=batch.sample).order_by("first_order")
    return [(one, str(batch.looked.get(one.id, ""))) for one in rows]
