"""The original, by permission: never shown by the browser, always an event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import Any, cast
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.exporting import note_opened
from kedang.holdings.adapters.contents import derived_of, original_bytes, require_no_hole
from kedang.holdings.queries.rebuilt_tables import form_of, write_rebuilt
from kedang.holdings.queries.row_sets import is_retired, outline_of, require_split

SANDBOX = "sandbox; default-src 'none'"
SOUNDS = frozenset(
    {"audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac",
     "audio/amr", "audio/aac", "audio/webm", "audio/x-m4a"}
)  # fmt: skip
_ENDING = re.compile(r"[A-Za-z0-9]{1,5}")


@page(Act.OPEN_ORIGINAL)
@require_POST
def original(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """The bytes as they were received, as a file whose name names nobody."""
    found = desk.record(record_id, Act.OPEN_ORIGINAL)
    pieces, ending = _bytes_of(desk, found)
    answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = disposition(found.reference_code or found.id[:12], ending)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return cast(HttpResponse, answer)


@page(Act.OPEN_ORIGINAL)
@require_POST
def sound(request: HttpRequest, desk: Desk, record_id: str) -> HttpResponse:
    """The bytes of a recording, for the player of the page."""
    found = desk.record(record_id, Act.OPEN_ORIGINAL)
    if found.family != "audio":
        raise Http404
    pieces, _ = _bytes_of(desk, found)
    kind = found.media_type if found.media_type in SOUNDS else "application/octet-stream"
    answer = StreamingHttpResponse(pieces, content_type=kind)
    answer.headers["Content-Security-Policy"] = SANDBOX
    return cast(HttpResponse, answer)


def _bytes_of(desk: Desk, found: Any) -> tuple[Iterator[bytes], str]:
    """The original, or the table made again from its row sets, and the ending of its name; noted before."""
    archive = desk.archive
    if is_retired(archive, found):
        split = require_split(archive, found)
        note_opened(archive, found, now=desk.now())
        sink = BytesIO()
        write_rebuilt(archive, split, sink)
        return iter((sink.getvalue(),)), form_of(outline_of(archive, split))
    require_no_hole(archive, found)
    name = getattr(derived_of(archive, found), "name", "")
    note_opened(archive, found, now=desk.now())
    pieces = original_bytes(archive, found)
    first = next(pieces, b"")  # a fault is told as a page, not as a file cut short
    ending = name.rpartition(".")[2]
    return chain((first,), pieces), ending if _ENDING.fullmatch(ending) and "." in name else found.format_name


def disposition(code: str, ending: str) -> str:
    """The header that makes it a file, named after its reference code."""
    plain = re.sub(r"[^A-Za-z0-9.-]", "", code.replace("·", ".")) or "record"
    ending = "".join(re.findall(r"[A-Za-z0-9]", ending))[:8] or "bin"
    exact = quote(f"{code}.{ending}", safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{exact}"
