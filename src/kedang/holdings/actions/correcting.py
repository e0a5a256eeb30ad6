"""Answers and corrections by a person: what was, what is, why and by whom; undone exactly, never overwritten.

A decision names the state it was made on (`state_seen`): when somebody else has changed record or question
meanwhile, nothing is written. What is ready is archived by `archive_ready`, not by the answer itself, so that
a slip can be taken back before a number is given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from kedang.access.deciding import Act, Person, decide
from kedang.holdings.actions.describing import (
    FactSaid,
    Redescribed,
    describe_anew,
    find_anew,
    redescribed,
    require_possible_words,
)
from kedang.holdings.actions.progress import Silent
from kedang.holdings.actions.reclassifying import CERTAIN, reckon_again
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.decisions import seal_decision, state_seen
from kedang.holdings.adapters.descriptions import TITLE
from kedang.holdings.adapters.guarding import guarded, require_as_written, rewrite
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.checking_errors import (
    SENT_BACK,
    DecidedMeanwhile,
    MayNotAnswer,
    ReasonNeeded,
    ValueImpossible,
)
from kedang.holdings.errors import QuestionUnknown
from kedang.holdings.intake.archiving import archive_records
from kedang.holdings.models import Correction, Question, Record
from kedang.holdings.queries.permitted import subject_of
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event
from kedang.records.content import RecordClass, Sensitivity

Clock = Callable[[], datetime]
ACCEPTED, DISMISSED, CORRECTED = "accepted", "dismissed", "corrected"
KINDS = (ACCEPTED, DISMISSED, CORRECTED)
LONGEST_REASON = 2_000  # characters
KEPT_COLUMNS = (
    "record_class",
    "class_permille",
    "sensitivity",
    "accounting",
    "accounting_kind",
    "record_date",
    "retention_rule",
    "retention_until",
    "retention_kind",
    "reckoning",
)
"""Columns of a record that a correction may change, itself or by the reckoning that follows."""
DESCRIBED_COLUMNS = ("trigger_dates", "sealed")
"""Columns that follow from what a correction says of title and facts."""
SAID_COLUMNS = ("record_class", "sensitivity", "accounting", "accounting_kind", "record_date")
"""Columns of a record that a person may give another value."""
ACCOUNTING_KINDS = (
    "voucher",
    "book",
    "annual-report",
    "interim-report",
    "bank",
    "handover-list",
    "destruction-list",
)


@dataclass(frozen=True, slots=True)
class NewValues:
    """What a person says a record is; None leaves a value as it is."""

    record_class: str | None = None
    sensitivity: str | None = None
    accounting: bool | None = None
    accounting_kind: str | None = None
    """Only of what is accounting; empty for "cannot tell"."""
    record_date: date | None = None
    no_date: bool = False
    """The date that was read is none."""
    title: str | None = field(default=None, repr=False)
    facts: tuple[FactSaid, ...] = field(default=(), repr=False)

    def require_possible(self) -> None:
        """Nothing when each value is one of its kind.

        Raises:
            ValueImpossible: `field` says which is not.
        """
        known = {
            "record_class": {one.value for one in RecordClass},
            "sensitivity": {one.value for one in Sensitivity},
            "accounting_kind": {*ACCOUNTING_KINDS, ""},
        }
        for name, values in known.items():
            said = getattr(self, name)
            if said is not None and said not in values:
                raise ValueImpossible(field=name)
        if self.record_date is not None and (self.no_date or self.record_date.year < 1900):
            raise ValueImpossible(field="record_date")
        require_possible_words(self.title, self.facts)

    def differing(self, record: Record) -> dict[str, Any]:
        """The columns that would change, with their new values."""
        said = {name: getattr(self, name) for name in SAID_COLUMNS}
        wanted = {name: value for name, value in said.items() if value is not None}
        if self.no_date:
            wanted["record_date"] = None
        if wanted.get("accounting", record.accounting) is False:
            wanted["accounting_kind"] = ""
        return {name: value for name, value in wanted.items() if getattr(record, name) != value}


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: what is said of the question, the new values, why, and the state that was looked at."""

    kind: str
    values: NewValues = field(default_factory=NewValues)
    reason: str = field(default="", repr=False)
    seen: str | None = None
    """None: whoever decides is the only one at work (the command line)."""
    id: str = ""
    """Of the correction, as a program has chosen it so that the same is not made twice; empty: a new one."""

    def require_possible(self) -> None:
        """Nothing when it can be recorded; ValueImpossible otherwise."""
        if self.kind not in KINDS:
            raise ValueImpossible(field="answer")
        if len(self.reason) > LONGEST_REASON:
            raise ValueImpossible(field="reason")
        self.values.require_possible()


def answer(archive: Archive, question_id: str, decided: Decided, *, clock: Clock) -> Correction:
    """Record the answer to a question, with the corrections that belong to it.

    Raises:
        QuestionUnknown, ValueImpossible, ReasonNeeded, DecidedMeanwhile: nothing is changed.
    """
    decided.require_possible()
    now = clock()
    with transaction.atomic():
        rows = Question.objects.select_for_update(of=("self",)).select_related("record")
        question = rows.filter(case_id=archive.case_id, id=question_id).first()
        if question is None:
            raise QuestionUnknown(matches=0)
        record = Record.objects.select_for_update().get(id=question.record_id)
        if question.state != "open" or decided.seen not in (None, state_seen(record, question)):
            raise DecidedMeanwhile(record=record.id)
        if question.code == SENT_BACK and not decided.reason.strip():
            raise ReasonNeeded()
        return _write(archive, record, question, decided, now=now)


def correct(archive: Archive, record_id: str, decided: Decided, *, clock: Clock) -> Correction:
    """Correct a record about which nobody has asked.

    Raises:
        ValueImpossible, ReasonNeeded, DecidedMeanwhile: nothing is changed.
    """
    decided.require_possible()
    if not decided.reason.strip():
        raise ReasonNeeded()
    now = clock()
    with transaction.atomic():
        record = Record.objects.select_for_update().get(case_id=archive.case_id, id=record_id)
        if decided.seen not in (None, state_seen(record)):
            raise DecidedMeanwhile(record=record.id)
        return _write(archive, record, None, decided, now=now)


def _write(
    archive: Archive, record: Record, question: Question | None, decided: Decided, *, now: datetime
) -> Correction:
    """The values, the answer, the correction that keeps both and the events, in the caller's transaction."""
    if decided.id and Correction.objects.filter(id=decided.id).exists():
        raise DecidedMeanwhile(record=record.id)
    require_as_written(mac_of, archive, record)
    before = columns_of(record)
    changing = decided.values.differing(record)
    anew = redescribed(archive, record, decided.values.title, decided.values.facts)
    if question is None and not (changing or anew):
        raise ValueImpossible(field="nothing")
    kind = CORRECTED if changing or anew else DISMISSED if decided.kind == DISMISSED else ACCEPTED
    said_class = _said_class(record, question, decided)
    events: list[Event] = []
    salt = archive.random_bytes(SALT_BYTES)
    reason = {"reason": commit(decided.reason.encode(), salt=salt)} if decided.reason else {}
    if question is not None:
        rewrite(archive, [question], state="answered", answer=changing.get("record_class", kind))
        events.append(_answered(archive, question, kind, reason))
    asked: dict[str, Any] = {"removed": [], "added": []}
    columns = sorted(changing.keys() | ({"record_class"} if said_class else set()))
    if columns or anew:
        events += _change(archive, record, _Change(changing, said_class, anew, reason), asked, now=now)
    row = _correction(archive, record, question, kind, now=now)
    row.id = decided.id or row.id
    row.said_class, row.decided_fields = said_class, columns + (anew.fields if anew else [])
    said = {"reason": decided.reason, "salt": salt.hex(), "before": before, "after": columns_of(record)}
    said["described"] = anew.to_json() if anew else {}
    row.sealed = seal_decision(archive, row, record, said | {"questions": asked})
    guarded(archive, row).save(force_insert=True)
    book.write(archive.case_id, events, now=now)
    find_anew(archive, record, titled=TITLE in row.decided_fields)
    return row


def _said_class(record: Record, question: Question | None, decided: Decided) -> str:
    """The class that the decision confirms or chooses."""
    if decided.values.record_class is not None:
        return decided.values.record_class
    about_class = question is not None and question.code in ABOUT_CLASS
    return record.record_class if about_class and decided.kind == ACCEPTED else ""


ABOUT_CLASS = frozenset({"KD-G101", "KD-G102", "KD-G103", "KD-D204"})
"""Questions whose answer says which class a record is of."""


def _answered(archive: Archive, question: Question, kind: str, reason: Mapping[str, str]) -> Event:
    objects = (f"question:{question.id}", f"record:{question.record_id}")
    return Event(archive.agent, "question-answered", objects, {"answer": kind, **reason})


@dataclass(frozen=True, slots=True)
class _Change:
    """What a decision changes of a record."""

    columns: Mapping[str, Any]
    said_class: str
    anew: Redescribed | None
    reason: Mapping[str, str]


def _change(
    archive: Archive, record: Record, change: _Change, asked: dict[str, Any], *, now: datetime
) -> list[Event]:
    """New values in the row; a period that was reckoned is reckoned anew."""
    for name, value in change.columns.items():
        setattr(record, name, value)
    events: list[Event] = []
    if change.said_class:
        record.class_permille = CERTAIN
    if change.columns or change.said_class:
        events.append(classified(archive, record, change.columns, change.reason))
    other_days = False
    if change.anew is not None:
        other_days = describe_anew(archive, record, change.anew)
        events.append(change.anew.event(archive, record, change.reason))
    if record.retention_kind and (change.columns or other_days):
        events += _reckoned_anew(archive, record, asked, now=now)
    record.mac = mac_of(archive, record)
    record.save(update_fields=[*KEPT_COLUMNS, *DESCRIBED_COLUMNS, "mac"])
    return events


def _reckoned_anew(archive: Archive, record: Record, asked: dict[str, Any], *, now: datetime) -> list[Event]:
    """The reckoning anew; what it asks and asks no more is noted in `asked`."""
    questions = Question.objects.filter(case_id=archive.case_id, record=record)
    known = {row.id: row for row in questions}
    events = reckon_again(archive, record, now=now)
    left = set(questions.values_list("id", flat=True))
    asked["removed"] = [_question_said(row) for one, row in known.items() if one not in left]
    asked["added"] = sorted(left - known.keys())
    return events


def classified(
    archive: Archive, record: Record, changed: Collection[str], reason: Mapping[str, str]
) -> Event:
    """The event that says what a record is by a person's word; beside the class only what was changed."""
    facts: dict[str, Any] = {"class": record.record_class, "by": "person"}
    if "sensitivity" in changed:
        facts["sensitivity"] = record.sensitivity
    if "accounting" in changed:
        facts["accounting"] = record.accounting
    if "record_date" in changed and record.record_date is not None:
        facts["dated"] = record.record_date.isoformat()
    return Event(archive.agent, "classified", (f"record:{record.id}",), facts | dict(reason))


def columns_of(record: Record) -> dict[str, Any]:
    """The values that a correction may change, as JSON."""
    return {name: _as_json(getattr(record, name)) for name in KEPT_COLUMNS}


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _question_said(row: Question) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "facts": row.facts,
        "blocking": row.blocking,
        "assigned": row.assigned,
        "raised": row.raised.isoformat(),
    }


def _correction(
    archive: Archive, record: Record, question: Question | None, kind: str, *, now: datetime
) -> Correction:
    last = Correction.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
    return Correction(
        id=archive.new_id(),
        case_id=archive.case_id,
        ordinal=(last or 0) + 1,
        record=record,
        question=question.id if question is not None else "",
        kind=kind,
        agent_id=archive.agent,
        decided=now,
    )


def assign(
    archive: Archive, question_id: str, to: Person | None, *, seen: str | None, today: date, clock: Clock
) -> None:
    """Give an open question to somebody, or back to everybody.

    Raises:
        QuestionUnknown, DecidedMeanwhile. MayNotAnswer: he has no grant for that record.
    """
    now = clock()
    with transaction.atomic():
        rows = Question.objects.select_for_update(of=("self",)).select_related("record")
        question = rows.filter(case_id=archive.case_id, id=question_id).first()
        if question is None:
            raise QuestionUnknown(matches=0)
        if question.state != "open" or seen not in (None, state_seen(question.record, question)):
            raise DecidedMeanwhile(record=question.record_id)
        if to is not None:
            subject = subject_of(question.record)
            if not decide(to, Act.ANSWER, subject, today=today).allowed:
                raise MayNotAnswer()
        rewrite(archive, [question], assigned=to.agent if to is not None else "")
        objects: Sequence[str] = (f"question:{question.id}", f"record:{question.record_id}")
        given = (f"agent:{to.agent}",) if to is not None else ()
        book.write(
            archive.case_id,
            [Event(archive.agent, "question-assigned", (*objects, *given), {})],
            now=now,
        )


def archive_ready(archive: Archive, records: Sequence[str], *, clock: Clock) -> int:
    """Archive, or send to review, those of these records that nothing holds back; how many that were."""
    return archive_records(archive, progress=Silent(), clock=clock, only=records)
