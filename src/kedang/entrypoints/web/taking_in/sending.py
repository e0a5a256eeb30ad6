"""Sending files: telling of them, their pieces, giving them to be taken in. The page's script calls what answers JSON."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.taking_in.seen import seen_by
from kedang.entrypoints.web.taking_in.work import WORKERS
from kedang.holdings.actions.uploads import (
    AT_ONCE,
    Told,
    begin_upload,
    drop_upload,
    files_of,
    give_upload,
    leave_out,
    receive_piece,
    remove_file,
    tell_files,
    unfinished,
    upload_of,
)
from kedang.holdings.intake.origins import PIECE_BYTES
from kedang.holdings.queries.shown_titles import shown_names
from kedang.holdings.queries.taking_in import source_line
from kedang.holdings.source_errors import FileListUnsound

NAMED = 100  # unfinished files whose names are shown


class _File(msgspec.Struct):
    path: str
    size: int
    modified: int


_FILES = msgspec.json.Decoder(list[_File])
_ORDINALS = msgspec.json.Decoder(list[int])


@page(Act.TAKE_IN)
@require_POST
def begin(request: HttpRequest, desk: Desk, source_id: str) -> HttpResponse:
    """A new upload into a source: of files, or of photographs of paper."""
    row = begin_upload(desk.archive, source_id, now=desk.now())
    route = "paper" if request.POST.get("how") == "paper" else "upload"
    return redirect(route, code=desk.code, upload_id=row.id)


@page(Act.TAKE_IN)
@require_GET
def upload(request: HttpRequest, desk: Desk, upload_id: str) -> HttpResponse:
    """Where files are dropped; with what an earlier visit has sent."""
    row = upload_of(desk.archive, upload_id)
    seen = seen_by(desk)
    lacking = unfinished(desk.archive, row)
    sent = files_of(desk.archive, row)
    named = shown_names(desk.archive, [("", one.path) for one in lacking[:NAMED]], seen=seen.customers)
    context: dict[str, Any] = {
        "upload": row,
        "source": source_line(desk.archive, seen, row.source),
        "sent": len(sent) - len(lacking),
        "sent_bytes": sum(one.size_bytes for one in sent if not one.missing),
        "lacking": len(lacking),
        "named": [(one.ordinal, name) for one, name in zip(lacking, named, strict=False)],
        "piece_bytes": PIECE_BYTES,
        "at_once": AT_ONCE,
    }
    return render(request, "taking_in/upload.html", context)


@page(Act.TAKE_IN)
@require_POST
def files(request: HttpRequest, desk: Desk, upload_id: str) -> JsonResponse:
    """For each file that the browser tells of, which pieces are still to be sent."""
    try:
        told = [Told(one.path, one.size, one.modified) for one in _FILES.decode(request.body)]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FileListUnsound() from error
    waiting = tell_files(desk.archive, upload_id, told)
    return JsonResponse(
        {"files": [{"ordinal": one.ordinal, "missing": one.missing_pieces} for one in waiting]}
    )


@page(Act.TAKE_IN)
@require_POST
def piece(request: HttpRequest, desk: Desk, upload_id: str, ordinal: int, piece: int) -> JsonResponse:
    """One piece of a file: the body of the request, sealed before it touches the disk."""
    receive_piece(desk.archive, upload_id, ordinal, piece, request.body)
    return JsonResponse({})


@page(Act.TAKE_IN)
@require_POST
def unreadable(request: HttpRequest, desk: Desk, upload_id: str) -> HttpResponse:
    """Files that cannot be read where they lie: they are received as refused, never forgotten."""
    form = request.content_type != "application/json"
    try:
        ordinals = (
            [int(one) for one in request.POST.getlist("ordinal")] if form else _ORDINALS.decode(request.body)
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise FileListUnsound() from error
    leave_out(desk.archive, upload_id, ordinals)
    return redirect("upload", code=desk.code, upload_id=upload_id) if form else JsonResponse({})


@page(Act.TAKE_IN)
@require_POST
def give(request: HttpRequest, desk: Desk, upload_id: str) -> HttpResponse:
    """Everything is here: take it in."""
    give_upload(desk.archive, upload_id, workers=WORKERS, now=desk.now())
    there = reverse("sources", kwargs={"code": desk.code})
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"next": there})
    return redirect(there)


@page(Act.TAKE_IN)
@require_POST
def drop(request: HttpRequest, desk: Desk, upload_id: str) -> HttpResponse:
    """Give up what was sent and has not been taken in."""
    source_id = upload_of(desk.archive, upload_id).source_id
    drop_upload(desk.archive, upload_id)
    return redirect("source", code=desk.code, source_id=source_id)


@page(Act.TAKE_IN)
@require_POST
def take_back(request: HttpRequest, desk: Desk, upload_id: str, ordinal: int) -> JsonResponse:
    """One file is taken back out of the upload: a photograph that was taken again."""
    remove_file(desk.archive, upload_id, ordinal)
    return JsonResponse({})
