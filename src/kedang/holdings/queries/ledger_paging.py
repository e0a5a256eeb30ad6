"""What the ledger page shows: the verdict, the latest events, and the words for who and what."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.names import case_name
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.models import Agent
from kedang.holdings.queries.ledger_events import Wanted, events, reference_codes, told
from kedang.holdings.queries.ledger_proving import verification_key
from kedang.holdings.queries.ledger_verifying import LedgerVerdict, verify_case_ledger
from kedang.ledger.errors import (
    HeadNotExtending,
    LeafMalformed,
    OriginMismatch,
    SignatureInvalid,
    SignerMissing,
)

EVENTS_SHOWN = 5_000  # on the page; the CSV export has all


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Everything on the page."""

    case_name: str
    fonds: str
    made_at: datetime
    """In the case's time zone."""
    verdict: LedgerVerdict
    verification_key: str
    events: tuple[dict[str, Any], ...]
    """The latest first, as `told` gives them; `moment` is the time in the case's time zone."""
    agents: dict[str, str]
    """Names by id."""


def page_data(archive: Archive, *, now: datetime) -> LedgerPage:
    """The page's content. The ledger's head is signed for it, if it may be; then everything is verified."""
    with suppress(HeadNotExtending, SignerMissing, SignatureInvalid, OriginMismatch):
        sign_head(archive, now=now)  # what stands against it is in the verdict
    verdict = verify_case_ledger(archive, now=now)
    zone = ZoneInfo(archive.case.time_zone)
    return LedgerPage(
        case_name=case_name(archive),
        fonds=archive.case.fonds_code,
        made_at=now.astimezone(zone),
        verdict=verdict,
        verification_key=str(verification_key(archive)),
        events=tuple(_shown(archive, zone)),
        agents=agent_names(archive),
    )


def _shown(archive: Archive, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The latest events; where one was altered, those after it."""
    leaves = []
    with suppress(LeafMalformed):  # the verdict says so in red
        for leaf in events(archive.case_id, Wanted(limit=EVENTS_SHOWN)):
            leaves.append(leaf)
    codes = reference_codes(archive.case_id, leaves)
    return [told(leaf, codes) | {"moment": leaf.time.astimezone(zone)} for leaf in leaves]


def agent_names(archive: Archive) -> dict[str, str]:
    """The names of those who act."""
    key = archive.case_key()
    return {
        row.id: str(archive.open(key, row.id, "agent.sealed", row.sealed)["name"])
        for row in Agent.objects.filter(case_id=archive.case_id)
    }
