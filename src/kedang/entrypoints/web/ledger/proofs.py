"""What outsiders hold: heads with their codes, receipts, time-stamps and the verifier."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.errors import WitnessUnset
from kedang.entrypoints.report.head_codes import drawn_symbol
from kedang.entrypoints.report.markup import fragment
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.witnessing import witness_head
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.queries.ledger_browsing import ledger_size, signed_heads
from kedang.holdings.queries.ledger_proving import numbers_of, receipt_of, verification_key
from kedang.holdings.queries.locating import find_record
from kedang.ledger.proof_files import write_proof_file
from kedang.ledger.timestamps import read_certificates

HEADS = 20


@page(Act.SEE_LEDGER)
@require_POST
def verify(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Sign the head of now and check every entry, as a job."""
    sign_head(desk.archive, now=desk.now())
    return ask(desk, "verify-ledger", {})


@page(Act.SEE_LEDGER)
@require_GET
def heads(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The signed heads as short codes, the last one with its QR symbol, for whoever keeps a witness."""
    found = signed_heads(desk.archive.case_id, most=HEADS)
    latest = found[0] if found else None
    symbol: SafeString | str = ""
    if latest is not None and latest.code is not None:
        drawing = fragment(drawn_symbol(latest.code.symbol, title=say("ledger.symbol", desk.language)))
        symbol = mark_safe(drawing)  # noqa: S308  # made here, of our own code
    shown = {
        "heads": found,
        "symbol": symbol,
        "key": str(verification_key(desk.archive)),
        "authority": bool(os.environ.get("KEDANG_TSA")),
        "unsigned": ledger_size(desk.archive.case_id) - (latest.size if latest else 0),
    }
    return render(request, "ledger/heads.html", shown)


@page(Act.SEE_LEDGER)
@require_POST
def witness(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Have the head of now time-stamped by the authority of this installation; it learns a digest only."""
    authority, certificate = os.environ.get("KEDANG_TSA", ""), os.environ.get("KEDANG_TSA_CERTIFICATE", "")
    if not authority or not certificate:
        raise WitnessUnset()
    trusted = read_certificates(Path(certificate).read_text(encoding="utf-8"))
    found = witness_head(desk.archive, authority, trusted, clock=desk.now)
    messages.success(request, say("ledger.witnessed", desk.language, size=found.head.size))
    if found.ahead:
        messages.warning(request, say("ledger.clock-behind", desk.language))
    return redirect("ledger_heads", code=desk.code)


@page(Act.SEE_LEDGER)
@require_POST
def receipt(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A receipt for an entry, or for every entry of a record: a small file that anybody can check later."""
    said = request.POST.get("what", "").strip()
    file = receipt_of(desk.archive, _numbers(desk.archive, said), now=desk.now())
    answer = HttpResponse(write_proof_file(file), content_type="application/json")
    name = f"{desk.code}-receipt-{max(leaf.receipt.n for leaf in file.leaves)}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _numbers(archive: Archive, said: str) -> list[int]:
    if said.isdecimal() and len(said) < 16:
        return [int(said)]
    return numbers_of(archive, find_record(archive, said).id)


@page(Act.SEE_LEDGER)
@require_GET
def verifier(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The verifier of one file, for outsiders without kedang."""
    program = files("kedang.ledger.outside").joinpath("kedang_verify.py").read_bytes()
    answer = HttpResponse(program, content_type="text/x-python")
    answer["Content-Disposition"] = 'attachment; filename="kedang_verify.py"'
    return answer
