"""All mentions of a case compared: which are one customer, why, and which a person should judge.

Names are in memory here and nowhere else. Loading this module takes seconds: it brings the model's libraries.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

from kedang.pipeline.compared_before import (
    VERSION,
    Before,
    Changed,
    Head,
    Line,
    decode_head,
    encode_head,
    mention_at,
    mention_id,
    packed_keys,
    touched,
    updated,
    written,
)
from kedang.pipeline.kept_mentions import FOUNDING, KeptMention, decode_mentions
from kedang.pipeline.resolving_messages import (
    At,
    Founder,
    Join,
    KeptSegment,
    LookWider,
    NamedRecord,
    Outcome,
    ProposedPair,
    ResolvedChunk,
    ResolvedCluster,
    ResolveNow,
    ResolverSetup,
    Touched,
)
from kedang.resolution.clusters import Forest, Tie
from kedang.resolution.comparable import Comparable
from kedang.resolution.comparable_columns import columns_of
from kedang.resolution.evidence import evidence_of
from kedang.resolution.judgements import Judgement, Verdict, queue, teaches
from kedang.resolution.keeping import Labelled, Taught, meetings, still_fit
from kedang.resolution.mentions import MentionKind, Role
from kedang.resolution.model import Models
from kedang.resolution.normal_parts import comparable_of
from kedang.resolution.resolving import Resolution as Found
from kedang.resolution.resolving import resolve
from kedang.resolution.surroundings import surroundings
from kedang.resolution.wholes import Wholes

NOT_COMPARED = frozenset({Role.HANDLER, Role.IN_PASSING})
"""The closing company's own people, and people of whom the words of a cell only speak."""
FOUNDERS = frozenset(FOUNDING.values()) - {FOUNDING[Role.ALIAS]}
AT_ONCE = 400  # clusters or pairs in one message
MOST_PAIRS = 20_000  # in the queue; nobody judges more, and the next resolving proposes anew
MOST_BITS = 1000.0  # what is certain has no number
MOST_TEACHING, PLACES = 100.0, 1_000_000
"""No answer teaches more; so many places in the queue for each step of it."""
_WHEN = datetime(2000, 1, 1, tzinfo=UTC)
Value = TypeVar("Value")


class Resolution:
    """Takes in records, then says whose mentions they are."""

    def __init__(self, setup: ResolverSetup) -> None:
        head = decode_head(setup.before)
        self._before = Before(head) if head is not None else None
        self._secret = head.secret if head is not None else setup.secret
        self._segment_mentions = setup.segment_mentions
        self._gone: Collection[str] = ()
        self._threads = setup.threads
        self._waiting: list[NamedRecord] | None = []
        self._chosen: Mapping[str, Collection[int]] | None = None
        self._taught = Taught()
        self._mentions: dict[str, Comparable] = {}
        self._founders: dict[str, tuple[int, Founder]] = {}
        self._customers: dict[str, str] = {}
        self._alike: dict[tuple[str, Comparable], str] = {}
        self._stands_for: dict[str, str] = {}

    def remember(self, payload: bytes) -> None:
        """One more segment of what the last comparison has left."""
        if self._before is not None:
            self._before.payloads.append(payload)

    def add(self, records: Sequence[NamedRecord]) -> None:
        """Some records with whom they name."""
        if self._waiting is not None:
            self._waiting += records
            return
        for record in records:
            self._take(record, None if self._chosen is None else self._chosen.get(record.id, ()))

    def look_wider(self, request: LookWider) -> Touched:
        """Which other records must be compared beside those that are there."""
        waiting, self._waiting = self._waiting or [], None
        self._taught.labelled = [
            Labelled(MentionKind(one.kind), one.levels, one.same) for one in request.judged
        ]
        for record in waiting:
            if record.new:
                self._take(record, None)
        known = [record for record in waiting if not record.new]
        if self._before is not None and not self._before.is_whole:
            self._before = None
        if self._before is None or self._must_begin_anew(self._before):
            for record in known:
                self._take(record, None)
            return Touched(whole=True)
        changed = self._changed(self._before, request, known, [one.id for one in waiting if one.new])
        chosen = touched(self._before, changed)
        self._chosen = chosen
        for record in known:
            self._take(record, chosen.get(record.id, ()))
        self._gone = changed.records
        return Touched({record: sorted(ats) for record, ats in chosen.items()})

    def _must_begin_anew(self, before: Before) -> bool:
        """Whether the case has grown too much for its models, or judgements have changed them."""
        known = before.head.mentions + len(self._mentions) + len(self._stands_for)
        if not still_fit(before.head.learnt_on, known):
            self._before = None
            return True
        kept = Models.from_bytes(before.head.models)
        self._taught.models = self._taught(kept)
        return self._taught.models is not kept

    def _changed(
        self, before: Before, request: LookWider, known: Sequence[NamedRecord], new: Sequence[str]
    ) -> Changed:
        """What is not as it was, by the records that have come."""
        customers = {*request.customers, *self._customers.values()}
        mentions = set(request.mentions)
        for record in known:
            now, then = dict(record.tied), before.seen(record.id)
            others = {at for at in now.keys() | then.keys() if now.get(at, "") != then.get(at, "")}
            customers.update(one for at in others for one in (now.get(at), then.get(at)) if one)
            mentions.update((record.id, at) for at in others)
            self._take(record, others - then.keys())
        keys = {key for some in self._keys(self._mentions, self._taught.kept()) for key in some}
        return Changed(
            frozenset(keys),
            mentions,
            customers,
            frozenset(one for one in sorted({*request.gone, *new}) if before.seen(one)),
        )

    def _keys(self, ids: Iterable[str], models: Models) -> Iterator[list[int]]:
        return meetings((self._mentions[one] for one in ids), models, self._secret)

    def _take(self, record: NamedRecord, only: Collection[int] | None) -> None:
        """The mentions of a record that are compared; `only` these, when given."""
        if only is not None and not only:
            return
        tied = dict(record.tied)
        for kept in decode_mentions(record.mentions):
            if (only is None or kept.at in only) and (
                kept.mention.role not in NOT_COMPARED or kept.at in tied
            ):
                self._add(record, kept, tied.get(kept.at))

    def _add(self, record: NamedRecord, kept: KeptMention, customer: str | None) -> None:
        one = mention_id((record.id, kept.at))
        said = comparable_of(kept.mention, id=one, source=record.source)
        if customer is not None:
            alike = (customer, replace(said, id=""))
            first = self._alike.get(alike, one)
            if first < one:  # what is tied to one customer and says the same is compared once
                self._stands_for[one] = first
                return
            if first != one:  # whatever the order in which they come
                self._stands_for[first] = one
                for forgotten in (self._mentions, self._customers, self._founders):
                    forgotten.pop(first, None)
            self._alike[alike] = one
            self._customers[one] = customer
        self._mentions[one] = said
        if kept.founding in FOUNDERS:
            founder = Founder(kept.mention.kind.value, kept.mention.raw, record.id)
            self._founders[one] = kept.founding, founder

    def resolve(self, request: ResolveNow) -> Iterator[ResolvedChunk | KeptSegment]:
        """The clusters that are a customer or may found one, then the queue, then what is new of what is kept."""
        outcome = resolve(
            columns_of(self._mentions.values()),
            judgements=list(self._judgements(request)),
            models=self._taught.models,
            taught=self._taught,
            threads=self._threads,
        )
        groups = list(outcome.clusters())
        home = {one: place for place, ids in enumerate(groups) for one in ids}
        known = {home[one] for one in self._customers}
        open_pairs = self._open_pairs(outcome, request, groups, home, known)
        wanted = known | self._founding(open_pairs, home, known)
        strongest = _strongest(outcome, home)
        for places in _some(sorted(wanted)):
            clusters = tuple(self._cluster(groups[place], strongest, outcome) for place in places)
            yield ResolvedChunk(clusters, (), last=False)
        asked = [tie for tie in open_pairs if {home[tie.left], home[tie.right]} & wanted]
        for ties in _some(asked[:MOST_PAIRS]):
            pairs = tuple(
                self._pair(tie, outcome, len(groups[home[tie.left]]), len(groups[home[tie.right]]))
                for tie in ties
            )
            yield ResolvedChunk((), pairs, last=False)
        said, segments = self._left(outcome)
        yield ResolvedChunk((), (), last=True, outcome=said)
        yield from map(KeptSegment, segments)

    def _left(self, found: Found) -> tuple[Outcome, Sequence[bytes]]:
        """How it went, and what is kept for the next."""
        compared = sorted((*self._mentions, *self._stands_for))
        before = self._before if self._chosen is not None else None
        learnt_on = self._before.head.learnt_on if self._before else len(compared)
        head = before.head if before else Head(VERSION, b"", self._secret, learnt_on, 0, 0, [])
        head.models = found.models.to_bytes()
        homes, first = surroundings(found), head.homes
        head.homes = first + 1 + max(homes.values(), default=-1)
        spoken_for = [self._compared(one) for one in compared]
        lines = (
            Line(mention_at(one), first + homes[said], self._customers.get(said, ""), packed_keys(keys))
            for one, said, keys in zip(
                compared, spoken_for, self._keys(spoken_for, found.models), strict=True
            )
        )
        most = self._segment_mentions
        kept = list(
            updated(before, lines, self._chosen or {}, self._gone, most)
            if before is not None
            else written(head, lines, most)
        )
        places = tuple(place for place, _ in kept)
        outcome = Outcome(head.mentions, len(compared), self._taught.used, encode_head(head), places)
        return outcome, [payload for place, payload in kept if place < 0]

    def _open_pairs(
        self,
        outcome: Found,
        request: ResolveNow,
        groups: Sequence[Sequence[str]],
        home: Mapping[str, int],
        known: Collection[int],
    ) -> list[Tie]:
        """Pairs of clusters that a person should judge, what teaches most first, each by the mentions that say most.

        Only those of which one may be a customer, and none that could never be joined.
        """
        may_be = {*known, *(home[one] for one in self._founders)}
        ties = [tie for tie in outcome.to_judge() if {home[tie.left], home[tie.right]} & may_be]
        judged = [one for one in self._judgements(request) if one.reason == _SAID]
        spoken = {_homes(home, one.left, one.right) for one in judged}
        found: dict[tuple[int, int], Tie] = {}
        for tie in queue(ties, lambda one: len(groups[home[one]]), judged):
            found.setdefault(_homes(home, tie.left, tie.right), tie)
        wholes = Wholes(self._mentions, self._judgements(request), groups)
        return [tie for homes, tie in found.items() if homes not in spoken and wholes.forbids(*homes) is None]

    def _founding(
        self, open_pairs: Sequence[Tie], home: Mapping[str, int], known: Collection[int]
    ) -> set[int]:
        """Clusters that are somebody new for certain.

        Of those that may be one with each other only the first; none that may be a customer who is known.
        """
        forest: Forest[int] = Forest()
        for tie in open_pairs:
            forest.union(home[tie.left], home[tie.right])
        taken = {forest.find(place) for place in known}
        found = set()
        for place in sorted({home[one] for one in self._founders} - set(known)):
            if (about := forest.find(place)) not in taken:
                taken.add(about)
                found.add(place)
        return found

    def _judgements(self, request: ResolveNow) -> Iterator[Judgement]:
        """What is certain already and what persons have said, as pairs."""
        members: dict[str, list[str]] = {}
        for one, customer in sorted(self._customers.items()):
            members.setdefault(customer, []).append(one)
        for ids in members.values():
            for one, other in pairwise(ids):
                yield _judgement(one, other, Verdict.SAME, "")
        for one, other in request.apart:
            if one in members and other in members:
                yield _judgement(members[one][0], members[other][0], Verdict.DIFFERENT, _SAID)
        for pairs, verdict in ((request.same, Verdict.SAME), (request.different, Verdict.DIFFERENT)):
            for first, second in pairs:
                one, other = self._compared(first), self._compared(second)
                if one != other and one in self._mentions and other in self._mentions:
                    yield _judgement(one, other, verdict, _SAID)

    def _compared(self, at: At | str) -> str:
        """The mention that is compared for this one."""
        one = at if isinstance(at, str) else mention_id(at)
        while one in self._stands_for:
            one = self._stands_for[one]
        return one

    def _cluster(self, ids: Sequence[str], strongest: Mapping[str, Tie], outcome: Found) -> ResolvedCluster:
        customers = sorted({self._customers[one] for one in ids if one in self._customers})
        founders = sorted((self._founders[one][0], one) for one in ids if one in self._founders)
        joins = tuple(
            self._join(one, strongest[one], outcome)
            for one in ids
            if one in strongest and one not in self._customers
        )
        return ResolvedCluster(
            mentions=tuple(map(mention_at, ids)),
            loose=tuple(mention_at(one) for one in ids if one not in self._customers),
            customers=tuple(customers),
            founder=self._founders[founders[0][1]][1] if founders and not customers else None,
            joins=joins,
        )

    def _join(self, one: str, tie: Tie, outcome: Found) -> Join:
        other = tie.right if tie.left == one else tie.left
        return Join(mention_at(one), mention_at(other), _evidence(tie, outcome))

    def _pair(self, tie: Tie, outcome: Found, size: int, other: int) -> ProposedPair:
        place = round(max(0.0, MOST_TEACHING - teaches(tie, size, other)) * PLACES)
        return ProposedPair(mention_at(tie.left), mention_at(tie.right), _evidence(tie, outcome), place)


_SAID = "said"
"""A judgement that a person has given, not one that follows from a certain tie."""


def _judgement(one: str, other: str, verdict: Verdict, reason: str) -> Judgement:
    left, right = sorted((one, other))
    return Judgement(left, right, verdict, by="", when=_WHEN, reason=reason)


def _homes(home: Mapping[str, int], one: str, other: str) -> tuple[int, int]:
    first, second = sorted((home[one], home[other]))
    return first, second


def _strongest(outcome: Found, cluster_of: Mapping[str, int]) -> dict[str, Tie]:
    """For each mention the strongest tie that joins it to its cluster."""
    found: dict[str, Tie] = {}
    for tie in outcome.ties():
        if cluster_of[tie.left] != cluster_of[tie.right]:
            continue
        for one in (tie.left, tie.right):
            if one not in found or (-tie.bits, tie.left, tie.right) < _order(found[one]):
                found[one] = tie
    return found


def _order(tie: Tie) -> tuple[float, str, str]:
    return -tie.bits, tie.left, tie.right


def _evidence(tie: Tie, outcome: Found) -> bytes:
    """The waterfall of a pair: what was compared, what came of it, and its weight in thousandths of a bit."""
    said = evidence_of(tie, outcome.models)
    steps = [
        {"what": one.what, "level": one.level, "millibits": _millibits(one.bits), "zh": one.zh, "en": one.en}
        for one in said.steps
    ]
    whole = {
        "kind": tie.kind.value,
        "millibits": _millibits(said.bits),
        "ppm": round(said.probability * 1_000_000),
        "steps": steps,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _millibits(bits: float) -> int:
    return round(max(-MOST_BITS, min(MOST_BITS, bits)) * 1000)


def _some(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
