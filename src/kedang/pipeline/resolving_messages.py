"""What the coordinator and the process that compares mentions say to each other; `messages` carries it."""

from __future__ import annotations

from dataclasses import dataclass, field

At = tuple[str, int]
"""One mention: a record, and the place among its mentions."""


@dataclass(frozen=True, slots=True)
class ResolverSetup:
    """Sent once, first."""

    work_folder: str
    threads: int
    before: bytes = field(repr=False)
    """Head of what the last comparison has left, as `compared_before` encodes it; its segments follow. Empty when
    everything is learnt anew."""
    secret: bytes = field(repr=False)
    """Key of the fingerprints that are kept, when there are none yet."""
    segment_mentions: int = 16_384
    """How many mentions a segment of what is kept holds."""


@dataclass(frozen=True, slots=True)
class KeptSegment:
    """One segment of what a comparison has left, as `compared_before` encodes it."""

    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NamedRecord:
    """One record, with everybody whom it names."""

    id: str
    mentions: bytes = field(repr=False)
    """As `kept_mentions` encodes them."""
    tied: tuple[tuple[int, str], ...] = ()
    """Places of mentions that are certainly a customer's, or by a person's word, with the customer."""
    source: str = ""
    """Where it came from: numbers that only a firm's own system gives mean the same within one source alone."""
    new: bool = True
    """Whether its mentions were not compared before as they are now."""


@dataclass(frozen=True, slots=True)
class NamedRecords:
    """Some records; more may follow."""

    records: tuple[NamedRecord, ...]


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """A pair of the queue or of an audit that a person has judged, with the levels that it had reached."""

    kind: str
    levels: dict[str, str]
    same: bool


@dataclass(frozen=True, slots=True)
class LookWider:
    """The records that are new, and those whose ties have changed, are there: who else must be looked at?"""

    mentions: tuple[At, ...] = ()
    """Of which somebody has spoken since, or no longer."""
    customers: tuple[str, ...] = ()
    """The same of customers."""
    gone: tuple[str, ...] = ()
    """Records that can be compared no more."""
    judged: tuple[JudgedPair, ...] = ()
    """All that holds, each pair once: the weights learn from it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Who must be compared again."""

    again: dict[str, list[int]] = field(default_factory=dict)
    """Mentions of known records; records that are not there must come."""
    whole: bool = False
    """Everybody: all records must come."""


@dataclass(frozen=True, slots=True)
class ResolveNow:
    """All records are there: compare."""

    same: tuple[tuple[At, At], ...]
    different: tuple[tuple[At, At], ...]
    """What persons have judged of pairs of mentions."""
    apart: tuple[tuple[str, str], ...]
    """Customers that a person has split."""


@dataclass(frozen=True, slots=True)
class Join:
    """Why one mention is in its cluster: what it is tied to, how strongly, and the evidence as JSON."""

    at: At
    to: At
    evidence: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Founder:
    """Who a cluster is that has no customer yet and may found one."""

    kind: str
    name: str = field(repr=False)
    record: str


@dataclass(frozen=True, slots=True)
class ResolvedCluster:
    """Mentions that are one customer."""

    mentions: tuple[At, ...]
    loose: tuple[At, ...]
    """Those of them that are nobody's for certain."""
    customers: tuple[str, ...]
    """Those that its mentions are tied to."""
    founder: Founder | None
    joins: tuple[Join, ...]


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """Two mentions of different clusters that a person should judge, in the order of the queue."""

    first: At
    second: At
    evidence: bytes = field(repr=False)
    place: int
    """In the queue, by what the answer teaches; the same in every comparison."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a comparison went, and what it leaves for the next."""

    mentions: int
    """How many there are."""
    compared: int
    """How many were looked at."""
    judgements: int
    """How many judged pairs have taught the weights."""
    before: bytes = field(repr=False)
    """Head of what it leaves."""
    segments: tuple[int, ...] = ()
    """Of each of its segments the place that it had, or -1: those follow in order, behind the last chunk."""


@dataclass(frozen=True, slots=True)
class ResolvedChunk:
    """Clusters in order, then pairs in the order of the queue; more follow until a chunk says `last`."""

    clusters: tuple[ResolvedCluster, ...]
    pairs: tuple[ProposedPair, ...]
    last: bool
    outcome: Outcome | None = None
    """Said by the last."""
