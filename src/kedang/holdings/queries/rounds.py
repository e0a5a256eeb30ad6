"""How far the fixity rounds of a case have come, told without any key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kedang.holdings.models import FixityCheck, FixityRound
from kedang.records.ids import CaseId


@dataclass(frozen=True, slots=True)
class RoundStanding:
    """The last fixity round, over or not."""

    number: int
    began: datetime
    finished: datetime | None
    objects: int
    bytes: int
    damages: int
    damaged: int
    """Things that were found damaged when they were last looked at."""


def last_round(case: CaseId) -> RoundStanding | None:
    """The round that is open, else the last one; None before the first."""
    row = FixityRound.objects.filter(case_id=case).order_by("-number").first()
    if row is None:
        return None
    damaged = FixityCheck.objects.filter(case_id=case).exclude(code="").count()
    return RoundStanding(
        row.number, row.began, row.finished, row.objects_checked, row.bytes_checked, row.damages, damaged
    )
