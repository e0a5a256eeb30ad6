"""Long work: the list, one job, its moving part, stopping it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ACTS, PAGES, seen_by
from kedang.holdings.actions.jobs import ask_to_stop
from kedang.holdings.queries.jobs import ShownJob, job_with_id, jobs_of
from kedang.holdings.queries.ledger_paging import agent_names

SHOWN = 50


def _seen(desk: Desk, job_id: str) -> ShownJob:
    found = job_with_id(desk.archive, job_id)
    if found is None or found.kind not in ACTS or not desk.may(ACTS[found.kind]):
        raise Http404
    return seen_by(desk, found)


@page(Act.SEE_CASE)
@require_GET
def jobs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The latest work of the kinds that the person may see."""
    kinds = [kind for kind, act in ACTS.items() if desk.may(act)]
    shown = {"jobs": jobs_of(desk.archive, kinds, most=SHOWN), "names": agent_names(desk.archive)}
    return render(request, "jobs/jobs.html", shown)


@page(Act.SEE_CASE)
@require_GET
def job(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """One job; when it is over, with the way to what it found."""
    found = _seen(desk, job_id)
    shown = {
        "job": found,
        "found_at": PAGES.get(found.kind, ""),
        "who": agent_names(desk.archive).get(found.agent, ""),
    }
    return render(request, "jobs/job.html", shown)


@page(Act.SEE_CASE)
@require_GET
def part(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """How far it is; when it has ended, the page it is part of is loaded again."""
    found = _seen(desk, job_id)
    answer = render(request, "jobs/part.html", {"job": found})
    if not found.unended:
        answer["HX-Refresh"] = "true"
    return answer


@page(Act.SEE_CASE)
@require_POST
def stop(request: HttpRequest, desk: Desk, job_id: str) -> HttpResponse:
    """Ask it to stop; what was committed stays."""
    _seen(desk, job_id)
    ask_to_stop(desk.archive.case_id, job_id, now=desk.now())
    return redirect("job", code=desk.code, job_id=job_id)
