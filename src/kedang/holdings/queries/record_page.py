"""What stands in other tables about one record, as its page tells it to somebody who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from kedang.disposition.explanation import explain
from kedang.disposition.schedule import shipped_schedule
from kedang.disposition.stored import reckoning_from_json
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.links import open_link
from kedang.holdings.adapters.looking_up import in_batches, with_ids
from kedang.holdings.adapters.names import customer_name
from kedang.holdings.models import Agent, Customer, Link, Occurrence, Question, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.ledger_events import Wanted, events
from kedang.holdings.queries.paths import Paths
from kedang.ledger.schema import acts

if TYPE_CHECKING:  # numpy takes long to load, and commands do not need it
    from kedang.holdings.adapters.kept_ledger import KeptLedger

READING = frozenset({"shown", "searched", "exported", "revealed"})
"""Acts that say who looked at something: for those who may see the ledger."""
MOST_EVENTS = 100
MOST_PLACES = 50
MOST_MEMBERS = 200
MOST_CUSTOMERS = 50


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The records before and after in the list; empty at its ends."""

    previous: str
    following: str


@dataclass(frozen=True, slots=True)
class Tie:
    """A customer of the record, and why."""

    customer: str
    number: int
    name: str
    grounds: tuple[str, ...]
    bits: float | None
    """Evidence of a comparison, in bits; None for a certain ground."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the ledger about the record."""

    n: int
    when: datetime
    act: str
    zh: str
    en: str
    who: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Around:
    """Containers that the record lies in, and what lies in it: only records that the person may know of."""

    parents: Sequence[Record]
    members: Sequence[Record]
    members_total: int
    members_hidden: int
    """Members that he may not know of, or that were refused."""


def neighbours(permitted: QuerySet[Record], record: Record) -> Neighbours:
    """Those beside the record among what the person may list, in the order of receipt."""
    before = permitted.filter(first_order__lt=record.first_order).order_by("-first_order")
    after = permitted.filter(first_order__gt=record.first_order).order_by("first_order")
    previous, following = (rows.values_list("id", flat=True).first() for rows in (before, after))
    return Neighbours(previous or "", following or "")


def places_of(archive: Archive, record: Record) -> list[tuple[str, datetime | None]]:
    """Where it was found: readable paths, the first MOST_PLACES, with when it was received."""
    rows = Occurrence.objects.filter(case_id=archive.case_id, record=record)
    paths = Paths(archive)
    some = rows.select_related("record", "source", "accession").order_by("order_key")[:MOST_PLACES]
    return [(paths.of(row), row.accession.opened if row.accession_id else None) for row in some]


def around(archive: Archive, record: Record, permitted: Q) -> Around:
    """What it lies in and what lies in it; `permitted` is the condition on records that he may know of.

    Rows are asked for by their ids alone: asked for those of the case too, SQLite would read the whole case.
    """
    places = Occurrence.objects.filter(case_id=archive.case_id)
    mine = list(places.filter(record=record).values_list("id", "parent_id"))
    above = with_ids(Occurrence, [parent for _, parent in mine if parent is not None])
    inside = (places.filter(parent_id__in=some) for some in in_batches([own for own, _ in mine]))
    holding = [one for rows in above for one in rows.values_list("record_id", flat=True)]
    held = [one for rows in inside for one in rows.values_list("record_id", flat=True)]
    parents, members = _in_order(holding, permitted), _in_order(held, permitted)
    return Around(
        _records(parents[:MOST_PLACES]),
        _records(members[:MOST_MEMBERS]),
        len(members),
        max(0, len(held) - len(members)),
    )


def _in_order(ids: Iterable[str | None], permitted: Q) -> list[str]:
    """Those of the ids that are permitted, in the order of receipt."""
    asked = with_ids(Record, sorted({one for one in ids if one}))
    rows = (row for some in asked for row in some.filter(permitted).values_list("first_order", "id"))
    return [one for _, one in sorted((bytes(order), one) for order, one in rows)]


def _records(ids: Sequence[str]) -> list[Record]:
    found = {row.id: row for some in with_ids(Record, ids) for row in some}
    return [found[one] for one in ids if one in found]


def ties_of(archive: Archive, record: Record, seen: QuerySet[Customer]) -> list[Tie]:
    """The customers whom the record concerns, of those whom the person may see."""
    merged = Forwarding.of(archive.case_id)
    grounds: dict[str, dict[str, float | None]] = {}
    for link in Link.objects.filter(case_id=archive.case_id, record=record).order_by("id"):
        said = open_link(archive, record.key_page, link) if record.key_page else {}
        weights = [float(one["bits"]) for one in said.get("model", {}).values() if "bits" in one]
        of = grounds.setdefault(merged.head(link.customer_id), {})
        of[link.ground] = max(weights) if weights else None
    rows = seen.filter(id__in=list(grounds)).exclude(key_page="").order_by("number")[:MOST_CUSTOMERS]
    return [
        Tie(
            row.id,
            row.number,
            customer_name(archive, row),
            tuple(grounds[row.id]),
            max((one for one in grounds[row.id].values() if one is not None), default=None),
        )
        for row in rows
    ]


def questions_of(archive: Archive, record: Record) -> list[Question]:
    """What was asked about it, open ones first."""
    rows = Question.objects.filter(case_id=archive.case_id, record=record)
    return sorted(rows, key=lambda one: (one.state != "open", one.code))


def history_of(
    archive: Archive, record: Record, *, reading: bool, kept: KeptLedger | None = None
) -> list[Happened]:
    """What the ledger says of it, newest first; with `reading` also who looked at it."""
    names = agent_names(archive)
    found = []
    for leaf in events(archive.case_id, Wanted(record=record.id, limit=MOST_EVENTS), kept):
        act = acts()[leaf.event.act]
        if reading or act.name not in READING:
            who = names.get(leaf.event.actor, "")
            found.append(Happened(leaf.n, leaf.time, act.name, act.zh, act.en, who, dict(leaf.event.facts)))
    return found


def agent_names(archive: Archive) -> dict[str, str]:
    """What those are called who act in the case."""
    key = archive.case_key()
    return {
        row.id: str(archive.open(key, row.id, "agent.sealed", row.sealed)["name"])
        for row in Agent.objects.filter(case_id=archive.case_id)
    }


def reckoning_said(record: Record, language: str) -> list[str]:
    """How long it is kept and why, in sentences; none before the reckoning."""
    if not record.reckoning:
        return []
    read = reckoning_from_json(record.reckoning)
    return list(explain(read, language, schedule=shipped_schedule()))
