"""How a case stands, told without any key."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from kedang.holdings.actions.cases import which_case
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.models import LedgerHead, Record
from kedang.holdings.queries.balance import Balance, balance_of
from kedang.records.ids import CaseId


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """The balance, what is due, and how the keys are kept."""

    fonds_code: str
    balance: Balance
    archived: int
    due: int
    """Archived records whose period is over: to be appraised, never destroyed by the clock."""
    permanent: int
    ledger_size: int
    sheet_places: int
    unattended: bool

    def to_json(self) -> dict[str, Any]:
        """The status for a program."""
        return asdict(self) | {"balance_holds": self.balance.holds}


def status_of(fonds_code: str | None, places: KeyPlaces, *, today: date) -> CaseStatus:
    """How the case stands today."""
    case = which_case(fonds_code)
    case_id = CaseId(case.id)
    archived = Record.objects.filter(case_id=case_id, state="archived")
    return CaseStatus(
        fonds_code=case.fonds_code,
        balance=balance_of(case_id),
        archived=archived.count(),
        due=archived.filter(retention_kind="until", retention_until__lt=today).count(),
        permanent=archived.filter(retention_kind="permanent").count(),
        ledger_size=LedgerHead.objects.get(case_id=case_id).size,
        sheet_places=len(places.read_sheets(case_id)),
        unattended=places.read_secret(case_id) is not None,
    )
