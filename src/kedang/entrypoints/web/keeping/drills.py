"""Restore drills: begun as a job, shown, and their signed results handed out."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask
from kedang.holdings.queries.jobs import job_with_id


@page(Act.KEEP_COPIES)
@require_POST
def begin(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Drill the copies that are named, or all."""
    return ask(desk, "drill", {"copies": request.POST.getlist("copy")})


@page(Act.KEEP_COPIES)
@require_GET
def result(request: HttpRequest, desk: Desk, job_id: str, copy_id: str) -> HttpResponse:
    """The signed result of one drill, as a file."""
    job = job_with_id(desk.archive, job_id)
    drills = job.outcome.get("drills", ()) if job is not None and job.kind == "drill" else ()
    for one in drills:
        if one["copy"] == copy_id:
            answer = HttpResponse(one["note"].encode(), content_type="text/plain; charset=utf-8")
            name = f"{desk.code}-drill-{one['number']}-{one['ended'][:10]}.txt"
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return answer
    raise Http404
