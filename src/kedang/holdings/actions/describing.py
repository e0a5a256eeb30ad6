"""Title and facts as a decision of a person leaves them, and the same taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kedang.appraisal.facts import latest_dates
from kedang.appraisal.said_facts import SaidFacts, fact_entries, facts_that_hold, normal_value
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, derived_of
from kedang.holdings.adapters.descriptions import FACTS, TITLE, Description, describe_as, description_of
from kedang.holdings.checking_errors import ValueImpossible
from kedang.holdings.intake.indexing import index_again
from kedang.holdings.models import Record
from kedang.ledger.leaves import Event
from kedang.records.content import Fact

LONGEST_TITLE = 500  # code points
MOST_FACTS = 200  # that one decision may say


@dataclass(frozen=True, slots=True)
class FactSaid:
    """What a person says of one fact: another value, or none."""

    value: str = field(repr=False)
    """Empty: there is no such fact."""
    number: int = 0
    """Of the fact as it is shown, from 1; 0 for one that nobody has read."""
    kind: str = ""
    """Of one that nobody has read."""


@dataclass(frozen=True, slots=True)
class Redescribed:
    """How a record was described before a decision and is after it."""

    before: Description
    after: Description
    changes: Sequence[tuple[str, str, str]] = field(default=(), repr=False)
    """Kind, old value and new value of every fact that is another one now; empty: none."""

    @property
    def fields(self) -> list[str]:
        """What of it is another one: "facts", "title"."""
        titled = [TITLE] if self.before.title != self.after.title else []
        return ([FACTS] if self.changes else []) + titled

    def to_json(self) -> dict[str, Any]:
        """What the correction keeps sealed; nothing when nothing is another one."""
        said: dict[str, Any] = {}
        if TITLE in self.fields:
            said[TITLE] = [self.before.title, self.after.title]
        if self.changes:
            said[FACTS] = {"before": self.before.facts, "after": self.after.facts}
            said["changes"] = [list(one) for one in self.changes]
        return said

    def event(self, archive: Archive, record: Record, reason: Mapping[str, str]) -> Event:
        """What the ledger is told: that it was corrected, never to what."""
        facts: dict[str, Any] = {"title": True} if TITLE in self.fields else {}
        if self.changes:
            facts["facts"] = len(self.changes)
        return Event(archive.agent, "described", (f"record:{record.id}",), facts | dict(reason))


def redescribed(
    archive: Archive, record: Record, title: str | None, facts: Sequence[FactSaid]
) -> Redescribed | None:
    """What would become of title and facts; None when nothing is said of them, or nothing that is new.

    Raises:
        ValueImpossible: a value is none of its kind, or there is no such fact.
    """
    if (title is None and not facts) or record.state == DESTROYED:
        return None
    before = description_of(archive, record)
    said, changes = before.facts, list[tuple[str, str, str]]()
    if facts:
        said, changes = _said_anew(_facts_read(archive, record), before.facts, facts)
    found = Redescribed(before, Description(before.title if title is None else title, said), changes)
    return found if found.fields else None


def require_possible_words(title: str | None, facts: Sequence[FactSaid]) -> None:
    """Nothing when the words can be a title and values; whether there is such a fact the record tells.

    Raises:
        ValueImpossible: `field` says which is not.
    """
    if title is not None and not (title.strip() and title.isprintable() and len(title) <= LONGEST_TITLE):
        raise ValueImpossible(field="title")
    if len(facts) > MOST_FACTS:
        raise ValueImpossible(field="facts")


def describe_anew(archive: Archive, record: Record, anew: Redescribed) -> bool:
    """The new title and facts in the row, which the caller guards and saves; whether days that periods run from differ."""
    describe_as(archive, record, anew.after)
    if not anew.changes:
        return False
    days = latest_dates(facts_that_hold(_facts_read(archive, record), anew.after.facts))
    differ = bool(days != record.trigger_dates)
    record.trigger_dates = days
    return differ


def describe_back(archive: Archive, record: Record, said: Mapping[str, Any]) -> None:
    """Title and facts as they were before a decision, of which `said` is what it has kept."""
    if not said:
        return
    described = description_of(archive, record)
    if TITLE in said:
        described = replace(described, title=said[TITLE][0])
    if FACTS in said:
        described = replace(described, facts=said[FACTS]["before"])
    describe_as(archive, record, described)
    if FACTS in said:
        record.trigger_dates = latest_dates(facts_that_hold(_facts_read(archive, record), described.facts))


def find_anew(archive: Archive, record: Record, *, titled: bool) -> None:
    """The record is found by its title of now; last in the transaction, so that no other step is lost with it."""
    if titled:
        index_again(archive, record)


def _facts_read(archive: Archive, record: Record) -> tuple[Fact, ...]:
    derived = derived_of(archive, record)
    return derived.appraisal.facts if derived is not None and derived.appraisal is not None else ()


def _said_anew(
    read: Sequence[Fact], said: SaidFacts, wanted: Sequence[FactSaid]
) -> tuple[SaidFacts, list[tuple[str, str, str]]]:
    """The facts with what is wanted of them, and what of them differs."""
    entries = [(one.kind, one.value, was) for one, was in fact_entries(read, said)]
    changes: list[tuple[str, str, str]] = []
    for one in wanted:
        kind, old, was = _meant(entries, one)
        value = normal_value(kind, one.value) if one.value.strip() else ""
        twice = value != old and (kind, value) in {entry[:2] for entry in entries}
        if value is None or twice or not (value or old):
            raise ValueImpossible(field=kind)
        if value != old:
            changes.append((kind, old, value))
        if one.number:
            entries[one.number - 1] = (kind, value, was)
        elif value != old:
            entries.append((kind, value, ""))
    kinds = {kind for kind, _, _ in changes}
    anew = {
        kind: [[value, was] for of, value, was in entries if of == kind and value] for kind in sorted(kinds)
    }
    return {**said, **anew}, changes


def _meant(entries: Sequence[tuple[str, str, str]], one: FactSaid) -> tuple[str, str, str]:
    """The fact that is spoken of; one without a value for what nobody has read.

    Raises:
        ValueImpossible: there is no such fact.
    """
    if not one.number:
        return one.kind, "", ""
    if not 0 < one.number <= len(entries):
        raise ValueImpossible(field="facts")
    return entries[one.number - 1]
