"""What somebody outside holds, checked against the ledger of now; and the proof that the ledger has only grown since then."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.ledger.standing import of_verdict
from kedang.holdings.queries.ledger_proving import earlier_head, growth_since
from kedang.holdings.queries.ledger_verifying import verify_case_ledger
from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.errors import ProofFileMalformed
from kedang.ledger.notes import split_note
from kedang.ledger.proof_files import Growth, write_proof_file
from kedang.records.errors import KedangError

GIVEN_BYTES_MAX = 4 << 20


@page(Act.SEE_LEDGER)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whether a receipt, a head or a printed short code agrees with the ledger of now; a number of entries is taken at its word."""
    if request.method == "GET":
        return render(request, "ledger/check.html")
    try:
        held = _given(request)
        earlier = earlier_head(held)
    except KedangError as error:
        shown = {"fault": error.code, "facts": error.facts}
        return render(request, "ledger/check.html", shown, status=400)
    return render(request, "ledger/check.html", _checked(desk, held, earlier))


def _checked(desk: Desk, held: str, earlier: Any) -> dict[str, object]:
    """The verdict, and what the proof of growth begins with."""
    counted = isinstance(earlier, int)
    found = verify_case_ledger(desk.archive, given=[] if counted else [held], now=desk.now())
    return {
        "standing": of_verdict(found.size, found.to_json(), desk.now()),
        "agrees": found.whole and (not counted or 0 < earlier <= found.size),
        "counted": counted,
        "earlier": str(earlier),
    }


def _given(request: HttpRequest) -> str:
    """What somebody brought: a file, or a code or number that was typed.

    Raises:
        ProofFileMalformed: neither.
    """
    file = request.FILES.get("file")
    if file is None:
        if code := request.POST.get("short", "").strip():
            return code
        raise ProofFileMalformed(characters=0)
    octets = file.read(GIVEN_BYTES_MAX)
    try:
        text: str = octets.decode()
    except UnicodeDecodeError as error:
        raise ProofFileMalformed(size_bytes=len(octets)) from error
    return text


@page(Act.SEE_LEDGER)
@require_POST
def growth(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The proof that the ledger of now continues an earlier head: a file that anybody can check."""
    held = request.POST.get("earlier", "").replace("\r\n", "\n")  # browsers send lines of forms so
    file = growth_since(desk.archive, earlier_head(held), now=desk.now())
    answer = HttpResponse(write_proof_file(file), content_type="application/json")
    name = f"{desk.code}-growth-{_span(file.growth)}.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _span(growth: Growth | None) -> str:
    """From which size to which."""
    notes = (growth.old, growth.new) if growth else ()
    return "-".join(str(Checkpoint.parse(split_note(note)[0]).size) for note in notes)
