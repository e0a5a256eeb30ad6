"""Who saw what, for the auditor."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.opened import opened_cases
from kedang.entrypoints.web.texts import say
from kedang.holdings.errors import RecordUnknown
from kedang.holdings.queries.seen import SEEING, SHOWN, Asked, Seen, seen_by, unusual, who_saw
from kedang.ledger.schema import acts

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@page(Act.WHO_SAW)
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The latest events, or those that are asked for, and what is unusual among them."""
    asked, names, shown = _asked(request, desk), seen_by(desk.archive), dict[str, Any]()
    kept = opened_cases().ledger(desk.code)
    try:
        lines = who_saw(desk.archive, asked, kept=kept)
    except RecordUnknown as error:
        lines, asked, shown["wrong"] = [], Asked(), error.code
    shown |= {
        "lines": [_told(line, names, desk) for line in lines],
        "most": SHOWN if len(lines) == SHOWN else 0,
        "unusual": [
            {"line": one, "name": names.get(one.agent, "")} for one in unusual(desk.archive, asked, kept=kept)
        ],
        "people": sorted(names.items(), key=lambda pair: pair[1]),
        "acts": [(act, _act(act, desk)) for act in SEEING],
        "given": {name: request.POST.get(name, "") for name in ("agent", "record", "since", "until", "act")},
    }
    return render(request, "arranging/seen.html", shown)


@page(Act.WHO_SAW)
@require_POST
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All of them as CSV, which tables of other programs open."""
    names = seen_by(desk.archive)
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow([say(f"arranging.seen-{name}", desk.language) for name in COLUMNS])
    kept = opened_cases().ledger(desk.code)
    for line in who_saw(desk.archive, _asked(request, desk), limit=None, kept=kept):
        told = _told(line, names, desk)
        row = (line.n, line.when.isoformat(), told["name"], told["act"], told["codes"], line.reason)
        writer.writerow([_harmless(str(value)) for value in row])
    answer = HttpResponse("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="who-saw-{desk.code}-{desk.today()}.csv"'
    return answer


COLUMNS = ("number", "when", "who", "what", "records", "reason")


def _asked(request: HttpRequest, desk: Desk) -> Asked:
    since, until = _day(request, "since"), _day(request, "until")
    zone = desk.time_zone
    return Asked(
        agent=request.POST.get("agent", ""),
        record=request.POST.get("record", "").strip(),
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        act=request.POST.get("act", ""),
    )


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        return None


def _told(line: Seen, names: dict[str, str], desk: Desk) -> dict[str, Any]:
    some = line.codes[:3]
    more = line.records - len(some)
    codes = " ".join(some) + (" " + say("arranging.and-more", desk.language, n=more) if more > 0 else "")
    return {
        "line": line,
        "name": names.get(line.agent, line.agent[:8]),
        "act": _act(line.act, desk),
        "codes": codes,
    }


def _act(name: str, desk: Desk) -> str:
    act = acts()[name]
    return act.zh if desk.language == "zh" else act.en


def _harmless(value: str) -> str:
    """A cell that no table program takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value
