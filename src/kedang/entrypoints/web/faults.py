"""What a person sees when something is wrong: the sentence, what is safe already, what to do next, and the code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable

from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from kedang.access.errors import NotPermitted
from kedang.entrypoints.errors import FormExpired, NoSuchPage, Unforeseen, fault_of
from kedang.records.errors import KedangError, Kind

STATUS = {
    Kind.MALFORMED: 400,
    Kind.REFUSED: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.CORRUPT: 500,
    Kind.UNAVAILABLE: 503,
}
NOT_ALLOWED = 405
Answer = Callable[[HttpRequest], HttpResponse]


class Faults:
    """Turns errors with a code into pages; any other fault is a page without a word of what it was about."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; a page too for whoever opens an address that only a button leads to."""
        answer = self.answer(request)
        if answer.status_code == NOT_ALLOWED and not wants_json(request):
            page = _page(request, NoSuchPage.code, status=NOT_ALLOWED)
            page.headers["Allow"] = answer.headers.get("Allow", "")
            return page
        return answer

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page for an error; Django's own for what is missing or refused by it."""
        if isinstance(error, KedangError):
            return fault_page(request, error)
        if isinstance(error, (OSError, DatabaseError)):
            return fault_page(request, fault_of(error))
        if not isinstance(error, (Http404, PermissionDenied, SuspiciousOperation, ReauthenticationRequired)):
            sys.stderr.write(f"{Unforeseen.code} {told_without_values(error)}\n")
        return None


def told_without_values(error: BaseException) -> str:
    """The kind of an unforeseen error and the lines it came by; its message may hold what nobody is to read."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} " + " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames)
    )


def fault_page(request: HttpRequest, error: KedangError) -> HttpResponse:
    """The page, or JSON for a program."""
    status = STATUS[error.kind]
    if wants_json(request):
        return JsonResponse({"code": error.code, "facts": error.facts}, status=status)
    if request.headers.get("HX-Request"):
        return render(request, "web/fault_part.html", {"code": error.code}, status=status)
    return _page(request, error.code, status=status)


def _page(request: HttpRequest, code: str, *, status: int) -> HttpResponse:
    """`code` itself is the fonds number in the layout of a page."""
    return render(request, "web/fault.html", {"fault": code}, status=status)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was not from a page of ours, or the session has ended."""
    return _page(request, FormExpired.code, status=403)


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """There is no such page."""
    return _page(request, NoSuchPage.code, status=404)


def refused(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    """The person may not see it."""
    return _page(request, NotPermitted.code, status=403)


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that no browser of ours makes, such as one for another host; it is told nothing."""
    return HttpResponse(b"", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Something that was not foreseen."""
    return _page(request, Unforeseen.code, status=500)
