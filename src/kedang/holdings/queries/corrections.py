"""What persons have decided about a record: old value, new value, reason, person, and what was taken back (R26)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.decisions import open_decision
from kedang.holdings.adapters.guarding import MARKS, require_as_written
from kedang.holdings.models import Correction, Question, Record, Review
from kedang.holdings.queries.people import agent_names

SHOWN_COLUMNS = (
    "record_class",
    "sensitivity",
    "accounting",
    "accounting_kind",
    "record_date",
    "retention_until",
)
"""Values whose change is told; the others follow from them."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One value before and after."""

    column: str
    before: Any = field(repr=False)
    after: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class CorrectionShown:
    """One decision about a record."""

    id: str
    kind: str
    """"accepted", "dismissed" or "corrected"; of a review "review-accepted" or "review-sent-back"."""
    question_code: str
    who: str
    when: datetime
    reason: str = field(repr=False)
    changed: tuple[Changed, ...] = ()
    title: tuple[str, str] | None = field(default=None, repr=False)
    """Old and new title, when it was about that: whoever shows them covers them."""
    facts: tuple[Changed, ...] = ()
    """By kind of fact, old and new value, empty for none: whoever shows them covers them."""
    undone: datetime | None = None
    undone_by: str = ""
    may_undo: bool = False
    """Whether nothing later rests on it."""


def corrections_of(archive: Archive, record: Record) -> tuple[CorrectionShown, ...]:
    """Every correction and review of a record, newest first.

    Raises:
        RowAltered: one of them is not as it was written.
    """
    if record.state == DESTROYED:
        return ()
    names = agent_names(archive)
    rows = list(Correction.objects.filter(case_id=archive.case_id, record=record).order_by("-ordinal"))
    codes = dict(Question.objects.filter(id__in=[row.question for row in rows]).values_list("id", "code"))
    latest = next((row.id for row in rows if row.undone is None), "")
    shown = [_shown(archive, record, row, names, codes, may_undo=row.id == latest) for row in rows]
    reviews = Review.objects.filter(case_id=archive.case_id, record=record)
    shown += [_review(archive, record, row, names) for row in reviews]
    return tuple(sorted(shown, key=lambda one: one.when, reverse=True))


def _shown(
    archive: Archive,
    record: Record,
    row: Correction,
    names: dict[str, str],
    codes: dict[str, str],
    *,
    may_undo: bool,
) -> CorrectionShown:
    require_as_written(MARKS[Correction], archive, row)
    said = open_decision(archive, row, record)
    before, after, described = said["before"], said["after"], said["described"]
    return CorrectionShown(
        id=row.id,
        kind=row.kind,
        question_code=codes.get(row.question, ""),
        who=names.get(row.agent_id, ""),
        when=row.decided,
        reason=said["reason"],
        changed=tuple(
            Changed(name, before[name], after[name]) for name in SHOWN_COLUMNS if before[name] != after[name]
        ),
        title=(described["title"][0], described["title"][1]) if "title" in described else None,
        facts=tuple(Changed(*one) for one in described.get("changes", ())),
        undone=row.undone,
        undone_by=names.get(row.undone_by, ""),
        may_undo=may_undo,
    )


def _review(archive: Archive, record: Record, row: Review, names: dict[str, str]) -> CorrectionShown:
    require_as_written(MARKS[Review], archive, row)
    return CorrectionShown(
        id=row.id,
        kind=f"review-{row.verdict}",
        question_code="",
        who=names.get(row.agent_id, ""),
        when=row.decided,
        reason=open_decision(archive, row, record)["reason"],
    )


def sent_back_reason(archive: Archive, record: Record) -> str:
    """Why the last review has sent the record back; empty when none has."""
    rows = Review.objects.filter(case_id=archive.case_id, record=record, verdict="sent-back")
    last = rows.order_by("-decided").first()
    return str(open_decision(archive, last, record)["reason"]) if last is not None else ""


def sorters_of(archive: Archive, record_ids: list[str]) -> dict[str, set[str]]:
    """Who has decided something about each of these records that still holds: they may not review it.

    The agent that opened the case stands for the machine: what it has done on the command line anybody may review.
    """
    standing = Correction.objects.filter(
        case_id=archive.case_id, record_id__in=record_ids, undone=None, agent__founder=False
    )
    found: dict[str, set[str]] = {}
    for record, agent in standing.values_list("record_id", "agent_id"):
        found.setdefault(record, set()).add(agent)
    return found


def correction_of(case: str, correction_id: str) -> Correction | None:
    """The correction of this id."""
    return Correction.objects.filter(case_id=case, id=correction_id).first()


def review_of(case: str, review_id: str) -> Review | None:
    """The review of this id."""
    return Review.objects.filter(case_id=case, id=review_id).first()
