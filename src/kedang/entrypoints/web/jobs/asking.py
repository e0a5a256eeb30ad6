"""Asking for long work from a page, and who may see which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.actions.jobs import ask_for
from kedang.holdings.queries.jobs import ShownJob, jobs_of

ACTS: Mapping[str, Act] = {
    "intake": Act.TAKE_IN,
    "upload": Act.TAKE_IN,
    "backup": Act.KEEP_COPIES,
    "drill": Act.KEEP_COPIES,
    "verify": Act.KEEP_COPIES,
    "fixity": Act.KEEP_COPIES,
    "verify-ledger": Act.SEE_LEDGER,
    "rotate": Act.HOLD_KEYS,
    "reseal": Act.HOLD_KEYS,
    "destroy": Act.PROPOSE_DESTRUCTION,
    "resolve": Act.JUDGE,
    "row-sets": Act.TAKE_IN,
    "row-sets-check": Act.TAKE_IN,
    "columns": Act.ANSWER,
}
"""Who may see how far a kind of work is, and stop it."""
PAGES: Mapping[str, str] = {
    "intake": "sources",
    "upload": "sources",
    "backup": "keeping",
    "drill": "keeping",
    "verify": "checks",
    "fixity": "checks",
    "verify-ledger": "ledger",
    "rotate": "keys",
    "reseal": "keys",
    "destroy": "orders",
    "resolve": "customers",
    "row-sets": "tables",
    "row-sets-check": "tables",
    "columns": "tables",
}
"""Where what a kind of work found is shown; others are shown by themselves."""


def ask(desk: Desk, kind: str, wanted: Mapping[str, Any]) -> HttpResponse:
    """Ask for the work, and lead to where it is seen."""
    desk.require(ACTS[kind])
    job = ask_for(desk.archive, kind, wanted, now=desk.now())
    return redirect("job", code=desk.code, job_id=job.id)


def latest(desk: Desk, *kinds: str) -> ShownJob | None:
    """The job of these kinds that was asked for last: waiting, running or over."""
    found = jobs_of(desk.archive, kinds, most=1)
    return seen_by(desk, found[0]) if found else None


def seen_by(desk: Desk, job: ShownJob) -> ShownJob:
    """The job as the person may see it: what it waits for is named when that is his to see, and counted otherwise."""
    return replace(job, ahead=[kind if desk.may(ACTS.get(kind, Act.HOLD_KEYS)) else "" for kind in job.ahead])
