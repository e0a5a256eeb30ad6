"""Slots: ways to open the case. One comes without a new epoch; it goes only with one."""

from __future__ import annotations

import os

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.cli.new_secrets import KEY_LABEL
from kedang.entrypoints.cli.offered import load_tokens
from kedang.entrypoints.web.again import asked_again, require_again
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask
from kedang.entrypoints.web.keys.changing import changed, changing_keys, tell_missed
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.actions.rotating import require_ready
from kedang.holdings.actions.slots import add_slot, find_slot, require_other
from kedang.vault.slots import NewPassphrase, NewSlot, NewToken, NewUnattended, SlotChanges
from kedang.vault.suites import KEY_BYTES

PASSPHRASE_CHARACTERS = 12
"""Fewer are refused at this door; Argon2id does the rest."""


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def passphrase(request: HttpRequest, desk: Desk, slot: str = "") -> HttpResponse:
    """One more passphrase, or a new one in place of an old one."""
    wrong = _wrong(request) if request.method == "POST" else ""
    if request.method == "GET" or wrong:
        shown = {"slot": slot, "wrong": wrong, "least": PASSPHRASE_CHARACTERS, **asked_again(request)}
        return render(request, "keys/passphrase.html", shown, status=400 if wrong else 200)
    require_again(request)
    new = NewPassphrase(request.POST["new"])
    with changing_keys(desk):
        if slot:
            require_ready(desk.archive)
            found = find_slot(newest_sheet(desk.archive), slot)
            require_other(desk.archive, found)
            changed(request, desk, SlotChanges(replaced={found.slot: new}))
        else:
            _added(request, desk, new)
    return redirect("keys", code=desk.code)


def _wrong(request: HttpRequest) -> str:
    new = request.POST.get("new", "")
    if len(new) < PASSPHRASE_CHARACTERS:
        return "short"
    return "" if new == request.POST.get("repeated") else "differ"


def _added(request: HttpRequest, desk: Desk, new: NewSlot) -> None:
    _slot, missed = add_slot(desk.archive, new, clock=desk.now)
    messages.success(request, say("keys.added", desk.language))
    tell_missed(request, desk, missed)


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def other(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One more unattended secret, or a hardware token whose module the administrator has set."""
    module = os.environ.get("KEDANG_TOKEN_MODULE", "")
    if request.method == "GET":
        return render(request, "keys/other.html", {"module": module, **asked_again(request)})
    require_again(request)
    new: NewSlot
    if request.POST.get("kind") == "token" and module:
        tokens = load_tokens()
        token = tokens.Token(module, request.POST.get("token") or None, request.POST.get("pin", ""))
        secret, lock = tokens.wrap_secret(token, key_label=KEY_LABEL, random_bytes=os.urandom)
        new = NewToken(secret, lock)
    else:
        new = NewUnattended(os.urandom(KEY_BYTES))
    with changing_keys(desk):
        _added(request, desk, new)
    return redirect("keys", code=desk.code)


@page(Act.HOLD_KEYS)
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, desk: Desk, slot: str) -> HttpResponse:
    """Take a way of opening away: a new epoch begins that it never had, as a job."""
    found = find_slot(newest_sheet(desk.archive), slot)
    require_other(desk.archive, found)
    if request.method == "GET":
        shown = {"slot": found.slot, "kind": found.kind.value, **asked_again(request)}
        return render(request, "keys/remove.html", shown)
    require_again(request)
    require_ready(desk.archive)
    return ask(desk, "rotate", {"removes": found.slot})
