"""The pages before a case: the front, the language, a locked case and the way to unlock it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.arranging.founding import may_found
from kedang.entrypoints.web.desk import Desk, desk_of, page
from kedang.entrypoints.web.keys.waiting import waiting_cards
from kedang.entrypoints.web.languages import COOKIE, KNOWN
from kedang.entrypoints.web.layout import first_way
from kedang.entrypoints.web.opened import now, opened_cases
from kedang.entrypoints.web.unlocking import token_module, token_secrets, unlock_case
from kedang.holdings.actions.unlocking import Secrets
from kedang.holdings.errors import CaseLocked
from kedang.holdings.queries.cases import case_of, codes_of_account
from kedang.holdings.queries.ledger_browsing import events_page
from kedang.holdings.queries.ledger_events import Wanted
from kedang.holdings.queries.people import there_are_accounts
from kedang.holdings.queries.status import status_of
from kedang.records.ids import CaseId

EVENTS = 10  # of the ledger, on the page of a locked case
YEAR_SECONDS = 365 * 24 * 3600


@require_GET
def alive(request: HttpRequest) -> HttpResponse:
    """That the door is there; nothing else."""
    return HttpResponse(b"ok", content_type="text/plain")


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """The only case of whoever is signed in, or the choice between his cases; what to do while nobody can sign in."""
    if not request.user.is_authenticated:
        return render(request, "web/nobody.html") if not there_are_accounts() else redirect("account_login")
    codes = codes_of_account(str(request.user.pk))
    if len(codes) == 1:
        return _entered(request, codes[0])
    shown = {"codes": codes, "may_found": may_found(str(request.user.pk))}
    return render(request, "web/front.html", shown)


def _entered(request: HttpRequest, code: str) -> HttpResponse:
    """The first page of the case that the person may open."""
    if not opened_cases().is_open(code):
        return redirect("locked", code=code)
    return redirect(first_way(desk_of(request, code)), code=code)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of all pages from now on."""
    back = request.POST.get("back", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) and back.startswith("/")
    answer = redirect(back if safe else "/")
    if (chosen := request.POST.get("language", "")) in KNOWN:
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_SECONDS, httponly=True, samesite="Lax")
    return answer


@login_required
def locked(request: HttpRequest, code: str) -> HttpResponse:
    """What a locked case still tells, and the form that unlocks it."""
    if code not in codes_of_account(request.user.id):  # type: ignore[arg-type,union-attr]
        raise Http404
    cases, wrong = opened_cases(), ""
    if request.method == "POST" and not cases.is_open(code):
        wrong = _unlock(code, request)
    if cases.is_open(code):
        desk_of(request, code)
        return redirect("overview", code=code)
    case = case_of(code)
    zone = ZoneInfo(case.time_zone)
    shown = {
        "status": status_of(code, cases.places, offered=Secrets(), today=now().astimezone(zone).date()),
        "events": events_page(CaseId(case.id), Wanted(), zone, most=EVENTS).events,
        "wrong": wrong,
        "token": bool(token_module()),
        "code": code,
        "time_zone": case.time_zone,
    }
    return render(request, "web/locked.html", shown, status=403 if wrong else 200)


def _unlock(code: str, request: HttpRequest) -> str:
    """By what a person offers; a secret that is kept on this computer opens at the start only, not for whoever asks."""
    if (pin := request.POST.get("pin")) and token_module():
        return unlock_case(request, code, token_secrets(pin))
    shares = tuple(line.strip() for line in request.POST.get("shares", "").splitlines() if line.strip())
    passphrase = request.POST.get("passphrase") or None
    if passphrase is None and not shares:
        return CaseLocked.code
    return unlock_case(request, code, Secrets(passphrase=passphrase, shares=shares))


@page(Act.HOLD_KEYS)
@require_POST
def lock(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Forget the keys of the case in this process."""
    code = desk.code
    waiting_cards().forget(desk.archive.case_id)
    opened_cases().lock(code)
    return redirect("locked", code=code)
