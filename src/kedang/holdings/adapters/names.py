"""Sealed names opened: of occurrences, records, sources, cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Agent, Customer, Occurrence, Source


@dataclass(frozen=True, slots=True)
class OccurrenceNames:
    """What a thing was called where it was found."""

    raw_name: bytes
    name: str
    modified: datetime | None
    desk: str
    """Whose desk it was found at."""


def occurrence_names(archive: Archive, occurrence: Occurrence) -> OccurrenceNames:
    """The names of one occurrence, none when its record has been destroyed.

    `record` (or `source`, when refused) should be loaded with it.
    """
    if not occurrence.sealed:
        return OccurrenceNames(b"", "", None, "")
    if occurrence.record is not None:
        key = archive.key(occurrence.record.key_page, occurrence.record.id)
    else:
        key = archive.key(occurrence.source.key_page, occurrence.source.id)
    said = archive.open(key, occurrence.id, "occurrence.sealed", occurrence.sealed)
    modified = datetime.fromisoformat(said["modified"]) if said["modified"] else None
    return OccurrenceNames(bytes.fromhex(said["raw"]), said["name"], modified, said["desk"])


@dataclass(frozen=True, slots=True)
class SourceNames:
    """What a source is called, whose desk it is, where it lies, who has it; who signed for its state, with what note."""

    name: str
    desk: str
    path: str
    keeper: str = ""
    signed_by: str = ""
    note: str = ""


SOURCE_SEALED = "source.sealed"


def source_names(archive: Archive, source: Source) -> SourceNames:
    """The names of one source."""
    said = source_said(archive, source)
    return SourceNames(
        said["name"],
        said["desk"],
        said["path"],
        said.get("keeper", ""),
        said.get("signed_by", ""),
        said.get("note", ""),
    )


def source_said(archive: Archive, source: Source) -> dict[str, str]:
    """Everything that is sealed of one source."""
    key = archive.key(source.key_page, source.id)
    return archive.open(key, source.id, SOURCE_SEALED, source.sealed)


def case_name(archive: Archive) -> str:
    """The company's name."""
    return str(_case(archive)["name"])


def own_names(archive: Archive) -> tuple[str, ...]:
    """Every name of the company being closed; none of them is a customer."""
    said = _case(archive)
    return (said["name"], *said["own_names"])


def own_numbers(archive: Archive) -> tuple[str, ...]:
    """The company's own credit code, when it was given."""
    code = _case(archive)["credit_code"]
    return (code,) if code else ()


def is_demo(archive: Archive) -> bool:
    """Whether the case is a demonstration, which can be thrown away."""
    return bool(_case(archive).get("demo"))


def agent_name(archive: Archive) -> str:
    """The name of the person or service that acts now."""
    row = Agent.objects.get(case_id=archive.case_id, id=archive.agent)
    return str(archive.open(archive.case_key(), row.id, "agent.sealed", row.sealed)["name"])


def _case(archive: Archive) -> dict[str, str]:
    case = archive.case
    return archive.open(archive.case_key(), case.id, "case.sealed", case.sealed)


def customer_name(archive: Archive, customer: Customer) -> str:
    """The name in the customer's sealed profile."""
    key = archive.key(customer.key_page, customer.id)
    return str(archive.open(key, customer.id, "customer.sealed", customer.sealed)["name"])
