"""Restore drills, by sample and in full: begun as a job, shown, and their signed results handed out."""

from __future__ import annotations

import shutil
import tempfile

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask
from kedang.entrypoints.web.keeping.copies import chosen_copy
from kedang.holdings.queries.jobs import job_with_id
from kedang.holdings.queries.resealing import to_seal

ROOM = 1.3
"""A restored archive needs its packs, and some more for the catalogue and the words."""


@page(Act.KEEP_COPIES)
@require_POST
def begin(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Drill the copies that are named, or all; with `full` each is really restored and every byte verified."""
    given = request.POST
    return ask(desk, "drill", {"copies": given.getlist("copy"), "full": given.get("full") == "1"})


@page(Act.KEEP_COPIES)
@require_GET
def full(request: HttpRequest, desk: Desk, copy_id: str) -> HttpResponse:
    """What a full restore does, what room it needs and whether there is as much."""
    folder = tempfile.gettempdir()
    needed, free = int(to_seal(desk.archive).size_bytes * ROOM), shutil.disk_usage(folder).free
    shown = {
        "one": chosen_copy(desk, copy_id),
        "folder": folder,
        "needed": needed,
        "free": free,
        "short": free < needed,
    }
    return render(request, "keeping/full.html", shown)


@page(Act.KEEP_COPIES)
@require_GET
def result(request: HttpRequest, desk: Desk, job_id: str, copy_id: str) -> HttpResponse:
    """The signed result of one drill, as a file; with `?full` that of the full restore."""
    job = job_with_id(desk.archive, job_id)
    drills = job.outcome.get("drills", ()) if job is not None and job.kind == "drill" else ()
    for one in drills:
        found = one.get("full") if "full" in request.GET else one
        if one["copy"] == copy_id and found:
            answer = HttpResponse(found["note"].encode(), content_type="text/plain; charset=utf-8")
            kind = "drill" if found is one else "full-drill"
            name = f"{desk.code}-{kind}-{one['number']}-{found['ended'][:10]}.txt"
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return answer
    raise Http404
