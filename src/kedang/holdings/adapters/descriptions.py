"""What a record's sealed column says of it: its title, and the facts that a person has corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kedang.appraisal.said_facts import SaidFacts, facts_that_hold
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import key_of
from kedang.holdings.adapters.record_columns import RECORD_SEALED
from kedang.holdings.intake.plain import AnyRecord
from kedang.records.content import Fact

TITLE, FACTS = "title", "facts"
"""How a correction names them beside the columns that it decides."""


@dataclass(frozen=True, slots=True)
class Description:
    """Title and facts of a record as persons have left them."""

    title: str = field(repr=False)
    facts: SaidFacts = field(repr=False)
    """Only of the kinds of which a person has said something."""


def description_of(archive: Archive, record: AnyRecord) -> Description:
    """How the record is described now."""
    said = _opened(archive, record)
    return Description(str(said["title"]), said.get("facts", {}))


def describe_as(archive: Archive, record: AnyRecord, described: Description) -> None:
    """Write title and facts into the row's sealed column; the caller renews the MAC and saves it."""
    said = _opened(archive, record) | {"title": described.title, "facts": described.facts}
    if not described.facts:
        del said["facts"]
    record.sealed = archive.seal(key_of(archive, record), record.id, RECORD_SEALED, said)


def facts_held(archive: Archive, record: AnyRecord, read: Sequence[Fact]) -> tuple[Fact, ...]:
    """The facts of a record: those that were read, with what persons have said of them."""
    return facts_that_hold(read, description_of(archive, record).facts)


def _opened(archive: Archive, record: AnyRecord) -> dict[str, Any]:
    return archive.open(key_of(archive, record), record.id, RECORD_SEALED, record.sealed)
