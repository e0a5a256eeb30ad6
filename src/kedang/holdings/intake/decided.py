"""What a person has decided about a record stands when a machine reads it once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kedang.appraisal.errors import CLASSES_ABOUT_EQUAL, NO_TEXT, TOO_FEW_SIGNS
from kedang.appraisal.facts import latest_dates
from kedang.appraisal.said_facts import SaidFacts, facts_that_hold
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.descriptions import FACTS, TITLE
from kedang.holdings.intake.rows import describe
from kedang.holdings.models import Correction, Question, Record
from kedang.pipeline.messages import Summary
from kedang.records.content import Problem, RecordClass

CLASSES = frozenset(one.value for one in RecordClass)
"""A class as answer: a person has decided what the record is."""
ABOUT_CLASS = frozenset((CLASSES_ABOUT_EQUAL, TOO_FEW_SIGNS, NO_TEXT))


def describe_again(
    archive: Archive, record: Record, summary: Summary, said: Mapping[str, Any] | None = None
) -> str:
    """Write what a later reading says into the row, except what a person has said; the title that holds.

    `said` is what the row's sealed column held: facts that a person has corrected keep the days that they give.
    """
    decided = _decided(archive, record)
    columns = decided - {TITLE, FACTS} | ({"class_permille"} if "record_class" in decided else set())
    kept = {name: getattr(record, name) for name in columns}
    before = said or {}
    facts: SaidFacts = before.get("facts", {})
    if facts:
        kept["trigger_dates"] = _days(summary, facts)
    describe(record, summary)
    for name, value in kept.items():
        setattr(record, name, value)
    known = str(before.get("title", ""))
    return known if TITLE in decided else summary.title or known


def _days(summary: Summary, facts: SaidFacts) -> dict[str, str]:
    """The latest day of each kind: of those that a person has spoken of, as he has said."""
    read = {kind: day for kind, day in summary.trigger_dates.items() if kind not in facts}
    return read | latest_dates(facts_that_hold((), facts))


def still_asked(archive: Archive, record: Record, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The problems that nobody has answered yet."""
    answered = Question.objects.filter(case_id=archive.case_id, record_id=record.id, state="answered")
    settled = set(answered.values_list("code", flat=True))
    if "record_class" in _decided(archive, record):
        settled |= ABOUT_CLASS
    return tuple(problem for problem in problems if problem.code not in settled)


def _decided(archive: Archive, record: Record) -> set[str]:
    """What of a record a person has said and nobody has taken back: names of columns, "title", "facts"."""
    standing = Correction.objects.filter(case_id=archive.case_id, record_id=record.id, undone=None)
    return {name for names in standing.values_list("decided_fields", flat=True) for name in names}
