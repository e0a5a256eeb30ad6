"""Whether this computer's clock may be believed; `kedang.ledger.clocks` says why and by what."""

from __future__ import annotations

from datetime import datetime

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import ClockDoubtful
from kedang.holdings.models import LedgerHead
from kedang.holdings.queries.ledger_verifying import latest_witnessed_time
from kedang.ledger.clocks import against


def require_clock(archive: Archive, *, now: datetime) -> None:
    """Nothing when no entry of the ledger and no time-stamp speaks against the clock.

    Raises:
        ClockDoubtful: `against` says what speaks against it, an `Against`.
        RowAltered, TimestampRefused, TimestampInvalid: the latest time-stamp is not what the authority gave.
    """
    last = LedgerHead.objects.get(case_id=archive.case_id).last_time
    found = against(now, last=last, witnessed=latest_witnessed_time(archive))
    if found is not None:
        raise ClockDoubtful(against=found.value)
