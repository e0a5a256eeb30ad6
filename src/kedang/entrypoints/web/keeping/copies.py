"""Copies: how each stands, registering, schedule, giving up, backing up."""

from __future__ import annotations

import os
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.cli.mailing import mail_settings
from kedang.entrypoints.web.again import asked_again, require_again
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask, latest
from kedang.entrypoints.web.keeping.forms import CopyForm, days_of, rate_of
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.registering import give_up_copy, register_copy, reschedule_copy
from kedang.holdings.adapters.copies import CREDENTIALS, CopyStore, described, open_copies
from kedang.holdings.queries.copy_standings import CopyStanding, standing_of
from kedang.holdings.queries.keys import KeysStatus, keys_status
from kedang.records.errors import KedangError

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """A copy with its name and how it stands."""

    copy: CopyStore
    standing: CopyStanding

    @property
    def rate(self) -> float:
        """Megabytes a second at most; 0 for no limit."""
        return self.copy.row.bytes_per_second / MEGABYTE

    @property
    def rate_said(self) -> str:
        """The same as people write it; empty for no limit."""
        return f"{self.rate:g}" if self.rate else ""


def shown_copies(desk: Desk) -> list[ShownCopy]:
    """Every registered copy."""
    epoch, now = desk.archive.epoch, desk.now()
    return [ShownCopy(one, standing_of(one.row, epoch=epoch, now=now)) for one in open_copies(desk.archive)]


@page(Act.KEEP_COPIES)
@require_GET
def keeping(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the copies stand, and what to do next."""
    shown = {
        "copies": shown_copies(desk),
        "job": latest(desk, "backup"),
        "drilled": latest(desk, "drill"),
        "keys": _keys(desk),
        "mail": _mail(),
        "may_keys": desk.may(Act.HOLD_KEYS),
    }
    return render(request, "keeping/keeping.html", shown)


def _keys(desk: Desk) -> KeysStatus | None:
    try:
        return keys_status(desk.archive)
    except KedangError:
        return None  # the page of the keys says what is wrong


def _mail() -> str:
    """To whom alarms go: set, unset or broken. No address is shown."""
    try:
        return "unset" if mail_settings(os.environ) is None else "set"
    except KedangError:
        return "broken"


@page(Act.KEEP_COPIES)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Register a folder or a bucket. Credentials are sealed and never shown again."""
    if request.method == "GET":
        return render(request, "keeping/add.html", {"form": CopyForm({}), **asked_again(request)})
    form = CopyForm(request.POST)
    try:
        require_again(request)
        _register(desk, form)
    except KedangError as error:
        shown = {"form": form, "fault": error.code, "facts": error.facts, **asked_again(request)}
        return render(request, "keeping/add.html", shown, status=400)
    messages.success(request, say("keeping.added", desk.language))
    return redirect("keeping", code=desk.code)


def _register(desk: Desk, form: CopyForm) -> None:
    credentials = {variable: form.given.get(name, "") for name, variable in CREDENTIALS.items()}
    kind, said = described(
        form.address,
        environment=credentials | {"AWS_REGION": form.given["region"]},
        endpoint=form.given["endpoint"] or None,
        addressing=form.addressing,
    )
    with desk.archive.home.holding("copies"):
        register_copy(
            desk.archive,
            kind,
            said | ({"name": form.name} if form.name else {}),
            every_days=form.days,
            bytes_per_second=form.rate,
            clock=desk.now,
        )


@page(Act.KEEP_COPIES)
@require_http_methods(["GET", "POST"])
def copy(request: HttpRequest, desk: Desk, copy_id: str) -> HttpResponse:
    """One copy: its schedule and limit are changed here."""
    chosen = chosen_copy(desk, copy_id)
    if request.method == "POST":
        with desk.archive.home.holding("copies"):
            reschedule_copy(
                desk.archive,
                chosen.copy,
                every_days=days_of(request.POST),
                bytes_per_second=rate_of(request.POST),
                clock=desk.now,
            )
        messages.success(request, say("keeping.saved", desk.language))
        return redirect("copy", code=desk.code, copy_id=copy_id)
    return render(request, "keeping/copy.html", {"one": chosen, **asked_again(request)})


def chosen_copy(desk: Desk, copy_id: str) -> ShownCopy:
    """The registered copy of this id.

    Raises:
        Http404: there is none.
    """
    for one in shown_copies(desk):
        if one.copy.id == copy_id:
            return one
    raise Http404


@page(Act.KEEP_COPIES)
@require_POST
def remove(request: HttpRequest, desk: Desk, copy_id: str) -> HttpResponse:
    """Give a copy up; what lies in it stays there, sealed."""
    chosen = chosen_copy(desk, copy_id)
    require_again(request)
    with desk.archive.home.holding("copies"):
        give_up_copy(desk.archive, chosen.copy, clock=desk.now)
    messages.success(request, say("keeping.removed", desk.language))
    return redirect("keeping", code=desk.code)


@page(Act.KEEP_COPIES)
@require_POST
def backup(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Back up now, as a job: the copies that are named, or all."""
    wanted = {"copies": request.POST.getlist("copy"), "verify": request.POST.get("verify") == "1"}
    return ask(desk, "backup", wanted)
