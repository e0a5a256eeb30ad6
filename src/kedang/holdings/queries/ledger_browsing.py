"""The ledger page by page: events that are asked for, by cursor, and the signed heads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kedang.holdings.models import Checkpoint as CheckpointRow
from kedang.holdings.models import LedgerHead, Witness
from kedang.holdings.queries.ledger_events import Wanted, events, leaf_bytes, reference_codes, told
from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import LeafMalformed
from kedang.ledger.leaves import Leaf, read_leaf
from kedang.ledger.notes import split_note
from kedang.ledger.short_codes import ShortCode, short_code
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId

if TYPE_CHECKING:  # numpy takes long to load, and commands do not need it
    from kedang.holdings.adapters.kept_ledger import KeptLedger

AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Some events, the latest first, and where the next page begins."""

    events: tuple[dict[str, Any], ...]
    """As `told` gives them; `moment` is the time in the case's time zone."""
    following: int | None
    """Cursor of the next page; None when this is the last one."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head that was signed."""

    size: int
    signed: datetime
    code: ShortCode | None
    """None when the note cannot be read."""
    stamped: datetime | None
    """When an authority says that it saw it."""


def events_page(
    case: CaseId, wanted: Wanted, zone: ZoneInfo, *, most: int, kept: KeptLedger | None = None
) -> EventsPage:
    """The latest events that are asked for; where one was altered, those after it."""
    found: list[Leaf] = []
    with suppress(LeafMalformed):  # verification says so in red
        found.extend(events(case, replace(wanted, limit=most + 1), kept))
    some = found[:most]
    return EventsPage(tuple(_shown(case, some, zone)), some[-1].n if len(found) > most and some else None)


def event_numbered(case: CaseId, n: int, zone: ZoneInfo) -> dict[str, Any]:
    """One event.

    Raises:
        OutOfRange: there is none of this number.
    """
    return next(iter(_shown(case, [read_leaf(leaf_bytes(case, n))], zone)))


def exported_events(
    case: CaseId, wanted: Wanted, zone: ZoneInfo, *, kept: KeptLedger | None = None
) -> Iterator[dict[str, Any]]:
    """Every event that is asked for, in order, some thousands in memory at a time."""
    some: list[Leaf] = []
    for leaf in events(case, replace(wanted, limit=None), kept):
        some.append(leaf)
        if len(some) == AT_A_TIME:
            yield from _shown(case, some, zone)
            some = []
    yield from _shown(case, some, zone)


def ledger_size(case: CaseId) -> int:
    """How many events there are."""
    size: int = LedgerHead.objects.values_list("size", flat=True).get(case_id=case)
    return size


def signed_heads(case: CaseId, *, most: int) -> list[SignedHead]:
    """The heads that were signed last, newest first."""
    stamps = dict(Witness.objects.filter(case_id=case).order_by("-time").values_list("size", "time"))
    rows = CheckpointRow.objects.filter(case_id=case).order_by("-size")[:most]
    return [SignedHead(row.size, row.signed, _code(row.note), stamps.get(row.size)) for row in rows]


def _code(note: str) -> ShortCode | None:
    try:
        return short_code(Checkpoint.parse(split_note(note)[0]))
    except KedangError:
        return None


def _shown(case: CaseId, leaves: list[Leaf], zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    codes = reference_codes(case, leaves)
    for leaf in leaves:
        yield told(leaf, codes) | {"moment": leaf.time.astimezone(zone)}
