"""Resolving 归户: everybody who is named anywhere is compared, and what is alike enough becomes one customer.

Certain ties and persons' judgements stand before the comparison and are never changed by it. What it finds is
written in transactions of some hundred customers; a run that was killed is made again and finds what it has written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from kedang.holdings.adapters.kept_comparison import Kept, keep, kept_segments, open_kept
from kedang.holdings.adapters.kept_mentions import mentions_payload
from kedang.holdings.adapters.links import MODEL, PERSON, LinksThere, opened_links
from kedang.holdings.adapters.looking_up import gathered, in_batches
from kedang.holdings.adapters.record_marks import packed, unpacked
from kedang.holdings.adapters.resolver import resolving
from kedang.holdings.models import Customer, Occurrence, Record
from kedang.holdings.queries.comparing import Since, Spoken, marks, since, spoken
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
    """Whether something is not as it was when everybody was compared last: records, ties or judgements.

    Nothing is noted for it beside what the comparison keeps of every record: that cannot be edited unseen.
    """
    by_person = Forwarding.of(archive.case_id, ground=PERSON)
    changed = since(open_kept(archive), marks(archive, by_person), spoken(archive, by_person))
    return changed.has_changed


def resolve_customers(
    archive: Archive, *, progress: Progress, clock: Callable[[], datetime], again: bool = False
) -> ResolveResult:
    """Compare those who are new in the case with everybody whom they may be; `again`: everybody, with weights learnt anew.

    Raises:
        ResolvingFailed: the comparing process died; what is written stays, and the next run goes on.
    """
    by_person = Forwarding.of(archive.case_id, ground=PERSON)
    said = spoken(archive, by_person)
    kept = None if again else open_kept(archive)
    changed = since(kept, marks(archive, by_person), said)
    if not again and not changed.has_changed:
        return ResolveResult()
    work = _Resolving(archive, clock, by_person, progress, changed)
    progress.stage("resolve", len(changed.now))
    pairs: list[ProposedPair] = []
    outcome = Outcome(0, 0, 0, b"")
    with resolving(_setup(archive, kept)) as process:
        knows_some = kept is not None
        process.remember(kept_segments(archive, kept))
        process.take(work.records(changed.changed() if knows_some else ()))
        work.touched = process.look_wider(changed.wider)
        process.take(work.records(work.others(all_of_them=not knows_some)))
        for chunk in process.resolve(_request(said)):
            work.write(chunk.clusters)
            pairs += chunk.pairs
            outcome = chunk.outcome or outcome
        work.let_go()
        to_judge = propose(archive, pairs, work.is_again)
        payloads = process.segments(outcome.segments.count(-1))
        keep(archive, kept, said.said, outcome, payloads, marks(archive, by_person))
    return work.finish(to_judge, outcome)


def _setup(archive: Archive, kept: Kept | None) -> ResolverSetup:
    """What the comparing process is told first."""
    return ResolverSetup(
        str(archive.home.work),
        threads=os.cpu_count() or 1,
        before=b"" if kept is None else kept.before,
        secret=archive.random_bytes(SECRET_BYTES),
    )


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
    """One run. It holds nothing that grows with the mentions: what links say is opened again where it is wanted."""

    archive: Archive
    clock: Callable[[], datetime]
    by_person: Forwarding
    progress: Progress
    changed: Since
    touched: Touched = field(default_factory=lambda: Touched(whole=True))
    tied: set[str] = field(default_factory=set)
    """Customers who are certain of a mention."""
    modelled: set[bytes] = field(default_factory=set)
    """Record and customer of every link that an earlier comparison has made or added to, until this one stands by it."""
    joined: int = 0
    merged: int = 0
    founded: int = 0

    def records(self, ids: Iterable[str]) -> Iterator[NamedRecord]:
        """These records with whom they name, opened."""
        columns = ("id", "key_page", "derived_pack", "mentions_offset", "mentions_length")
        for some in gathered(ids):
            rows = list(Record.objects.filter(id__in=some).order_by("id").only(*columns))
            yield from self._named(rows)
            self.progress.advance(len(rows), 0)

    def others(self, *, all_of_them: bool) -> Iterator[str]:
        """Records that must come beside those that have changed; every one when none has come."""
        ids = self.changed.now if self.touched.whole else sorted(self.touched.again)
        return (one for one in ids if all_of_them or not self.changed.is_changed(one))

    def _named(self, rows: Sequence[Record]) -> Iterator[NamedRecord]:
        tied, sources = self._tied(rows), _sources(self.archive, [row.id for row in rows])
        for row in rows:
            yield NamedRecord(
                row.id,
                mentions_payload(self.archive, row),
                tuple(tied.get(row.id, ())),
                sources.get(row.id, ""),
                self.changed.is_new(row.id),
            )

    def is_again(self, at: At) -> bool:
        """Whether the mention is compared in this run."""
        return self.touched.whole or self.changed.is_new(at[0]) or at[1] in self.touched.again.get(at[0], ())

    def _tied(self, rows: Sequence[Record]) -> dict[str, list[tuple[int, str]]]:
        """Certain mentions of the records, with the customer that they are by persons' words."""
        found: dict[str, list[tuple[int, str]]] = {}
        for link, said in opened_links(self.archive, {row.id: row.key_page for row in rows}):
            if "model" in said or link.ground == MODEL:
                self.modelled.add(packed(link.record_id, link.customer_id))
            if said.get("mentions"):
                head = self.by_person.head(link.customer_id)
                self.tied.add(head)
                found.setdefault(link.record_id, []).extend((at, head) for at in said["mentions"])
        return found

    def write(self, clusters: Sequence[ResolvedCluster]) -> None:
        """What some clusters are, in one transaction."""
        if not clusters:
            return
        now = self.clock()
        with transaction.atomic():
            links = LinksThere.of(self.archive, {at[0] for one in clusters for at in one.loose})
            numbers = _numbers(clusters, links.model_of)
            clusters = [self._known(one, numbers, links.model_of) for one in clusters]
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
                _want(cluster, head, wanted, links.certain)
            events += apply(self.archive, self._changes(wanted, heads, links), basis=MODEL)
            self.founded += len(made)
            if events:
                book.write(self.archive.case_id, events, now=now)

    def _known(
        self, cluster: ResolvedCluster, numbers: Mapping[str, int], model_of: Mapping[At, str]
    ) -> ResolvedCluster:
        """Who would be founded is the customer that an earlier comparison has founded for him."""
        if cluster.founder is None:
            return cluster
        were = {model_of[at] for at in cluster.loose if at in model_of} - self.tied
        if not were:
            return cluster
        same = min(were, key=lambda one: (numbers[one], one))
        self.tied.add(same)
        return replace(cluster, customers=(same,), founder=None)

    def _changes(
        self, wanted: Mapping[tuple[str, str], _Part], heads: Mapping[str, str], links: LinksThere
    ) -> Changes:
        """How what is written differs from what should be."""
        changes = Changes()
        for (record, head), part in sorted(wanted.items()):
            link, said = links.there.get((record, head), (None, {}))
            part.certain = list(said.get("mentions", ()))
            part.model = self._left(record, said) | part.model
            self.modelled.discard(packed(record, head))
            if link is not None and said == part.said():
                continue
            after = new_state(self.archive, link.ground if link is not None else MODEL, part.said())
            before = link_state(self.archive, links.pages[record], link)
            changes.links.append((record, head, before, after))
            self.joined += 1
        changes.forwards = list(self._forwards(heads))
        self.merged += len(changes.forwards)
        return changes

    def _left(self, record: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Joins of mentions that this run has not looked at."""
        model: Mapping[str, Any] = said.get("model", {})
        return {at: join for at, join in model.items() if not self.is_again((record, int(at)))}

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
        for some in in_batches(sorted(self.modelled)):
            links = LinksThere.of(self.archive, {unpacked(one)[0] for one in some})
            changes = Changes()
            for record, customer in map(unpacked, some):
                link, said = links.there.get((record, customer), (None, {}))
                part = _Part(list(said.get("mentions", ())), self._left(record, said))
                if link is None or not (self.touched.whole or len(part.model) < len(said.get("model", ()))):
                    continue
                after = None
                if part.certain or part.model:
                    after = new_state(self.archive, link.ground, part.said())
                before = link_state(self.archive, links.pages[record], link)
                changes.links.append((record, customer, before, after))
            with transaction.atomic():
                events = apply(self.archive, changes, basis=MODEL)
                book.write(self.archive.case_id, events, now=self.clock())
            self.joined += len(changes.links)

    def finish(self, to_judge: int, outcome: Outcome) -> ResolveResult:
        """The note that all has been compared."""
        case = self.archive.case_id
        with transaction.atomic():
            facts: dict[str, str | int] = {
                "model": MODEL_NAME,
                "mentions": outcome.compared,
                "records": self.changed.count,
                "customers": self.founded,
                "joined": self.joined,
                "to_judge": to_judge,
            }
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


def _request(said: Spoken) -> ResolveNow:
    """What persons have judged."""
    return ResolveNow(tuple(said.pairs["same"]), tuple(said.pairs["different"]), tuple(said.apart))


def _want(
    cluster: ResolvedCluster, head: str, wanted: dict[tuple[str, str], _Part], certain: Mapping[At, str]
) -> None:
    """The links that the cluster's loose mentions should have."""
    joins = {join.at: join for join in cluster.joins}
    for at in cluster.loose:
        if at in certain:
            continue
        part = wanted.setdefault((at[0], head), _Part())
        join = joins.get(at)
        evidence = {} if join is None else {"to": list(join.to)} | json.loads(join.evidence)
        part.model[str(at[1])] = evidence


def _numbers(clusters: Sequence[ResolvedCluster], model_of: Mapping[At, str]) -> dict[str, int]:
    ids = {one for cluster in clusters for one in cluster.customers}
    ids |= {model_of[at] for one in clusters for at in one.loose if at in model_of}
    found: dict[str, int] = {}
    for some in in_batches(sorted(ids)):
        found.update(Customer.objects.filter(id__in=some).values_list("id", "number"))
    return found


def _sources(archive: Archive, records: Sequence[str]) -> dict[str, str]:
    """From which source each record came first."""
    found: dict[str, str] = {}
    for some in in_batches(records):
        rows = Occurrence.objects.filter(case_id=archive.case_id, record_id__in=some).order_by("-order_key")
        found.update(
            (str(record), str(source)) for record, source in rows.values_list("record_id", "source_id")
        )
    return found
