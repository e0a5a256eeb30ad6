"""Answering questions; what nothing holds back any more is archived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from kedang.holdings.actions.progress import Silent
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import AnswerUnknown, QuestionUnknown
from kedang.holdings.intake.archiving import archive_records
from kedang.holdings.models import Question
from kedang.ledger.leaves import Event

ANSWERS = ("accepted", "dismissed")
"""accepted: it is so, and the record is kept as it is. dismissed: the question does not apply."""


def answer_question(
    archive: Archive, question: str, answer: str, *, clock: Callable[[], datetime]
) -> None:
    """Record a person's answer to a question, named by its id or the beginning of it.

    Raises:
        AnswerUnknown, QuestionUnknown: nothing is changed.
    """
    if answer not in ANSWERS:
        raise AnswerUnknown()
    now = clock()
    with transaction.atomic():
        rows = list(
            Question.objects.select_for_update().filter(
                case_id=archive.case_id, id__startswith=question.strip().lower(), state="open"
            )[:2]
        )
        if len(rows) != 1 or not question.strip():
            raise QuestionUnknown(matches=len(rows))
        row = rows[0]
        row.state, row.answer = "answered", answer
        row.save(update_fields=["state", "answer"])
        objects = (f"question:{row.id}", f"record:{row.record_id}")
        event = Event(archive.agent, "question-answered", objects, {"answer": answer})
        book.write(archive.case_id, [event], now=now)
    archive_records(archive, progress=Silent(), clock=clock)
