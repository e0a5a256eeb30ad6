"""The register of sources: the list, one source, a new one, signing for what came of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.taking_in.seen import seen_by
from kedang.entrypoints.web.taking_in.work import running_jobs
from kedang.holdings.actions.sources import (
    KINDS,
    OUTSTANDING,
    STATES,
    Described,
    SignedFor,
    register_source,
    sign_for,
    source_of,
)
from kedang.holdings.queries.ledger_paging import agent_names
from kedang.holdings.queries.taking_in import accession_lines, source_line, source_lines, upload_lines
from kedang.holdings.source_errors import SignatureMissing

ICONS = {
    "desk": "building",
    "person": "user",
    "mailbox": "mail",
    "phone": "device-mobile",
    "system": "database",
    "cabinet": "archive",
    "folder": "folder",
    "file": "file",
}


@page(Act.TAKE_IN)
@require_GET
def register(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every source with what came of it, and the taking-in that runs."""
    lines = source_lines(desk.archive, seen_by(desk))
    counts = {state: sum(one.state == state for one in lines) for state in STATES}
    chosen = request.GET.get("state", "")
    shown = [one for one in lines if one.state == chosen] if chosen in STATES else lines
    context = {
        "sources": shown,
        "all": len(lines),
        "counts": counts,
        "chosen": chosen,
        "icons": ICONS,
        "may_path": desk.may(Act.SETTINGS),
    }
    return render(request, "taking_in/register.html", context | running_jobs(desk))


@page(Act.TAKE_IN)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A source that is to be collected, registered before anything is taken in."""
    said = {name: request.POST.get(name, "") for name in ("name", "desk", "keeper", "kind")}
    fault = ""
    if request.method == "POST":
        described = Described(said["name"], said["desk"], said["keeper"])
        try:
            source = register_source(desk.archive, described, said["kind"], now=desk.now())
        except SignatureMissing as error:
            fault = error.code
        else:
            return redirect("source", code=desk.code, source_id=source.id)
    context = {"said": said, "kinds": KINDS, "icons": ICONS, "fault": fault}
    return render(request, "taking_in/new.html", context, status=400 if fault else 200)


@page(Act.TAKE_IN)
@require_GET
def source(request: HttpRequest, desk: Desk, source_id: str) -> HttpResponse:
    """One source: what came of it, what is being sent, who signed for it."""
    return _source_page(request, desk, source_id)


def _source_page(request: HttpRequest, desk: Desk, source_id: str, *, fault: str = "") -> HttpResponse:
    row, seen = source_of(desk.archive, source_id), seen_by(desk)
    context = {
        "source": source_line(desk.archive, seen, row),
        "accessions": accession_lines(desk.archive, seen, row),
        "uploads": upload_lines(desk.archive, row),
        "names": agent_names(desk.archive),
        "states": [state for state in STATES if state != OUTSTANDING],
        "said": request.POST if fault else {},
        "fault": fault,
        "may_path": desk.may(Act.SETTINGS),
    }
    return render(request, "taking_in/source.html", context, status=400 if fault else 200)


@page(Act.TAKE_IN)
@require_POST
def sign(request: HttpRequest, desk: Desk, source_id: str) -> HttpResponse:
    """A named person signs for what came of a source."""
    signed = SignedFor(*(request.POST.get(name, "") for name in ("state", "by", "note")))
    try:
        sign_for(desk.archive, source_id, signed, clock=desk.now)
    except SignatureMissing as error:
        return _source_page(request, desk, source_id, fault=error.code)
    return redirect("source", code=desk.code, source_id=source_id)
