"""Answering questions; what nothing holds back any more is archived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kedang.holdings.actions.correcting import CORRECTED, Decided, NewValues
from kedang.holdings.actions.correcting import answer as decide_question
from kedang.holdings.actions.progress import Silent
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import AnswerUnknown, QuestionUnknown
from kedang.holdings.intake.archiving import archive_records
from kedang.holdings.intake.decided import CLASSES
from kedang.holdings.models import Question

ANSWERS = ("accepted", "dismissed")
"""accepted: it is so, and the record is kept as it is. dismissed: the question does not apply."""


def answer_question(
    archive: Archive, question: str, answer: str, *, reason: str = "", clock: Callable[[], datetime]
) -> None:
    """Record a person's answer to a question, named by its id or the beginning of it.

    Raises:
        AnswerUnknown, QuestionUnknown: nothing is changed.
        ReasonNeeded: a review has sent the record back, and nobody has said what is done about it.
    """
    if answer not in ANSWERS and answer not in CLASSES:
        raise AnswerUnknown()
    row = _open_question(archive, question)
    values = NewValues() if answer in ANSWERS else NewValues(record_class=answer)
    said = Decided(answer if answer in ANSWERS else CORRECTED, values, reason.strip())
    decide_question(archive, row.id, said, clock=clock)
    archive_records(archive, progress=Silent(), clock=clock)


def _open_question(archive: Archive, question: str) -> Question:
    begins = question.strip().lower()
    rows = list(Question.objects.filter(case_id=archive.case_id, id__startswith=begins, state="open")[:2])
    if len(rows) != 1 or not begins:
        raise QuestionUnknown(matches=len(rows))
    return rows[0]
