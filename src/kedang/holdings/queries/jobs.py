"""Long work for screens: how far each job is, and what those that are over have found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from kedang.holdings.actions.jobs import UNENDED, outcome_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Job
from kedang.records.ids import CaseId


@dataclass(frozen=True, slots=True)
class ShownJob:
    """One job, with what it found when it is over."""

    id: str
    kind: str
    state: str
    agent: str
    asked: datetime
    began: datetime | None
    ended: datetime | None
    stage: str
    total: int | None
    done: int
    bytes_done: int
    code: str
    stopping: bool
    stage_began: datetime | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict, repr=False)
    ahead: Sequence[str] = ()
    """Kinds of the work that it waits for, the first at work; one of a case is done after the other."""

    @property
    def unended(self) -> bool:
        """Whether it waits or runs."""
        return self.state in UNENDED

    @property
    def percent(self) -> int | None:
        """How far its stage is; None when that cannot be told."""
        return min(100, 100 * self.done // self.total) if self.total else None


def jobs_of(archive: Archive, kinds: Iterable[str], *, most: int) -> list[ShownJob]:
    """The latest jobs of these kinds, newest first."""
    rows = Job.objects.filter(case_id=archive.case_id, kind__in=list(kinds)).order_by("-asked", "-id")
    return [_shown(archive, row) for row in rows[:most]]


def job_with_id(archive: Archive, job_id: str) -> ShownJob | None:
    """One job of the case."""
    row = Job.objects.filter(case_id=archive.case_id, id=job_id).first()
    return _shown(archive, row) if row is not None else None


def last_ended(archive: Archive, kind: str) -> ShownJob | None:
    """The job of this kind that ended last, and found something."""
    rows = Job.objects.filter(case_id=archive.case_id, kind=kind, state="done").order_by("-ended")
    row = rows.first()
    return _shown(archive, row) if row is not None else None


def underway(case: CaseId, kinds: Iterable[str]) -> bool:
    """Whether a job of one of these kinds waits or runs."""
    return Job.objects.filter(case_id=case, kind__in=list(kinds), state__in=UNENDED).exists()


def failed_since(case: CaseId, since: datetime) -> list[tuple[str, str, str]]:
    """Id, kind and code of the jobs that failed and after which none of their kind has ended well."""
    rows = Job.objects.filter(case_id=case, state__in=("failed", "done"), ended__gte=since)
    latest: dict[str, tuple[str, str, str, str]] = {}
    for one in rows.order_by("ended", "id").values_list("kind", "id", "code", "state"):
        latest[one[0]] = one
    return [(job, kind, code) for kind, job, code, state in latest.values() if state == "failed"]


def _shown(archive: Archive, row: Job) -> ShownJob:
    return ShownJob(
        id=row.id,
        kind=row.kind,
        state=row.state,
        agent=row.agent,
        asked=row.asked,
        began=row.began,
        ended=row.ended,
        stage=row.stage,
        total=row.total,
        done=row.done,
        bytes_done=row.bytes_done,
        code=row.code,
        stopping=row.stop and row.state == "running",
        stage_began=row.stage_began,
        outcome=outcome_of(archive, row),
        ahead=_ahead_of(row) if row.state == "waiting" else (),
    )


def _ahead_of(row: Job) -> Sequence[str]:
    before = Q(asked__lt=row.asked) | Q(asked=row.asked, id__lt=row.id)
    rows = Job.objects.filter(Q(state="running") | Q(before, state="waiting"), case_id=row.case_id)
    running_first = rows.order_by("state", "asked", "id")
    return list(running_first.values_list("kind", flat=True))
