"""Who saw what: every event that says something of a record was shown, found, revealed, opened or taken away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, require_as_written
from kedang.holdings.models import Reveal
from kedang.holdings.queries.ledger_events import RECORD, Wanted, events, reference_codes
from kedang.holdings.queries.locating import find_record
from kedang.holdings.queries.people import agent_names
from kedang.ledger.leaves import Leaf

if TYPE_CHECKING:  # numpy takes long to load, and commands do not need it
    from kedang.holdings.adapters.kept_ledger import KeptLedger

SEEING = ("shown", "revealed", "searched", "exported")
SHOWN = 500
"""Most lines on the page; the export has all."""
DAY_BEGINS, DAY_ENDS = 7, 21  # hours of the case's time zone; work outside them stands out
MANY_REVEALED = 20  # in one day by one person


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; empty for everything."""

    agent: str = ""
    record: str = ""
    """As a person writes it: 档号, id or its beginning."""
    since: datetime | None = None
    until: datetime | None = None
    act: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event."""

    n: int
    when: datetime
    """In the case's time zone."""
    agent: str
    act: str
    codes: tuple[str, ...]
    """档号 of its records where they have one, else the beginning of their ids."""
    records: int
    facts: dict[str, Any]
    reason: str
    """Why covered values were shown; empty for other acts."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """What an auditor should look at."""

    kind: str
    """ "many-revealed" or "out-of-hours"."""
    agent: str
    day: str
    count: int


def who_saw(
    archive: Archive, asked: Asked, *, limit: int | None = SHOWN, kept: KeptLedger | None = None
) -> list[Seen]:
    """The events, the latest first.

    Raises:
        RecordUnknown: there is no such record.
    """
    record = find_record(archive, asked.record).id if asked.record else None
    wanted = [
        Wanted(
            since=asked.since,
            until=asked.until,
            act=act,
            actor=asked.agent or None,
            record=record,
            limit=limit or 1 << 40,
        )
        for act in ((asked.act,) if asked.act in SEEING else SEEING)
    ]
    leaves = sorted(
        (leaf for one in wanted for leaf in events(archive.case_id, one, kept)), key=lambda leaf: -leaf.n
    )[:limit]
    codes, reasons = reference_codes(archive.case_id, leaves), _reasons(archive, leaves)
    zone = ZoneInfo(archive.case.time_zone)
    return [_seen(leaf, codes, reasons, zone) for leaf in leaves]


def _seen(leaf: Leaf, codes: dict[str, str], reasons: dict[str, str], zone: ZoneInfo) -> Seen:
    ids = [one.removeprefix(RECORD) for one in leaf.event.objects if one.startswith(RECORD)]
    facts = dict(leaf.event.facts)
    return Seen(
        leaf.n,
        leaf.time.astimezone(zone),
        leaf.event.actor,
        leaf.event.act,
        tuple(codes.get(one, one[:12]) for one in ids),
        len(ids),
        facts,
        reasons.get(str(facts.get("reason", "")), ""),
    )


def _reasons(archive: Archive, leaves: Sequence[Leaf]) -> dict[str, str]:
    """The words of reasons by their commitment."""
    named = {str(leaf.event.facts["reason"]) for leaf in leaves if leaf.event.facts.get("reason")}
    found: dict[str, str] = {}
    if named:
        key = archive.case_key()
        for row in Reveal.objects.filter(case_id=archive.case_id).iterator():
            if row.commitment in named:
                require_as_written(MARKS[Reveal], archive, row)
                said = archive.open(key, row.id, "reveal.sealed", row.sealed)
                found[row.commitment] = str(said["reason"])
    return found


def unusual(archive: Archive, asked: Asked, *, kept: KeptLedger | None = None) -> list[Unusual]:
    """Days on which somebody revealed many values, or saw something outside working hours."""
    revealed: Counter[tuple[str, str]] = Counter()
    late: Counter[tuple[str, str]] = Counter()
    for seen in who_saw(archive, asked, limit=None, kept=kept):
        key = (seen.agent, seen.when.date().isoformat())
        revealed[key] += seen.act == "revealed"
        late[key] += not DAY_BEGINS <= seen.when.hour < DAY_ENDS
    found = [Unusual("many-revealed", *key, n) for key, n in revealed.items() if n >= MANY_REVEALED]
    found += [Unusual("out-of-hours", *key, n) for key, n in late.items() if n]
    return sorted(found, key=lambda one: (one.day, one.count), reverse=True)


def seen_by(archive: Archive) -> dict[str, str]:
    """The names of everybody who acts in the case, by id."""
    return agent_names(archive)
