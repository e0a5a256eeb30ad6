"""How far a case is: what each gate 收集→分类→核对→归档→电子化→备份 still asks for (requirements R4, R5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.models import Gate, Occurrence, Question, Record, Source
from kedang.holdings.queries.comparing import uncompared
from kedang.holdings.queries.copy_standings import standings_of
from kedang.records.ids import CaseId

UNSURE_CLASS = ("KD-G101", "KD-G102", "KD-G103")
"""Questions that leave the class of a record open."""
UNREAD = ("KD-E",)
"""Beginnings of the codes that say something could not be read."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a gate asks for, and how many things fail it."""

    name: str
    failing: int


@dataclass(frozen=True, slots=True)
class GateStanding:
    """How one gate stands."""

    name: str
    checks: tuple[Check, ...]
    closed: datetime | None
    agent: str
    """Who closed it; empty while it is open."""
    skipped: bool

    @property
    def failing(self) -> int:
        """How many things are in the way."""
        return sum(check.failing for check in self.checks)

    @property
    def level(self) -> str:
        """ "closed", "again" (closed, and something came since), "ready" or "waiting"."""
        if self.closed is not None:
            return "again" if self.failing and not self.skipped else "closed"
        return "waiting" if self.failing else "ready"


def gates_of(case: CaseId, *, now: datetime) -> list[GateStanding]:
    """Every gate, in their order."""
    rows = {row.name: row for row in Gate.objects.filter(case_id=case)}
    found = []
    for name, checks in GATES.items():
        row = rows.get(name)
        found.append(
            GateStanding(
                name,
                tuple(checks(case, now)),
                row.closed if row else None,
                row.agent if row else "",
                row.skipped if row else False,
            )
        )
    return found


def _collecting(case: CaseId, _now: datetime) -> Iterator[Check]:
    sources = Source.objects.filter(case_id=case)
    yield Check("no-source", 0 if sources.exists() else 1)
    yield Check("outstanding", sources.filter(state="outstanding").count())
    yield Check("open", Occurrence.objects.filter(case_id=case, state="open").count())


def _classifying(case: CaseId, _now: datetime) -> Iterator[Check]:
    open_now = Question.objects.filter(case_id=case, state="open")
    yield Check("unsure-class", open_now.filter(code__in=UNSURE_CLASS).values("record_id").distinct().count())
    yield Check("unresolved", uncompared(case))


def _checking(case: CaseId, _now: datetime) -> Iterator[Check]:
    open_now = Question.objects.filter(case_id=case, state="open")
    yield Check("blocking", open_now.filter(blocking=True).count())
    yield Check("questions", open_now.filter(blocking=False).exclude(code__in=UNSURE_CLASS).count())


def _archiving(case: CaseId, _now: datetime) -> Iterator[Check]:
    yield Check("unarchived", Record.objects.filter(case_id=case, state__in=("sorting", "review")).count())


def _digitising(case: CaseId, _now: datetime) -> Iterator[Check]:
    yield Check("awaits-ocr", Record.objects.filter(case_id=case, awaits_ocr=True).count())
    open_now = Question.objects.filter(case_id=case, state="open", code__startswith=UNREAD[0])
    yield Check("unread", open_now.values("record_id").distinct().count())


def _backing_up(case: CaseId, now: datetime) -> Iterator[Check]:
    copies = standings_of(case, now=now)
    yield Check("no-copy", 0 if any(not copy.beside_home for copy in copies) else 1)
    yield Check("late-copies", sum(copy.level in ("missed", "never") for copy in copies))


GATES: dict[str, Callable[[CaseId, datetime], Iterator[Check]]] = {
    "collecting": _collecting,
    "classifying": _classifying,
    "checking": _checking,
    "archiving": _archiving,
    "digitising": _digitising,
    "backing-up": _backing_up,
}
"""What each gate asks for, in their order."""
