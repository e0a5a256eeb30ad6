"""Pairs that wait for a person, side by side, with what differs; their scores stay hidden until they are judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.judgements import open_proposal
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.customer_errors import PairUnknown
from kedang.holdings.models import Customer, Judgement, Proposal, Record
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.said_values import values_of
from kedang.records.ids import CaseId


@dataclass(frozen=True, slots=True)
class SideShown:
    """One of two mentions, as a person sees it."""

    record_id: str
    mention: int
    reference_code: str
    title: str
    role: str
    number: int | None
    """Of the customer that it is, when it is one's."""
    values: dict[str, tuple[str, ...]]

    def to_json(self) -> dict[str, Any]:
        """The side for a program."""
        return {
            "record_id": self.record_id,
            "mention": self.mention,
            "reference_code": self.reference_code,
            "title": self.title,
            "role": self.role,
            "customer": self.number,
            "values": {name: list(values) for name, values in self.values.items()},
        }


@dataclass(frozen=True, slots=True)
class PairShown:
    """Two mentions beside each other."""

    id: str
    first: SideShown
    second: SideShown

    def fields(self) -> Iterator[tuple[str, str, str, bool]]:
        """Field, what each side says, and whether they say the same."""
        for name in dict.fromkeys((*self.first.values, *self.second.values)):
            one, other = self.first.values.get(name, ()), self.second.values.get(name, ())
            yield name, "、".join(one), "、".join(other), bool(set(one) & set(other))

    def to_json(self) -> dict[str, Any]:
        """The pair for a program."""
        return {"pair": self.id, "first": self.first.to_json(), "second": self.second.to_json()}


def open_proposals(case: CaseId) -> QuerySet[Proposal]:
    """Pairs on which nobody has spoken, or whose judgement was taken back."""
    same = {name: OuterRef(name) for name in ("first_id", "first_mention", "second_id", "second_mention")}
    judged = Judgement.objects.filter(case_id=case, undone=None, **same)
    return Proposal.objects.filter(~Exists(judged), case_id=case)


def queue(
    archive: Archive, *, limit: int, skipped: Sequence[str] = (), scope: CustomerScope = EVERYTHING
) -> list[Proposal]:
    """The first pairs of the queue but those that were skipped; of `scope` only."""
    rows = scope.narrowed(open_proposals(archive.case_id), "first", "second").exclude(id__in=list(skipped))
    return list(rows.select_related("first", "second").order_by("place", "id")[:limit])


def waiting(archive: Archive, *, scope: CustomerScope = EVERYTHING) -> int:
    """How many pairs wait."""
    return scope.narrowed(open_proposals(archive.case_id), "first", "second").count()


def queue_holds(archive: Archive, pair: str, *, scope: CustomerScope) -> bool:
    """Whether the pair, named by its whole id, still waits and may be seen."""
    return scope.narrowed(open_proposals(archive.case_id), "first", "second").filter(id=pair).exists()


def open_judgement_of(archive: Archive, agent: str) -> int | None:
    """The number of the last judgement about a pair that this agent has given and that holds; None without one."""
    rows = Judgement.objects.filter(case_id=archive.case_id, agent_id=agent, undone=None, audited="")
    rows = rows.exclude(sealed=b"").exclude(first=None)
    return rows.order_by("-ordinal").values_list("ordinal", flat=True).first()


def find_pair(archive: Archive, said: str) -> Proposal:
    """The pair of this id, or of the unambiguous beginning of it.

    Raises:
        PairUnknown: there is none, or more than one.
    """
    begins = said.strip().lower()
    rows = open_proposals(archive.case_id).filter(id__startswith=begins)
    found = list(rows.select_related("first", "second")[:2])
    if len(found) != 1 or not begins:
        raise PairUnknown()
    return found[0]


def shown(archive: Archive, row: Proposal) -> PairShown:
    """A pair with both sides opened."""
    return PairShown(
        row.id,
        side(archive, row.first, row.first_mention, row.customer),
        side(archive, row.second, row.second_mention, row.other),
    )


def evidence_of(archive: Archive, row: Proposal) -> dict[str, Any]:
    """Score and steps of a pair, for after the judgement."""
    evidence: dict[str, Any] = open_proposal(archive, row)["evidence"]
    return evidence


def side(archive: Archive, record: Record, mention: int, customer: str) -> SideShown:
    """One mention with everything that it says.

    Raises:
        PairUnknown: the record names nobody there.
    """
    kept = next((one for one in mentions_of_record(archive, record) if one.at == mention), None)
    if kept is None:
        raise PairUnknown()
    values: dict[str, list[str]] = {}
    for said in values_of(kept):
        values.setdefault(said.field, []).append(said.value)
    key = archive.key(record.key_page, record.id)
    title = archive.open(key, record.id, "record.sealed", record.sealed)["title"]
    return SideShown(
        record_id=record.id,
        mention=mention,
        reference_code=record.reference_code or "",
        title=str(title),
        role=kept.mention.role.value,
        number=_number(archive, customer),
        values={name: tuple(dict.fromkeys(some)) for name, some in values.items()},
    )


def _number(archive: Archive, customer: str) -> int | None:
    if not customer:
        return None
    head = Forwarding.of(archive.case_id).head(customer)
    return Customer.objects.filter(id=head).values_list("number", flat=True).first()
