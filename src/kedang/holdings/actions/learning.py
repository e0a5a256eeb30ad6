"""Learning of the case's own answers: the newest of them, measured, sealed under all their records' keys together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.db import transaction

from kedang.appraisal.learning import LEAST_ANSWERS, MOST_ANSWERS, SCHEME, Lesson, learn, measure
from kedang.holdings.actions.correcting import Clock
from kedang.holdings.actions.jobs import ask_for
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_of
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.adapters.learnt import answered, seal_learnt, told_of
from kedang.holdings.errors import RecordDestroyed
from kedang.holdings.models import LearntModel, Record
from kedang.holdings.people_errors import JobRunning
from kedang.records.content import RecordClass

KIND = "learn"
"""The kind of the job that learns."""
_LEAST_MORE, _SHARE_MORE = 5, 20
"""It is learnt anew when so many answers came or went since, or one in twenty."""


def learn_classes(archive: Archive, *, clock: Clock) -> LearntModel | None:
    """Learn of all answers that still hold; None while there are too few of them."""
    lessons = dict(_lessons(archive))
    if len(lessons) < LEAST_ANSWERS:
        LearntModel.objects.filter(case_id=archive.case_id).delete()
        return None
    taught = list(lessons.values())
    lift, model = measure(taught), learn(taught)
    row = LearntModel(
        id=archive.new_id(),
        case_id=archive.case_id,
        scheme=SCHEME,
        records=list(lessons),
        right_before=lift.right_before,
        right_after=lift.right_after,
        learnt=clock(),
    )
    row.sealed = seal_learnt(archive, row, model)
    with transaction.atomic():
        LearntModel.objects.filter(case_id=archive.case_id).delete()
        guarded(archive, row).save(force_insert=True)
    return row


def learn_when_due(archive: Archive, *, clock: Clock) -> bool:
    """Ask for the work of learning when enough has been answered since the last time; whether it was asked for."""
    now_known = len(answered(archive.case_id))
    there = LearntModel.objects.filter(case_id=archive.case_id).only("records").first()
    known = len(there.records) if there is not None else 0
    if now_known < LEAST_ANSWERS or (
        known and abs(now_known - known) < max(_LEAST_MORE, known // _SHARE_MORE)
    ):
        return False
    with suppress(JobRunning):
        ask_for(archive, KIND, {}, now=clock())
        return True
    return False


def _lessons(archive: Archive) -> Iterator[tuple[str, Lesson]]:
    """Record and lesson of the newest answers, in the order of the records' ids: that of chance."""
    said = answered(archive.case_id)
    rows = Record.objects.in_bulk(list(said)[:MOST_ANSWERS])
    for record in (rows[one] for one in sorted(rows)):
        with suppress(RecordDestroyed):
            told = told_of(record, derived_of(archive, record))
            yield record.id, Lesson(told, RecordClass(said[record.id]))
