"""What the reckoning of one record needs to know of it and of its case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from kedang.records.content import Fact, RecordClass


class Undetermined(Enum):
    """Cannot tell; never means "allowed"."""

    UNDETERMINED = "undetermined"


UNDETERMINED = Undetermined.UNDETERMINED
Until = date | None | Undetermined
"""The last day a record must be kept; None is permanent."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One record as the schedule sees it. Names nobody."""

    classes: frozenset[RecordClass]
    received_on: date
    """The day the record was taken in: nothing that is over can have happened later."""
    accounting: bool = False
    accounting_kind: str | None = None
    personal_data: bool = False
    """Whether anything in it identifies a natural person."""
    system: bool = False
    """Whether this software made it (lists, certificates, logs)."""
    dates: Mapping[str, Sequence[date]] = field(default_factory=dict)
    """Days by kind of fact: "signed_on", "valid_until", "issued_on", "record_date" … Kinds that no
    trigger asks for are passed over."""
    circumstances: frozenset[str] = frozenset()
    milestones: Mapping[str, date] = field(default_factory=dict)
    """Days of the case: "service_stopped_on", "deregistered_on"."""
    packs: frozenset[str] = frozenset()
    holds: tuple[str, ...] = ()
    """Ids of holds in force."""
    inherited: tuple[Until, ...] = ()
    """How long the living records that need this one are kept."""
    deletion_requested_on: date | None = None
    """A valid request of the person to delete; counts only where no statute sets a minimum."""


def dates_of(facts: Iterable[Fact]) -> dict[str, tuple[date, ...]]:
    """The days among an appraisal's facts, by kind; values that are not a day are passed over."""
    found: dict[str, tuple[date, ...]] = {}
    for fact in facts:
        try:
            day = date.fromisoformat(fact.value)
        except ValueError:
            continue
        found[fact.kind] = (*found.get(fact.kind, ()), day)
    return found
