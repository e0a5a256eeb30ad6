"""Pages that stand outside every case: the first person, and a new case."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.access.errors import NotPermitted
from kedang.entrypoints.cards.printing import print_cards
from kedang.entrypoints.web.arranging import founding
from kedang.entrypoints.web.arranging.first import first_person
from kedang.entrypoints.web.opened import now
from kedang.entrypoints.web.texts import say
from kedang.holdings.people_errors import PasswordWeak
from kedang.holdings.queries.cases import fonds_codes
from kedang.records.errors import KedangError


def _require_may_found(request: HttpRequest) -> Any:
    user: Any = request.user
    if not founding.may_found(user.id):
        raise NotPermitted(act=Act.HOLD_KEYS.value, because="no-grant")
    return user


@login_required
@require_http_methods(["GET", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """The form of a new case; sent, the case is there and its recovery shares follow."""
    user, language = _require_may_found(request), request.language  # type: ignore[attr-defined]
    shown: dict[str, Any] = {"packs": founding.packs(language), "first": not fonds_codes()}
    if request.method == "POST":
        try:
            _require_passphrase(request)
            return redirect("found_shares", code=founding.found(request.POST, user))
        except KedangError as error:
            shown |= {"wrong": error.code, "given": request.POST, "chosen": request.POST.getlist("packs")}
    return render(request, "arranging/found.html", shown, status=400 if "wrong" in shown else 200)


def _require_passphrase(request: HttpRequest) -> None:
    typed = request.POST.get("passphrase", "")
    if typed != request.POST.get("again", "") or 0 < len(typed) < founding.LEAST_PASSPHRASE:
        raise PasswordWeak()


@login_required
@require_POST
def demo(request: HttpRequest) -> HttpResponse:
    """A demonstration case, taken in while one looks on."""
    user, language = _require_may_found(request), request.language  # type: ignore[attr-defined]
    code = founding.open_demo(user, say("arranging.demo-name", language))
    return redirect("overview", code=code)


@login_required
@require_GET
def shares(request: HttpRequest, code: str) -> HttpResponse:
    """The recovery shares, until they are stored."""
    shown = _shares(request, code)
    numbered = list(enumerate(shown.opened.shares, start=1))
    return render(
        request, "arranging/shares.html", {"code": code, "shares": numbered, "made": shown.passphrase}
    )


@login_required
@require_POST
def cards(request: HttpRequest, code: str) -> HttpResponse:
    """The recovery shares as cards to print."""
    shown = _shares(request, code)
    document = print_cards(shown.opened.cards, fonds_code=code, printed_on=now().date())
    answer = HttpResponse(document, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="shares-{code}.pdf"'
    return answer


@login_required
@require_POST
def stored(request: HttpRequest, code: str) -> HttpResponse:
    """They are stored: nothing of them is left here."""
    shown = _shares(request, code)
    if not all(request.POST.get(f"stored-{number}") for number in range(1, len(shown.opened.shares) + 1)):
        return redirect("found_shares", code=code)
    founding.forget_shares(code)
    return redirect("found_done", code=code)


@login_required
@require_GET
def done(request: HttpRequest, code: str) -> HttpResponse:
    """What comes next."""
    if code not in fonds_codes() or not founding.may_found(request.user.id):  # type: ignore[arg-type,union-attr]
        raise Http404
    return render(request, "arranging/done.html", {"code": code})


def _shares(request: HttpRequest, code: str) -> founding.Shown:
    shown = founding.shares_of(code, str(request.user.id))  # type: ignore[union-attr]
    if shown is None:
        raise Http404
    return shown


urlpatterns = [
    path("first/", first_person, name="first"),
    path("found/", found, name="found"),
    path("found/demo/", demo, name="found_demo"),
    path("found/<str:code>/shares/", shares, name="found_shares"),
    path("found/<str:code>/shares/cards/", cards, name="found_cards"),
    path("found/<str:code>/shares/stored/", stored, name="found_stored"),
    path("found/<str:code>/done/", done, name="found_done"),
]
