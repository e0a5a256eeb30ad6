"""Long work that was asked for: queued, taken up by one process, told how far it is, ended.

Every kind of work resumes what is there, so a job whose process died is simply begun again. After ATTEMPTS deaths
it is given up with a code; what was committed stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.processes import has_died, this_process
from kedang.holdings.models import Job
from kedang.holdings.people_errors import JobLost, JobRunning, JobStopped

ATTEMPTS = 3
TOLD_SECONDS = 0.5  # how often a running job writes how far it is
UNENDED = ("waiting", "running")


def ask_for(
    archive: Archive, kind: str, wanted: Mapping[str, Any], *, now: datetime, once: bool = True
) -> Job:
    """A new job that waits for its turn.

    Raises:
        JobRunning: with `once`, when one of this kind is waiting or running.
    """
    job = Job(
        id=archive.new_id(),
        case_id=archive.case_id,
        kind=kind,
        state="waiting",
        agent=archive.agent,
        asked=now,
    )
    job.sealed = archive.seal(archive.case_key(), job.id, "job.sealed", wanted)
    with transaction.atomic():
        there = Job.objects.filter(case_id=archive.case_id, kind=kind, state__in=UNENDED).first()
        if once and there is not None:
            raise JobRunning(job=there.id)
        job.save(force_insert=True)
    return job


def wanted_of(archive: Archive, job: Job) -> dict[str, Any]:
    """What was asked for."""
    return archive.open(archive.case_key(), job.id, "job.sealed", job.sealed)


def begin_again(case_id: str, job_id: str, *, now: datetime) -> None:
    """A job that was stopped or has failed waits for its turn again, and goes on where it was; others stay as they are."""
    ended = Job.objects.filter(case_id=case_id, id=job_id, state__in=("stopped", "failed"))
    ended.update(state="waiting", stop=False, asked=now, ended=None, code="", attempts=0, outcome=b"")


def outcome_of(archive: Archive, job: Job) -> dict[str, Any]:
    """What it found; nothing before its end."""
    if not job.outcome:
        return {}
    return archive.open(archive.case_key(), job.id, "job.outcome", job.outcome)


def return_dead(case_id: str, *, now: datetime) -> None:
    """Jobs whose process is no more wait again; those that have died too often have failed."""
    for job in Job.objects.filter(case_id=case_id, state="running"):
        if has_died(job.process):
            given_up = job.attempts >= ATTEMPTS
            values = (
                {"state": "failed", "ended": now, "code": JobLost.code} if given_up else {"state": "waiting"}
            )
            Job.objects.filter(id=job.id, state="running", process=job.process).update(**values)


def next_waiting(case_id: str) -> Job | None:
    """The job that has waited longest."""
    return Job.objects.filter(case_id=case_id, state="waiting").order_by("asked", "id").first()


def take_up(job_id: str, *, now: datetime) -> Job | None:
    """The job, for this process alone; None when another one has it, or it was stopped meanwhile."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(id=job_id, state="waiting").first()
        if job is None:
            return None
        job.state, job.process, job.began = "running", this_process(), job.began or now
        job.attempts += 1
        job.save(update_fields=["state", "process", "began", "attempts"])
    return job


def end(
    archive: Archive, job: Job, *, now: datetime, outcome: Mapping[str, Any] | None, code: str = ""
) -> None:
    """The job is over: with what it found, or with the code of what went wrong."""
    job.ended, job.code = now, code
    job.state = "stopped" if code == JobStopped.code else "failed" if code else "done"
    if outcome is not None:
        job.outcome = archive.seal(archive.case_key(), job.id, "job.outcome", outcome)
    job.save(update_fields=["ended", "code", "state", "outcome"])


def ask_to_stop(case_id: str, job_id: str, *, now: datetime) -> None:
    """A waiting job stops at once, a running one after the transaction it is in."""
    jobs = Job.objects.filter(case_id=case_id, id=job_id)
    if not jobs.filter(state="waiting").update(state="stopped", ended=now, code=JobStopped.code):
        jobs.filter(state="running").update(stop=True)


class JobProgress:
    """Writes how far a job is into its row, a few times a second at most."""

    watched = True

    def __init__(self, job: Job, *, clock: Callable[[], datetime], ticks: Callable[[], float]) -> None:
        self._rows = Job.objects.filter(id=job.id)
        self._clock, self._ticks = clock, ticks
        self._done = self._bytes = 0
        self._told = 0.0

    def stage(self, name: str, total: int | None) -> None:
        """A new stage."""
        self._done = self._bytes = 0
        self._rows.update(stage=name, total=total, done=0, bytes_done=0, stage_began=self._clock())
        self._require_wanted()

    def advance(self, things: int, size_bytes: int) -> None:
        """So many things and bytes more."""
        self._done += things
        self._bytes += size_bytes
        if self._ticks() - self._told >= TOLD_SECONDS:
            self._told = self._ticks()
            self._rows.update(done=self._done, bytes_done=self._bytes)
            self._require_wanted()

    def _require_wanted(self) -> None:
        if self._rows.filter(stop=True).exists():
            raise JobStopped()
