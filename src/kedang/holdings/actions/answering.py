"""Answering questions; what nothing holds back any more is archived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from kedang.holdings.actions.progress import Silent
from kedang.holdings.actions.reclassifying import classify
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import question_mac, require_as_written
from kedang.holdings.errors import AnswerUnknown, QuestionUnknown
from kedang.holdings.intake.archiving import archive_records
from kedang.holdings.intake.decided import CLASSES
from kedang.holdings.models import Question
from kedang.ledger.leaves import Event

ANSWERS = ("accepted", "dismissed")
"""accepted: it is so, and the record is kept as it is. dismissed: the question does not apply."""


def answer_question(archive: Archive, question: str, answer: str, *, clock: Callable[[], datetime]) -> None:
    """Record a person's answer to a question, named by its id or the beginning of it.

    Raises:
        AnswerUnknown, QuestionUnknown: nothing is changed.
    """
    if answer not in ANSWERS and answer not in CLASSES:
        raise AnswerUnknown()
    now = clock()
    with transaction.atomic():
        row = _open_question(archive, question)
        require_as_written(question_mac, archive, row)
        said = answer if answer in ANSWERS else "corrected"
        objects = (f"question:{row.id}", f"record:{row.record_id}")
        events = [Event(archive.agent, "question-answered", objects, {"answer": said})]
        row.state, row.answer = "answered", answer
        row.mac = question_mac(archive, row)
        row.save(update_fields=["state", "answer", "mac"])
        if answer in CLASSES:
            events += classify(archive, row.record, answer, now=now)
        book.write(archive.case_id, events, now=now)
    archive_records(archive, progress=Silent(), clock=clock)


def _open_question(archive: Archive, question: str) -> Question:
    begins = question.strip().lower()
    rows = list(
        Question.objects.select_for_update(of=("self",))
        .select_related("record")
        .filter(case_id=archive.case_id, id__startswith=begins, state="open")[:2]
    )
    if len(rows) != 1 or not begins:
        raise QuestionUnknown(matches=len(rows))
    return rows[0]
