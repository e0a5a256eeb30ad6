"""Whether the ledger is whole, and since when that is proven: checked now when it is small, else as it was last checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kedang.entrypoints.web.desk import Desk
from kedang.holdings.queries.jobs import last_ended
from kedang.holdings.queries.ledger_browsing import ledger_size
from kedang.holdings.queries.ledger_verifying import verify_case_ledger

CHECKED_AT_ONCE = 5_000
"""Entries; more are checked as a job."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict and when it was reached; none was reached yet where `verdict` is empty."""

    size: int
    verdict: Mapping[str, Any]
    checked: datetime | None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def newer(self) -> int:
        """Entries that have come since."""
        return max(0, self.size - int(self.verdict.get("size", 0)))


def standing(desk: Desk) -> Standing:
    """How the ledger of the case stands."""
    size = ledger_size(desk.archive.case_id)
    if size <= CHECKED_AT_ONCE:
        return of_verdict(size, verify_case_ledger(desk.archive, now=desk.now()).to_json(), desk.now())
    job = last_ended(desk.archive, "verify-ledger")
    return of_verdict(size, job.outcome, job.ended) if job is not None else Standing(size, {}, None)


def of_verdict(size: int, verdict: Mapping[str, Any], checked: datetime | None) -> Standing:
    """A verdict as the pages show it."""
    return Standing(size, verdict, checked, _time(verdict["since"]), _time(verdict["proven_time"]))


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None
