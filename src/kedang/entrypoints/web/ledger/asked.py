"""Which events somebody asks for: days, act, person, record, customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from kedang.entrypoints.web.desk import Desk
from kedang.holdings.queries.ledger_events import Wanted
from kedang.holdings.queries.locating import find_customer, find_record
from kedang.ledger.schema import acts
from kedang.records.errors import KedangError

FIELDS = ("act", "who", "record", "customer", "since", "until")


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as it was typed, and as the query takes it."""

    given: Mapping[str, str]
    wanted: Wanted = field(default_factory=Wanted)
    code: str = ""
    """Why a part of it names nothing."""

    @property
    def filtered(self) -> bool:
        """Whether anything is asked for."""
        return any(self.given.values())

    @property
    def query(self) -> str:
        """The same for an address: ids, numbers and days only."""
        return urlencode({name: value for name, value in self.given.items() if value})


def asked(desk: Desk, form: Mapping[str, str]) -> Asked:
    """What a form asks for. What it names that is not there is told by its code, and nothing is found."""
    given = {name: form.get(name, "").strip()[:80] for name in FIELDS}
    before = form.get("before", "")
    try:
        wanted = Wanted(
            since=_day(desk, given["since"]),
            until=_day(desk, given["until"], days=1),
            act=given["act"] if given["act"] in acts() else None,
            actor=given["who"] or None,
            record=find_record(desk.archive, given["record"]).id if given["record"] else None,
            customer=_customer(desk, given["customer"]),
            before=int(before) if before.isdecimal() else None,
        )
    except KedangError as error:
        return Asked(given, Wanted(before=0), error.code)
    return Asked(given, wanted)


def _customer(desk: Desk, said: str) -> str | None:
    if not said:
        return None
    return find_customer(desk.archive, int(said)) if said.isdecimal() else said


def _day(desk: Desk, said: str, *, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(said) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), desk.time_zone)
