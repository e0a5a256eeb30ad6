"""How a case stands, told without any key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractYear

from kedang.holdings.actions.unlocking import Secrets, opened_by, which_case
from kedang.holdings.adapters.book import head_of
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.models import FixityRound, LedgerHead, Record
from kedang.holdings.queries.balance import Balance, balance_of
from kedang.holdings.queries.copy_standings import standings_of
from kedang.holdings.queries.keys import locked_keys_status
from kedang.ledger.checkpoints import Checkpoint, origin_of
from kedang.ledger.short_codes import short_code
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId

END_OF_DAY = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """A registered copy, without its name or address."""

    number: int
    kind: str
    ring_current: bool
    """It is known to hold the key pages of this epoch and no older ones."""
    last_complete: datetime | None
    last_verified: datetime | None
    last_code: str
    """Why the last attempt failed; empty when it did not."""
    level: str
    """Of its backups: good, due, missed or never; the last two are alarms."""
    beside_home: bool
    """On the same disk as the home."""


@dataclass(frozen=True, slots=True)
class ShownRound:
    """A fixity round that is over."""

    number: int
    began: datetime
    finished: datetime
    objects: int
    damages: int


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """The balance, what is due, the ledger's head, and how keys and copies are kept."""

    fonds_code: str
    locked: bool
    """Nothing that is offered or kept on this computer opens it."""
    opens_by: str | None
    """The kind of slot that would open it now."""
    balance: Balance
    archived: int
    destroyed: int
    """Records whose keys have ended; the balance still counts them."""
    due: int
    """Archived records whose period is over: to be appraised, never destroyed by the clock."""
    due_by_year: dict[int, int]
    """Archived records by the year in which their period ends."""
    permanent: int
    ledger_size: int
    ledger_head: str
    """The short code of the head, to be compared with what outsiders hold."""
    sheet_places: int
    keys_level: str
    """green, yellow or red; `kedang keys` says why."""
    keys_next: tuple[str, ...]
    unattended: bool
    copies: tuple[ShownCopy, ...]
    last_round: ShownRound | None
    """The last fixity round that is over; None while there was none."""

    def to_json(self) -> dict[str, Any]:
        """The status for a program."""
        return asdict(self) | {"balance_holds": self.balance.holds}


def status_of(fonds_code: str | None, places: KeyPlaces, *, offered: Secrets, today: date) -> CaseStatus:
    """How the case stands today."""
    case = which_case(fonds_code)
    case_id = CaseId(case.id)
    archived = Record.objects.filter(case_id=case_id, state="archived")
    opens_by = opened_by(fonds_code, places, offered)
    sheet_places, level, following = _keys(fonds_code, places, case_id)
    size, head = head_told(case_id)
    return CaseStatus(
        fonds_code=case.fonds_code,
        locked=opens_by is None,
        opens_by=opens_by,
        balance=balance_of(case_id),
        archived=archived.count(),
        destroyed=Record.objects.filter(case_id=case_id, state=DESTROYED).count(),
        due=archived.filter(retention_kind="until", retention_until__lt=today).count(),
        due_by_year=_by_year(case_id),
        permanent=archived.filter(retention_kind="permanent").count(),
        ledger_size=size,
        ledger_head=head,
        sheet_places=sheet_places,
        keys_level=level,
        keys_next=following,
        unattended=bool(places.read_secrets(case_id)),
        copies=tuple(_copies(case_id, today)),
        last_round=_last_round(case_id),
    )


def _keys(fonds_code: str | None, places: KeyPlaces, case_id: CaseId) -> tuple[int, str, tuple[str, ...]]:
    """Places that hold a sheet, the level, and what to do; red when no sheet is reached that can be read."""
    try:
        found = locked_keys_status(fonds_code, places)
    except KedangError:
        sheets = [one for one in places.found(case_id) if one.sheet is not None]
        return len(sheets), "red", ("connect",)
    return len(places.read_sheets(case_id)), found.level, found.next_steps


def _last_round(case_id: CaseId) -> ShownRound | None:
    row = FixityRound.objects.filter(case_id=case_id).exclude(finished=None).order_by("-number").first()
    if row is None or row.finished is None:
        return None
    return ShownRound(row.number, row.began, row.finished, row.objects_checked, row.damages)


def _by_year(case_id: CaseId) -> dict[int, int]:
    due = Record.objects.filter(case_id=case_id, state="archived", retention_kind="until")
    years = due.annotate(year=ExtractYear("retention_until")).values_list("year")
    return dict(years.annotate(count=Count("id")).order_by("year"))


def head_told(case_id: CaseId) -> tuple[int, str]:
    """How many entries the ledger has, and the short code of its head."""
    row = LedgerHead.objects.get(case_id=case_id)
    head = head_of(row)
    return row.size, str(short_code(Checkpoint(origin_of(case_id, row.generation), head.size, head.root)))


def _copies(case: CaseId, today: date) -> list[ShownCopy]:
    return [
        ShownCopy(
            number=one.ordinal,
            kind=one.kind,
            ring_current=one.keys == "current",
            last_complete=one.last_complete,
            last_verified=one.last_verified,
            last_code=one.last_code,
            level=one.level,
            beside_home=one.beside_home,
        )
        for one in standings_of(case, now=datetime.combine(today, END_OF_DAY))
    ]
