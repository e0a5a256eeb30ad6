"""The period that follows what a person says a record is.

The 档号 that was given stays for ever, also where it names a class or period that holds no more.
"""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import rfc8785
from django.db.models import Min

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import case_mac, require_as_written
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.intake.archiving import note, reckoned, reckoning_of
from kedang.holdings.intake.rows import question_rows, questions_raised
from kedang.holdings.models import Occurrence, Question, Record
from kedang.ledger.leaves import Event
from kedang.records.content import Problem

CERTAIN = 1000  # permille: a person has said so
OF_RECKONING = "KD-D"  # the questions that a reckoning raises; they go with it


def reckon_again(archive: Archive, record: Record, *, now: datetime) -> list[Event]:
    """A new reckoning in the record's row, which the caller saves, and the questions that it raises instead of the old one's.

    The ledger keeps the digest of the old reckoning.
    """
    require_as_written(case_mac, archive, archive.case)
    replaced = sha256(rfc8785.dumps(record.reckoning)).hexdigest()
    today = now.astimezone(ZoneInfo(archive.case.time_zone)).date()
    reckoning = reckoning_of(archive, record, received_on=_received_on(archive, record, today), today=today)
    note(record, reckoning)
    return [
        reckoned(archive, record, reckoning, replaced=replaced),
        *_ask_again(archive, record, reckoning.problems, now=now),
    ]


def _received_on(archive: Archive, record: Record, today: date) -> date:
    """The day the record was first taken in."""
    found = Occurrence.objects.filter(case_id=archive.case_id, record_id=record.id)
    first: datetime | None = found.aggregate(first=Min("accession__opened"))["first"]
    return first.astimezone(ZoneInfo(archive.case.time_zone)).date() if first else today


def _ask_again(
    archive: Archive, record: Record, problems: tuple[Problem, ...], *, now: datetime
) -> list[Event]:
    """Open questions of the old reckoning go, new ones come; what was answered is not asked again."""
    asked = Question.objects.filter(case_id=archive.case_id, record_id=record.id)
    stale = asked.filter(state="open", code__startswith=OF_RECKONING)
    stale.exclude(code__in=[problem.code for problem in problems]).delete()
    known = set(asked.values_list("code", flat=True))
    new = tuple(problem for problem in problems if problem.code not in known)
    questions = question_rows(archive, record.id, new, now=now)
    insert_rows(Question, questions)
    return questions_raised(archive, questions)
