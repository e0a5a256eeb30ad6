"""The archiving standard of a case, and which of its clauses records do not meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from kedang.catalogue.standard import Clause, Description, Standard, shipped_standards, usual_standard
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.intake.archiving import has_series
from kedang.holdings.models import Case, Occurrence, Question, Record
from kedang.holdings.queries.people import agent_names
from kedang.holdings.queries.shown_titles import title_of


def standard_of(archive: Archive) -> Standard:
    """The standard that the case has chosen, without the clauses that it leaves out; the usual one otherwise."""
    said = archive.case.archiving_standard
    chosen = shipped_standards().get(said.get("name", ""), usual_standard())
    return chosen.without(said.get("left_out", ()))


@dataclass(frozen=True, slots=True)
class StandardSet:
    """Who has last set the standard, when and why."""

    who: str
    when: datetime
    reason: str


def standard_set(archive: Archive) -> StandardSet | None:
    """The last change of the standard; None when nobody has changed it."""
    sealed = Case.objects.values_list("sealed", flat=True).get(id=archive.case_id)
    said = archive.open(archive.case_key(), archive.case_id, "case.sealed", sealed).get("standard")
    if said is None:
        return None
    who = agent_names(archive).get(said["agent"], "")
    return StandardSet(who, datetime.fromisoformat(said["time"]), said["reason"])


def clauses_not_met(archive: Archive, records: Sequence[Record]) -> Mapping[str, tuple[Clause, ...]]:
    """By record, the clauses of the standard of the case that it does not meet."""
    ids = [record.id for record in records]
    asked = Question.objects.filter(case_id=archive.case_id, record_id__in=ids, state="open", blocking=True)
    questions = dict(asked.values_list("record_id").annotate(Count("id")))
    places = Occurrence.objects.filter(case_id=archive.case_id, record_id__in=ids)
    placed = set(places.values_list("record_id", flat=True))
    standard = standard_of(archive)
    return {
        record.id: standard.not_met(
            Description(
                title=title_of(archive, record),
                record_class=record.record_class,
                class_permille=record.class_permille,
                date=record.record_date.isoformat() if record.record_date else "",
                retention=record.retention_kind,
                sensitivity=record.sensitivity,
                provenance="known" if record.id in placed else "",
                fixity="known" if record.commitment else "",
                format=record.format_name,
                questions=questions.get(record.id, 0),
                series="known" if has_series(archive, record) else "",
            )
        )
        for record in records
    }
