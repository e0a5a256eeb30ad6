"""Looking through the ledger: filters, pages, one event, export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.cli.ledger import COLUMNS
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import latest
from kedang.entrypoints.web.ledger.asked import Asked, asked
from kedang.entrypoints.web.ledger.standing import standing
from kedang.entrypoints.web.ledger.told import told_events
from kedang.entrypoints.web.opened import opened_cases
from kedang.holdings.actions.witnessing import note_ledger_shown
from kedang.holdings.queries.ledger_browsing import event_numbered, events_page, exported_events
from kedang.holdings.queries.ledger_paging import agent_names
from kedang.holdings.queries.ledger_proving import exported_ledger
from kedang.ledger.errors import OutOfRange
from kedang.ledger.schema import acts

EVENTS = 50


@page(Act.SEE_LEDGER)
@require_GET
def ledger(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The events that are asked for, the latest first, under the line that says whether the ledger is whole."""
    wanted = asked(desk, request.GET)
    kept = opened_cases().ledger(desk.code)
    found = events_page(desk.archive.case_id, wanted.wanted, desk.time_zone, most=EVENTS, kept=kept)
    zh = desk.language == "zh"
    shown = {
        "asked": wanted,
        "events": told_events(desk, found.events),
        "following": found.following,
        "standing": standing(desk),
        "job": latest(desk, "verify-ledger"),
        "acts": sorted((act.zh if zh else act.en, name) for name, act in acts().items()),
        "people": sorted((name, agent) for agent, name in agent_names(desk.archive).items()),
    }
    return render(request, "ledger/ledger.html", shown)


@page(Act.SEE_LEDGER)
@require_GET
def event(request: HttpRequest, desk: Desk, n: int) -> HttpResponse:
    """One event in full; its receipt is made from here."""
    try:
        found = event_numbered(desk.archive.case_id, n, desk.time_zone)
    except OutOfRange as error:
        raise Http404 from error
    shown = {
        "event": told_events(desk, [found])[0],
        "whole": json.dumps(_plain(found), ensure_ascii=False, indent=2),
    }
    return render(request, "ledger/event.html", shown)


def _plain(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if name != "moment"}


@page(Act.SEE_LEDGER)
@require_POST
def export(request: HttpRequest, desk: Desk) -> Any:  # an answer that is streamed
    """The events that are asked for as CSV, or the whole ledger as outsiders verify it; an event of its own."""
    wanted, whole = asked(desk, request.POST), request.POST.get("format") == "json"
    note_ledger_shown(desk.archive, "json" if whole else "csv", now=desk.now())
    lines = exported_ledger(desk.archive, now=desk.now()) if whole else _csv(desk, wanted)
    name = f"{desk.code}-ledger.{'jsonl' if whole else 'csv'}"
    kind = "application/x-ndjson" if whole else "text/csv; charset=utf-8"
    answer = StreamingHttpResponse(lines, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _csv(desk: Desk, wanted: Asked) -> Iterator[bytes]:
    """For Excel and WPS; nothing in it comes from outside."""
    line = io.StringIO()
    table = csv.writer(line, lineterminator="\r\n")
    table.writerow(COLUMNS)
    yield b"\xef\xbb\xbf"
    kept = opened_cases().ledger(desk.code)
    for one in exported_events(desk.archive.case_id, wanted.wanted, desk.time_zone, kept=kept):
        told = one | {
            "local_time": one["moment"].isoformat(timespec="seconds"),
            "objects": " ".join(one["objects"]),
            "reference_codes": " ".join(one["reference_codes"]),
            "facts": json.dumps(one["facts"], ensure_ascii=False, sort_keys=True),
        }
        table.writerow([told[name] for name in COLUMNS])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()
    yield line.getvalue().encode()
