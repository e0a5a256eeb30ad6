"""How each copy stands, told without any key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kedang.holdings.errors import CopyUnknown
from kedang.holdings.models import Case, Copy
from kedang.preservation.schedules import Care, CarePolicy, CareTimes, Level, standings
from kedang.records.ids import CaseId

if TYPE_CHECKING:
    from kedang.holdings.adapters.copies import CopyStore

ALARMING = (Level.MISSED, Level.NEVER)


@dataclass(frozen=True, slots=True)
class CopyStanding:
    """How one copy stands, told without any key."""

    id: str
    ordinal: int
    kind: str
    level: str
    """Of its backups: good, due, missed or never."""
    verification: str
    drill: str
    next_due: datetime
    last_complete: datetime | None
    last_verified: datetime | None
    last_drilled: datetime | None
    keys: str
    """current, or outstanding: what was destroyed since is unreadable there only when it has been refreshed;
    never: no backup yet."""
    beside_home: bool
    last_code: str
    every_days: int

    @property
    def alarming(self) -> bool:
        """Whether somebody must be told."""
        return self.level in {level.name.lower() for level in ALARMING}

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        return asdict(self) | {"alarming": self.alarming}


def standing_of(row: Copy, *, epoch: int, now: datetime) -> CopyStanding:
    """How a copy stands at an instant."""
    times = CareTimes(row.registered, row.last_complete, row.last_verified, row.last_drilled)
    found = {one.care: one for one in standings(CarePolicy(backup_days=row.every_days), times, now=now)}
    levels = {care: one.level.name.lower() for care, one in found.items()}
    return CopyStanding(
        id=row.id,
        ordinal=row.ordinal,
        kind=row.kind,
        level=levels[Care.BACKUP],
        verification=levels[Care.VERIFICATION],
        drill=levels[Care.DRILL],
        next_due=found[Care.BACKUP].next_due,
        last_complete=row.last_complete,
        last_verified=row.last_verified,
        last_drilled=row.last_drilled,
        keys="never" if not row.ring_epoch else "current" if row.ring_epoch == epoch else "outstanding",
        beside_home=row.beside_home,
        last_code=row.last_code,
        every_days=row.every_days,
    )


def standings_of(case: CaseId, *, now: datetime) -> list[CopyStanding]:
    """How every copy of a case stands, in order."""
    epoch = Case.objects.values_list("epoch", flat=True).get(id=case)
    rows = Copy.objects.filter(case_id=case).order_by("ordinal")
    return [standing_of(row, epoch=epoch, now=now) for row in rows]


def chosen_copy(copies: Sequence[CopyStore], said: str) -> CopyStore:
    """The copy that a person means: by its number, its name, its place, or the first digits of its id.

    Raises:
        CopyUnknown: none, or more than one.
    """
    exact = [one for one in copies if said in (str(one.row.ordinal), one.name, one.address)]
    found = exact or [one for one in copies if len(said) >= 4 and one.id.startswith(said)]
    if len(found) != 1:
        raise CopyUnknown(found=len(found))
    return found[0]
