"""Resolving 归户: everybody who is named anywhere is compared, and what is alike enough becomes one customer.

Certain ties and persons' judgements stand before the comparison and are never changed by it. What it finds is
written in transactions of some hundred customers; a run that was killed is made again and finds what it has written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from kedang.holdings.actions.customer_changes import Changes, apply, link_state, new_state
from kedang.holdings.actions.founding import Founded, found_customers
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.proposing import propose
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_comparison import Kept, keep, open_kept
from kedang.holdings.adapters.kept_mentions import mentions_payload
from kedang.holdings.adapters.links import MODEL, PERSON, open_link
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.adapters.resolver import resolving
from kedang.holdings.models import Customer, Link, Occurrence, Record
from kedang.holdings.queries.comparing import Since, Spoken, comparable, marks, since, spoken
from kedang.holdings.queries.forwarding import Forwarding
from kedang.ledger.leaves import Event
from kedang.pipeline.resolving_messages import (
    At,
    NamedRecord,
    Outcome,
    ProposedPair,
    ResolvedCluster,
    ResolveNow,
    ResolverSetup,
    Touched,
)

SECRET_BYTES = 32
MODEL_NAME = "kedang-1"


@dataclass(frozen=True, slots=True)
class ResolveResult:
    """What a resolving has done."""

    mentions: int = 0
    """How many there are."""
    compared: int = 0
    """How many of them were looked at: the new ones, and those in whose surroundings they are."""
    judgements: int = 0
    """How many judged pairs have taught the weights."""
    customers: int = 0
    """How many were found that had no number."""
    joined: int = 0
    """Links that the comparison has made or changed."""
    merged: int = 0
    """Customers whose number leads to another's since, or no longer."""
    to_judge: int = 0
    """Pairs that wait for a person."""


def is_needed(archive: Archive) -> bool:
    """Whether there is something that has not been compared."""
    return bool(comparable(archive).filter(resolved=False, mentions_length__gt=0).exists())


def resolve_customers(
    archive: Archive, *, progress: Progress, clock: Callable[[], datetime], again: bool = False
) -> ResolveResult:
    """Compare those who are new in the case with everybody whom they may be; `again`: everybody, with weights learnt anew.

    Raises:
        ResolvingFailed: the comparing process died; what is written stays, and the next run goes on.
    """
    if not again and not is_needed(archive):
        return ResolveResult()
    by_person = Forwarding.of(archive.case_id, ground=PERSON)
    kept = None if again else open_kept(archive)
    said, now = spoken(archive, by_person), marks(archive, by_person)
    changed = since(kept, now, said)
    work = _Resolving(archive, clock, by_person, progress, changed)
    setup = ResolverSetup(
        str(archive.home.work),
        threads=os.cpu_count() or 1,
        before=b"" if kept is None else kept.before,
        secret=archive.random_bytes(SECRET_BYTES),
    )
    progress.stage("resolve", len(now))
    with resolving(setup) as process:
        first = frozenset() if kept is None else changed.new | changed.tied
        process.take(work.records(sorted(first)))
        work.touched = process.look_wider(changed.wider)
        others = now.keys() if work.touched.whole else work.touched.again.keys()
        process.take(work.records(sorted(others - first)))
        pairs: list[ProposedPair] = []
        outcome = Outcome(0, 0, 0, b"")
        for chunk in process.resolve(work.request(said)):
            work.write(chunk.clusters)
            pairs += chunk.pairs
            outcome = chunk.outcome or outcome
    work.let_go()
    return work.finish(pairs, outcome, said)


@dataclass(slots=True)
class _Part:
    """What one link says: certain mentions of the record, and those that the comparison has joined."""

    certain: list[int] = field(default_factory=list)
    model: dict[str, Any] = field(default_factory=dict)
    """Evidence by place of the mention."""

    def said(self) -> dict[str, Any]:
        """As the link holds it sealed."""
        return {"mentions": sorted(self.certain)} | ({"model": self.model} if self.model else {})


@dataclass(slots=True)
class _Resolving:
    """One run."""

    archive: Archive
    clock: Callable[[], datetime]
    by_person: Forwarding
    progress: Progress
    changed: Since
    touched: Touched = field(default_factory=lambda: Touched(whole=True))
    pages: dict[str, str] = field(default_factory=dict)
    """Key page of each record."""
    customer_of: dict[At, str] = field(default_factory=dict)
    """Whose each mention is in the end."""
    tied: frozenset[str] = frozenset()
    """Customers who are certain of a mention."""
    model_of: dict[At, str] = field(default_factory=dict)
    """Whose an earlier comparison has found a mention to be."""
    kept: set[tuple[str, str]] = field(default_factory=set)
    """Record and customer of every link that the comparison stands by."""
    modelled: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """What links say that an earlier comparison has made or added to."""
    joined: int = 0
    merged: int = 0
    founded: int = 0

    def records(self, ids: Sequence[str]) -> Iterator[NamedRecord]:
        """These records with whom they name, opened."""
        columns = ("id", "key_page", "derived_pack", "mentions_offset", "mentions_length")
        for some in in_batches(ids):
            rows = list(Record.objects.filter(id__in=some).order_by("id").only(*columns))
            yield from self._named(rows)
            self.progress.advance(len(rows), 0)

    def _named(self, rows: Sequence[Record]) -> Iterator[NamedRecord]:
        tied, sources = self._tied(rows), _sources(self.archive, [row.id for row in rows])
        for row in rows:
            self.pages[row.id] = row.key_page
            yield NamedRecord(
                row.id,
                mentions_payload(self.archive, row),
                tuple(tied.get(row.id, ())),
                sources.get(row.id, ""),
                row.id in self.changed.new,
            )

    def _is_again(self, at: At) -> bool:
        """Whether the mention is compared in this run."""
        return self.touched.whole or at[0] in self.changed.new or at[1] in self.touched.again.get(at[0], ())

    def _tied(self, rows: Sequence[Record]) -> dict[str, list[tuple[int, str]]]:
        """Certain mentions of the records, with the customer that they are by persons' words."""
        pages = {row.id: row.key_page for row in rows}
        found: dict[str, list[tuple[int, str]]] = {}
        for some in in_batches(sorted(pages)):
            for link in Link.objects.filter(case_id=self.archive.case_id, record_id__in=some).order_by("id"):
                head = self.by_person.head(link.customer_id)
                said = open_link(self.archive, pages[link.record_id], link)
                if "model" in said or link.ground == MODEL:
                    self.modelled[link.record_id, link.customer_id] = said
                for at in said.get("model", {}):
                    self.model_of[link.record_id, int(at)] = link.customer_id
                for at in said.get("mentions", ()):
                    found.setdefault(link.record_id, []).append((at, head))
                    self.customer_of[link.record_id, at] = head
        return found

    def request(self, said: Spoken) -> ResolveNow:
        """What persons have judged."""
        self.tied = frozenset(self.customer_of.values())
        return ResolveNow(tuple(said.pairs["same"]), tuple(said.pairs["different"]), tuple(said.apart))

    def write(self, clusters: Sequence[ResolvedCluster]) -> None:
        """What some clusters are, in one transaction."""
        if not clusters:
            return
        now = self.clock()
        with transaction.atomic():
            numbers = self._numbers(clusters)
            clusters = [self._known(one, numbers) for one in clusters]
            founders = [one.founder for one in clusters if one.founder is not None]
            made = found_customers(self.archive, [Founded(one.kind, one.name) for one in founders])
            new = iter(made)
            wanted: dict[tuple[str, str], _Part] = {}
            heads: dict[str, str] = {}
            events = []
            for cluster in clusters:
                if cluster.founder is not None:
                    head = next(new)
                    objects = (f"customer:{head}", f"record:{cluster.founder.record}")
                    events.append(Event(self.archive.agent, "customer-recognised", objects, {"basis": MODEL}))
                else:
                    head = min(cluster.customers, key=lambda one: (numbers[one], one))
                heads.update(dict.fromkeys(cluster.customers, head))
                self._want(cluster, head, wanted)
            changes = self._changes(wanted, heads)
            events += apply(self.archive, changes, basis=MODEL)
            self.founded += len(made)
            if events:
                book.write(self.archive.case_id, events, now=now)

    def _numbers(self, clusters: Sequence[ResolvedCluster]) -> dict[str, int]:
        ids = {one for cluster in clusters for one in cluster.customers}
        ids |= {self.model_of[at] for one in clusters for at in one.mentions if at in self.model_of}
        found: dict[str, int] = {}
        for some in in_batches(sorted(ids)):
            found.update(Customer.objects.filter(id__in=some).values_list("id", "number"))
        return found

    def _known(self, cluster: ResolvedCluster, numbers: Mapping[str, int]) -> ResolvedCluster:
        """Who would be founded is the customer that an earlier comparison has founded for him."""
        if cluster.founder is None:
            return cluster
        were = {self.model_of[at] for at in cluster.mentions if at in self.model_of} - self.tied
        if not were:
            return cluster
        same = min(were, key=lambda one: (numbers[one], one))
        self.tied |= {same}
        return replace(cluster, customers=(same,), founder=None)

    def _want(self, cluster: ResolvedCluster, head: str, wanted: dict[tuple[str, str], _Part]) -> None:
        """The links that the cluster's loose mentions should have."""
        joins = {join.at: join for join in cluster.joins}
        for at in cluster.mentions:
            if at in self.customer_of and self.customer_of[at] in cluster.customers:
                self.customer_of[at] = head
                continue
            self.customer_of[at] = head
            part = wanted.setdefault((at[0], head), _Part())
            join = joins.get(at)
            evidence = {} if join is None else {"to": list(join.to)} | json.loads(join.evidence)
            part.model[str(at[1])] = evidence

    def _changes(self, wanted: Mapping[tuple[str, str], _Part], heads: Mapping[str, str]) -> Changes:
        """How what is written differs from what should be."""
        changes = Changes()
        there = _links_of(self.archive, {record for record, _ in wanted})
        for (record, head), part in sorted(wanted.items()):
            link = there.get((record, head))
            said = open_link(self.archive, self.pages[record], link) if link is not None else {}
            part.certain = list(said.get("mentions", ()))
            part.model = self._left(record, said) | part.model
            self.kept.add((record, head))
            if link is not None and said == part.said():
                continue
            after = new_state(self.archive, link.ground if link is not None else MODEL, part.said())
            before = link_state(self.archive, self.pages[record], link)
            changes.links.append((record, head, before, after))
            self.joined += 1
        changes.forwards = list(self._forwards(heads))
        self.merged += len(changes.forwards)
        return changes

    def _left(self, record: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Joins of mentions that this run has not looked at."""
        model: Mapping[str, Any] = said.get("model", {})
        return {at: join for at, join in model.items() if not self._is_again((record, int(at)))}

    def _forwards(self, heads: Mapping[str, str]) -> Iterator[tuple[str, list[str], list[str]]]:
        """Numbers that lead to another since the comparison has found them one, or no longer."""
        for some in in_batches(sorted(heads)):
            for row in Customer.objects.filter(case_id=self.archive.case_id, id__in=some):
                wanted = ["", ""] if heads[row.id] == row.id else [heads[row.id], MODEL]
                now = [row.forward_id or "", row.forward_ground]
                if now != wanted and row.forward_ground != PERSON:
                    yield row.id, now, wanted

    def let_go(self) -> None:
        """Links that an earlier comparison has made, and this one does not stand by."""
        loose = [
            (record, customer)
            for record, customer in sorted(self.modelled.keys() - self.kept)
            if self.touched.whole
            or len(self._left(record, said := self.modelled[record, customer])) < len(said.get("model", ()))
        ]
        for some in in_batches(loose):
            there = _links_of(self.archive, {record for record, _ in some})
            changes = Changes()
            for record, customer in some:
                link, after = there.get((record, customer)), None
                if link is None:
                    continue
                said = self.modelled[record, customer]
                part = _Part(list(said.get("mentions", ())), self._left(record, said))
                if part.certain or part.model:
                    after = new_state(self.archive, link.ground, part.said())
                changes.links.append(
                    (record, customer, link_state(self.archive, self.pages[record], link), after)
                )
            with transaction.atomic():
                events = apply(self.archive, changes, basis=MODEL)
                book.write(self.archive.case_id, events, now=self.clock())
        self.joined += len(loose)

    def finish(self, pairs: Sequence[ProposedPair], outcome: Outcome, said: Spoken) -> ResolveResult:
        """The queue, and the note that all has been compared."""
        case = self.archive.case_id
        to_judge = propose(self.archive, pairs, self.pages, self.customer_of, self._is_again)
        keep(self.archive, Kept(marks(self.archive, self.by_person), list(said.said), outcome.before))
        seen = list(comparable(self.archive).filter(resolved=False).values_list("id", flat=True))
        for some in in_batches(seen):
            Record.objects.filter(case_id=case, id__in=some).update(resolved=True)
        facts: dict[str, str | int] = {
            "model": MODEL_NAME,
            "mentions": outcome.compared,
            "records": len(seen),
            "customers": self.founded,
            "joined": self.joined,
            "to_judge": to_judge,
        }
        with transaction.atomic():
            book.write(case, [Event(self.archive.agent, "resolved", (), facts)], now=self.clock())
        return ResolveResult(
            outcome.mentions,
            outcome.compared,
            outcome.judgements,
            self.founded,
            self.joined,
            self.merged,
            to_judge,
        )


def _sources(archive: Archive, records: Sequence[str]) -> dict[str, str]:
    """From which source each record came first."""
    found: dict[str, str] = {}
    for some in in_batches(records):
        rows = Occurrence.objects.filter(case_id=archive.case_id, record_id__in=some).order_by("-order_key")
        found.update(
            (str(record), str(source)) for record, source in rows.values_list("record_id", "source_id")
        )
    return found


def _links_of(archive: Archive, records: Collection[str]) -> dict[tuple[str, str], Link]:
    """The links of some records, by record and customer."""
    found: dict[tuple[str, str], Link] = {}
    for some in in_batches(sorted(records)):
        for link in Link.objects.filter(case_id=archive.case_id, record_id__in=some):
            found[link.record_id, link.customer_id] = link
    return found
