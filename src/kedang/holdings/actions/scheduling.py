"""Backups and fixity checks that are due, asked for by themselves: the door's own process looks every minute.

Nothing here destroys: a timer only copies, reads back and tells.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from kedang.holdings.actions.jobs import UNENDED, ask_for
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.models import Agent, Copy, FixityRound, Job
from kedang.holdings.people_errors import JobRunning
from kedang.holdings.queries.copy_standings import CopyStanding, standings_of
from kedang.records.ids import AgentId

AGAIN_AFTER = timedelta(
    hours=1
)  # after an attempt that failed; a disk that is away is not asked every minute
FIXITY_EVERY = timedelta(hours=24)  # a slice of the round each day
FIXITY_SLICE = {"megabytes_per_second": 20.0, "minutes": 5.0}  # leaves disk and processor to people
SERVICE_NAME = "定时任务"


def service_agent(archive: Archive) -> AgentId:
    """The agent of what is done by schedule, not by a person."""
    with transaction.atomic():
        known = Agent.objects.filter(case_id=archive.case_id, kind="service").order_by("id").first()
        if known is None:
            known = Agent(id=archive.new_id(), case_id=archive.case_id, kind="service")
            known.sealed = archive.seal(archive.case_key(), known.id, "agent.sealed", {"name": SERVICE_NAME})
            guarded(archive, known).save(force_insert=True)
    return AgentId(known.id)


def is_due(standing: CopyStanding) -> bool:
    """Whether a copy is to be brought up to date, or read back, now."""
    return (
        standing.level != "good"
        or standing.verification != "good"
        or standing.keys == "outstanding"
        or bool(standing.last_code)
    )


def ask_for_due(archive: Archive, *, now: datetime) -> list[str]:
    """The kinds of work that were due and are asked for now, in the name of the service."""
    asked = []
    due = [one.id for one in standings_of(archive.case_id, now=now) if is_due(one)]
    if due and not _tried(archive, "backup", max(now - AGAIN_AFTER, _newest(due))):
        asked += _ask(archive, "backup", {"copies": due, "due": True}, now)
    if not _tried(archive, "fixity", now - FIXITY_EVERY) and not _fresh_round(archive, now):
        asked += _ask(archive, "fixity", dict(FIXITY_SLICE), now)
    return asked


def _ask(archive: Archive, kind: str, wanted: dict[str, object], now: datetime) -> list[str]:
    if Job.objects.filter(case_id=archive.case_id, state__in=UNENDED).exists():
        return []  # what people asked for goes first
    archive.agent = service_agent(archive)
    try:
        ask_for(archive, kind, wanted, now=now)
    except JobRunning:
        return []
    return [kind]


def _tried(archive: Archive, kind: str, since: datetime) -> bool:
    return Job.objects.filter(case_id=archive.case_id, kind=kind, asked__gt=since).exists()


def _newest(copies: list[str]) -> datetime:
    """When the newest of these copies was registered: what was tried before cannot have been meant for it."""
    return max(Copy.objects.filter(id__in=copies).values_list("registered", flat=True))


def _fresh_round(archive: Archive, now: datetime) -> bool:
    """Whether the last round ended so lately that the next may wait."""
    last = FixityRound.objects.filter(case_id=archive.case_id).order_by("-number").first()
    return last is not None and last.finished is not None and now - last.finished < timedelta(days=30)
