"""What a person has decided about a record stands when a machine reads it once more."""

from __future__ import annotations

from kedang.appraisal.errors import CLASSES_ABOUT_EQUAL, NO_TEXT, TOO_FEW_SIGNS
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.intake.rows import describe
from kedang.holdings.models import Correction, Question, Record
from kedang.pipeline.messages import Summary
from kedang.records.content import Problem, RecordClass

CLASSES = frozenset(one.value for one in RecordClass)
"""A class as answer: a person has decided what the record is."""
ABOUT_CLASS = frozenset((CLASSES_ABOUT_EQUAL, TOO_FEW_SIGNS, NO_TEXT))


def describe_again(archive: Archive, record: Record, summary: Summary) -> None:
    """Write what a later reading says into the row, except what a person has said."""
    kept = {name: getattr(record, name) for name in _columns_decided(archive, record)}
    describe(record, summary)
    for name, value in kept.items():
        setattr(record, name, value)


def still_asked(archive: Archive, record: Record, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The problems that nobody has answered yet."""
    answered = Question.objects.filter(case_id=archive.case_id, record_id=record.id, state="answered")
    settled = set(answered.values_list("code", flat=True))
    if "record_class" in _columns_decided(archive, record):
        settled |= ABOUT_CLASS
    return tuple(problem for problem in problems if problem.code not in settled)


def _columns_decided(archive: Archive, record: Record) -> set[str]:
    """The columns whose value a person has said and nobody has taken back."""
    standing = Correction.objects.filter(case_id=archive.case_id, record_id=record.id, undone=None)
    said = {name for names in standing.values_list("decided_fields", flat=True) for name in names}
    return said | ({"class_permille"} if "record_class" in said else set())
