"""Audits of joins: the one that is open, and what those that have ended say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Audit

PPM_OF_A_PERCENT = 10_000


@dataclass(frozen=True, slots=True)
class PastAudit:
    """One that has ended."""

    number: int
    ended: datetime
    population: int
    sample: int
    wrong: int
    bound_percent: float
    """At most so many of a hundred joins are wrong, with 95 % confidence."""


def open_audit(archive: Archive) -> Audit | None:
    """The sample that is being looked at."""
    return Audit.objects.filter(case_id=archive.case_id, ended=None).first()


def audits(archive: Archive) -> list[PastAudit]:
    """Those that have ended, the last first."""
    rows = Audit.objects.filter(case_id=archive.case_id).exclude(ended=None).order_by("-ordinal")
    return [
        PastAudit(
            row.ordinal,
            row.ended,
            row.population,
            row.facts["sample"],
            row.facts["wrong"],
            row.facts["bound_ppm"] / PPM_OF_A_PERCENT,
        )
        for row in rows
        if row.ended is not None
    ]
