"""Photographing paper: the page with the camera, looking at one photograph, joining the pages of one paper."""

from __future__ import annotations

import base64

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.taking_in.seen import seen_by
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.papers import PHOTOS, Marked, join_photos, look_at_photo, new_title, papers_of
from kedang.holdings.actions.uploads import upload_of
from kedang.holdings.intake.origins import PIECE_BYTES
from kedang.holdings.queries.taking_in import source_line
from kedang.holdings.source_errors import FileListUnsound

SHOWN_POINTS = 640
MARKED_POINTS = 1400


class _Photo(msgspec.Struct):
    ordinal: int
    corners: list[float] = []
    turn: int = 0
    flat: bool = False

    def marked(self) -> Marked:
        return Marked(self.ordinal, tuple(self.corners), self.turn)


class _Paper(msgspec.Struct):
    title: str
    pages: list[_Photo]


_PHOTO = msgspec.json.Decoder(_Photo)
_PAPER = msgspec.json.Decoder(_Paper)


@page(Act.TAKE_IN)
@require_GET
def paper(request: HttpRequest, desk: Desk, upload_id: str) -> HttpResponse:
    """Where paper is photographed, with what an earlier visit has left."""
    row = upload_of(desk.archive, upload_id)
    papers = papers_of(desk.archive, upload_id)
    title, loose = next(iter(papers.loose.items()), ("", ()))
    context = {
        "upload": row,
        "source": source_line(desk.archive, seen_by(desk), row.source),
        "title": title or new_title(desk.now().astimezone(desk.time_zone), len(papers.documents)),
        "loose": list(loose),
        "documents": len(papers.documents),
        "photos": PHOTOS,
        "piece_bytes": PIECE_BYTES,
    }
    return render(request, "taking_in/paper.html", context)


@page(Act.TAKE_IN)
@require_POST
def look(request: HttpRequest, desk: Desk, upload_id: str) -> JsonResponse:
    """Where the page lies on a photograph, how it looks set straight, and what speaks against it."""
    try:
        photo = _PHOTO.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FileListUnsound() from error
    longest = MARKED_POINTS if photo.flat else SHOWN_POINTS
    done = look_at_photo(desk.archive, upload_id, photo.marked(), longest=longest, flat=photo.flat)
    doubts = [say(f"taking_in.doubt-{one}", desk.language) for one in done.doubts]
    picture = "data:image/jpeg;base64," + base64.b64encode(done.picture).decode()
    return JsonResponse({"corners": done.corners, "doubts": doubts, "picture": picture})


@page(Act.TAKE_IN)
@require_POST
def join(request: HttpRequest, desk: Desk, upload_id: str) -> JsonResponse:
    """The pages of one paper become one document; the photographs stay beside it."""
    try:
        said = _PAPER.decode(request.body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FileListUnsound() from error
    join_photos(desk.archive, upload_id, said.title, [one.marked() for one in said.pages])
    documents = len(papers_of(desk.archive, upload_id).documents)
    title = new_title(desk.now().astimezone(desk.time_zone), documents)
    return JsonResponse({"documents": documents, "title": title})
