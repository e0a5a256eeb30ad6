"""The queue of questions as one person may see it: what waits, by what, and which one comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from kedang.access.deciding import Act, Person, decide
from kedang.holdings.actions.people import grant_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.names import source_names
from kedang.holdings.intake.archiving import BATCH
from kedang.holdings.models import Account, Membership, Occurrence, Question, Record, Source
from kedang.holdings.queries.people import agent_names
from kedang.holdings.queries.permitted import permitted, subject_of
from kedang.records.ids import CaseId

IN_ORDER = ("-blocking", "code", "record__first_order", "id")
"""What holds a record back comes first, then alike beside alike, then as it was received."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which questions are wanted; empty: all."""

    code: str = ""
    record_class: str = ""
    source: str = ""
    mine: bool = False
    blocking: bool = False


def queue(case: CaseId, person: Person, wanted: QueueFilter, *, today: date) -> QuerySet[Question]:
    """The open questions that the person may answer, in their order."""
    mine = permitted(case, person, Act.ANSWER, today=today)
    rows = Question.objects.filter(case_id=case, state="open", record__in=mine)
    if wanted.code:
        rows = rows.filter(code=wanted.code)
    if wanted.record_class:
        rows = rows.filter(record__record_class=wanted.record_class)
    if wanted.source:
        rows = rows.filter(Exists(_places(case, wanted.source)))
    if wanted.mine:
        rows = rows.filter(assigned=person.agent)
    if wanted.blocking:
        rows = rows.filter(blocking=True)
    return rows.select_related("record").order_by(*IN_ORDER)


def _places(case: CaseId, source: str) -> QuerySet[Occurrence]:
    return Occurrence.objects.filter(case_id=case, record=OuterRef("record_id"), source_id=source)


def following(rows: QuerySet[Question], after: Question) -> Question | None:
    """The next question behind this one; None at the end. `after` need not be open any more."""
    order = after.record.first_order
    behind = Q(blocking=False) if after.blocking else Q(pk__in=[])
    alike = Q(blocking=after.blocking)
    behind |= alike & Q(code__gt=after.code)
    alike &= Q(code=after.code)
    behind |= alike & Q(record__first_order__gt=order)
    behind |= alike & Q(record__first_order=order, id__gt=after.id)
    return rows.filter(behind).exclude(id=after.id).first()


def before(rows: QuerySet[Question], this: Question) -> Question | None:
    """The question that comes just before this one; None at the beginning."""
    order = this.record.first_order
    ahead = Q(pk__in=[]) if this.blocking else Q(blocking=True)
    alike = Q(blocking=this.blocking)
    ahead |= alike & Q(code__lt=this.code)
    alike &= Q(code=this.code)
    ahead |= alike & Q(record__first_order__lt=order)
    ahead |= alike & Q(record__first_order=order, id__lt=this.id)
    return rows.filter(ahead).exclude(id=this.id).last()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many questions wait for the person, by what they can be filtered by."""

    total: int
    blocking: int
    mine: int
    codes: Mapping[str, int]
    classes: Mapping[str, int]
    sources: Sequence[tuple[str, str, int]]
    """Id, name, count."""


def tally(archive: Archive, person: Person, *, today: date) -> Tally:
    """The counts, of what the person may answer and nothing else."""
    rows = queue(archive.case_id, person, QueueFilter(), today=today).order_by()
    codes = dict(rows.values_list("code").annotate(Count("id")).order_by("code"))
    classes = dict(rows.values_list("record__record_class").annotate(Count("id")))
    by_source = rows.values_list("record__occurrence__source_id").annotate(Count("id", distinct=True))
    counts = {one: count for one, count in by_source if one is not None}
    sources = Source.objects.filter(id__in=list(counts))
    named = sorted((source_names(archive, row).name, row.id) for row in sources)
    return Tally(
        total=sum(codes.values()),
        blocking=rows.filter(blocking=True).count(),
        mine=rows.filter(assigned=person.agent).count(),
        codes=codes,
        classes=classes,
        sources=[(one, name, counts[one]) for name, one in named],
    )


def ready_records(archive: Archive, person: Person, *, today: date) -> QuerySet[Record]:
    """The records in sorting that nothing holds back and that the person may answer for."""
    held = Question.objects.filter(
        case_id=archive.case_id, record=OuterRef("pk"), state="open", blocking=True
    )
    mine = permitted(archive.case_id, person, Act.ANSWER, today=today)
    return mine.filter(~Exists(held), state="sorting", awaits_ocr=False).order_by("first_order")


def ready_ids(archive: Archive, person: Person, *, today: date) -> list[str]:
    """The first of them, as many as are archived at once."""
    return list(ready_records(archive, person, today=today).values_list("id", flat=True)[:BATCH])


def who_may_answer(archive: Archive, record: Record, *, today: date) -> list[tuple[Person, str]]:
    """Everybody who may answer for this record, with their names, by name."""
    names, subject = agent_names(archive), subject_of(record)
    active = set(Account.objects.filter(is_active=True).values_list("id", flat=True))
    found = []
    for row in Membership.objects.filter(case_id=archive.case_id):
        person = Person(row.agent_id, tuple(map(grant_of, row.grants)))
        if row.account in active and decide(person, Act.ANSWER, subject, today=today).allowed:
            found.append((person, names.get(row.agent_id, "")))
    return sorted(found, key=lambda one: one[1])


def who_may_answer_any(archive: Archive, *, today: date) -> list[tuple[Person, str]]:
    """Everybody who may answer for some record, with their names, by name."""
    names = agent_names(archive)
    active = set(Account.objects.filter(is_active=True).values_list("id", flat=True))
    found = []
    for row in Membership.objects.filter(case_id=archive.case_id):
        person = Person(row.agent_id, tuple(map(grant_of, row.grants)))
        if row.account in active and decide(person, Act.ANSWER, today=today).allowed:
            found.append((person, names.get(row.agent_id, "")))
    return sorted(found, key=lambda one: one[1])


def question_of(case: CaseId, question_id: str) -> Question | None:
    """The question of this id, open or not, with its record."""
    return Question.objects.filter(case_id=case, id=question_id).select_related("record").first()
