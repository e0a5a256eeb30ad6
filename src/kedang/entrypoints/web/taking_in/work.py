"""The taking-in that runs: how far it is, pausing it, going on; and a folder of the server's computer."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.settings import FOLDERS
from kedang.holdings.actions.jobs import ask_for, ask_to_stop, begin_again
from kedang.holdings.queries.jobs import ShownJob, job_with_id, jobs_of
from kedang.holdings.queries.taking_in import source_of_job
from kedang.holdings.source_errors import PathNotHere

KINDS = ("intake", "upload")
STAGES = ("collect", "unpack", "read-pages", "customers", "archive", "index", "resolve")
"""In the order in which a taking-in goes through them; some are passed at once."""
LATEST = 5
WORKERS = max(1, min(4, (os.cpu_count() or 2)))
SURE_SECONDS = 3.0  # of a stage, before what is left of it is told


def running_jobs(desk: Desk) -> dict[str, Any]:
    """What waits or runs, oldest first, and what ended last, as parts of a page."""
    found = jobs_of(desk.archive, KINDS, most=50)
    unended = [one for one in found if one.unended]
    return {
        "running": [_told(desk, one) for one in reversed(unended)],
        "ended": [_told(desk, one) for one in found if not one.unended][:LATEST],
    }


def _told(desk: Desk, job: ShownJob) -> dict[str, Any]:
    """One job with the name of its source, its stages and the seconds that its stage will still take; None when that cannot be told."""
    at = STAGES.index(job.stage) if job.stage in STAGES else -1
    stages = [
        {"name": name, "state": "done" if place < at else "now" if place == at else "ahead"}
        for place, name in enumerate(STAGES)
    ]
    name = source_of_job(desk.archive, job.id)
    return {"job": job, "source": name, "stages": stages, "minutes": minutes_left(job, desk.now())}


def minutes_left(job: ShownJob, now: datetime) -> int | None:
    """Whole minutes until the stage of a job ends, at its pace so far; 0 for less than one, None for nobody knows."""
    if not job.total or not job.done or job.stage_began is None:
        return None
    spent = (now - job.stage_began).total_seconds()
    if spent < SURE_SECONDS:
        return None
    return int(spent / job.done * max(0, job.total - job.done) // 60)


@page(Act.TAKE_IN)
@require_GET
def running(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How far it is; when one has ended since the page was made, the page is loaded again."""
    parts = running_jobs(desk)
    answer = render(request, "taking_in/running.html", parts)
    if request.GET.get("of", "") != str(len(parts["running"])):
        answer["HX-Refresh"] = "true"
    return answer


def _job_of(desk: Desk, job_id: str) -> ShownJob:
    found = job_with_id(desk.archive, job_id)
    if found is None or found.kind not in KINDS:
        raise Http404
    return found


@page(Act.TAKE_IN)
@require_POST
def pause(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """Pause it after the batch it is in; what was received stays."""
    ask_to_stop(desk.archive.case_id, _job_of(desk, job_id).id, now=desk.now())
    return redirect("sources", code=desk.code)


@page(Act.TAKE_IN)
@require_POST
def again(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """Go on with one that was paused or has failed, from where it was."""
    begin_again(desk.archive.case_id, _job_of(desk, job_id).id, now=desk.now())
    return redirect("sources", code=desk.code)


@page(Act.TAKE_IN)
@require_http_methods(["GET", "POST"])
def folder(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take in a folder or file of the server's computer, for whoever is in charge of the case."""
    desk.require(Act.SETTINGS)
    said = {name: request.POST.get(name, "").strip() for name in ("path", "source", "desk")}
    into = request.POST.get("into", "") or request.GET.get("into", "")
    fault = ""
    if request.method == "POST":
        try:
            path = permitted_path(said["path"])
        except PathNotHere as error:
            fault = error.code
        else:
            wanted = said | {"path": str(path), "workers": WORKERS, "into": into}
            ask_for(desk.archive, "intake", wanted, now=desk.now(), once=False)
            return redirect("sources", code=desk.code)
    context = {"said": said, "into": into, "fault": fault, "folders": FOLDERS}
    return render(request, "taking_in/folder.html", context, status=400 if fault else 200)


def permitted_path(said: str) -> Path:
    """The folder or file at a path of this computer.

    Raises:
        PathNotHere: there is none, or the web door may not take it in.
    """
    path = Path(said)
    if "\0" in said or not path.is_absolute() or not path.exists():
        raise PathNotHere()
    real = path.resolve()
    if FOLDERS is not None and not any(real.is_relative_to(one) for one in FOLDERS):
        raise PathNotHere()
    return path
