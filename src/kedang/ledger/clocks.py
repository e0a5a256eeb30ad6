"""Whether a clock may be believed, as far as a ledger can tell: asked before anything is destroyed.

A destruction rests on what day it is: that a period is over, that no hold came before the order, when the
certificate says that it was done. Nobody here can prove that a clock is right; three things show that it is wrong:

1. It is behind the ledger's last entry. Either it was set back, to date an order before something that stands in
   the ledger already, or it was ahead when that entry was written, as when somebody wanted a period to be over.
   The ledger's own time never goes back, so it would hide the jump. A battery that died is found here as well.
2. It is behind a time-stamp of an authority outside. Clock, ledger and database are all in the hands of whoever
   has the computer: he can bring back an older home and set the clock to fit it. He cannot date an authority's
   time-stamp back.

3. It was ahead of the latest time-stamp when that was given, as when somebody wants a period to be over today.

Without an authority a clock that runs ahead contradicts nothing. It is found when it is set right again, by the first
rule; the ledger's time stays ahead then, and a fresh time-stamp takes its place: an authority has just said what time
it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

ORDINARY = timedelta(seconds=60)
"""Clocks of several computers differ and are corrected by so little; leases of keys are as long."""
FRESH = timedelta(hours=1)
"""How long a time-stamp vouches for the clock in the ledger's place."""


class Against(StrEnum):
    """What speaks against the clock."""

    LEDGER = "ledger"
    """An entry is later."""
    WITNESS = "witness"
    """A time-stamp is later."""
    AHEAD = "ahead"
    """The clock was later than the latest time-stamp when that came."""


@dataclass(frozen=True, slots=True)
class WitnessedTime:
    """What an authority said of the time, and what the clock said when its answer came."""

    time: datetime
    clock: datetime


def against(now: datetime, *, last: datetime, witnessed: WitnessedTime | None) -> Against | None:
    """What speaks against a clock that says `now`; None when nothing does.

    `last` is the time of the ledger's last entry, `witnessed` the latest time-stamp.
    """
    if witnessed is not None and now < witnessed.time - ORDINARY:
        return Against.WITNESS
    if witnessed is not None and witnessed.clock > witnessed.time + ORDINARY:
        return Against.AHEAD
    vouched = witnessed is not None and now - witnessed.time <= FRESH
    return Against.LEDGER if now < last - ORDINARY and not vouched else None
