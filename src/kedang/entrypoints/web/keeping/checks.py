"""Checks of everything that is stored: verification, fixity rounds, mending from copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask, latest
from kedang.holdings.queries.jobs import ShownJob, last_ended
from kedang.holdings.queries.ledger_events import codes_of_records
from kedang.holdings.queries.rounds import last_round

FAULTS_SHOWN = 100
RECORDS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ShownFault:
    """Something wrong, with the records that it concerns by their reference codes, as far as they may be named."""

    code: str
    name: str
    records: Sequence[tuple[str, str]]
    """Id and how it is called; only of records that the person may list."""
    count: int
    copies: Sequence[int]
    """Numbers of the copies that could mend it."""


@page(Act.KEEP_COPIES)
@require_GET
def checks(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the last checks found, and what to do about it."""
    verified, fixity = last_ended(desk.archive, "verify"), last_ended(desk.archive, "fixity")
    shown = {
        "job": latest(desk, "verify", "fixity"),
        "verified": verified,
        "faults": _faults(desk, verified),
        "fixity": fixity,
        "fixity_faults": _faults(desk, fixity),
        "round": last_round(desk.archive.case_id),
        "healed_count": len(verified.outcome.get("healed", ())) if verified else 0,
        "may_keys": desk.may(Act.HOLD_KEYS),
    }
    return render(request, "keeping/checks.html", shown)


def _faults(desk: Desk, job: ShownJob | None) -> list[ShownFault]:
    found: Sequence[Mapping[str, Any]] = job.outcome.get("faults", ())[:FAULTS_SHOWN] if job else ()
    named = [record for one in found for record in one["records"][:RECORDS_SHOWN]]
    codes = codes_of_records(desk.records(Act.LIST), named)
    return [
        ShownFault(
            code=one["code"],
            name=one["object"] or one["subject"],
            records=[(record, codes[record]) for record in one["records"][:RECORDS_SHOWN] if record in codes],
            count=len(one["records"]),
            copies=one["copies"],
        )
        for one in found
    ]


@page(Act.KEEP_COPIES)
@require_POST
def verify(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Check everything, as a job; every byte, or with mending, when that is asked for."""
    given = request.POST
    return ask(desk, "verify", {"deep": given.get("deep") == "1", "heal": given.get("heal") == "1"})


@page(Act.KEEP_COPIES)
@require_POST
def go_on(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Go on with the fixity round, as a job that leaves room for others."""
    slow = request.POST.get("pace") != "fast"
    return ask(desk, "fixity", {"megabytes_per_second": 20.0 if slow else 0.0, "minutes": 0.0})
