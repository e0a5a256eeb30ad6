"""A catalogue of chosen records as a file, marked with who receives it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from kedang.catalogue.delimited_list import guarded, write_csv
from kedang.catalogue.workbook import write_xlsx
from kedang.entrypoints.web.archive.finding import seen_customers
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.exporting import note_marked
from kedang.holdings.browsing_errors import SelectionChanged, TooManyAtOnce
from kedang.holdings.checking_errors import ReasonNeeded
from kedang.holdings.queries.bulk_effects import MOST_EXPORTED, Effect
from kedang.holdings.queries.description import FindingAid

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS_AT_ONCE = 50
SHORTEST = 2  # characters of a receiver and of a reason


def exported(request: HttpRequest, desk: Desk, effect: Effect) -> HttpResponse | StreamingHttpResponse:
    """The file, noted in the ledger before its first byte leaves.

    Raises:
        SelectionChanged, TooManyAtOnce, ReasonNeeded: nothing is written.
    """
    form = "csv" if request.POST.get("form") == "csv" else "xlsx"
    receiver, reason = (" ".join(request.POST.get(name, "").split())[:200] for name in ("receiver", "reason"))
    if effect.digest != request.POST.get("digest", ""):
        raise SelectionChanged()
    if not effect.affected or len(effect.affected) > MOST_EXPORTED:
        raise TooManyAtOnce(chosen=len(effect.affected), most=MOST_EXPORTED)
    if min(len(receiver), len(reason)) < SHORTEST:
        raise ReasonNeeded()
    number = note_marked(
        desk.archive, effect.affected, form, receiver=receiver, reason=reason, now=desk.now()
    )
    mark = say(
        "archive.export-mark", "zh", receiver=receiver, day=desk.today().isoformat(), number=number[:12]
    )
    aid = FindingAid(desk.archive, only=effect.affected, seen=seen_customers(desk))
    answer: HttpResponse | StreamingHttpResponse
    if form == "csv":
        answer = StreamingHttpResponse(_csv(aid, mark), content_type=FORMS[form])
    else:
        sink = io.BytesIO()
        write_xlsx(aid.rows(), sink, title=mark)
        answer = HttpResponse(sink.getvalue(), content_type=FORMS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{desk.code}-{number[:12]}.{form}"'
    return answer


def _csv(aid: FindingAid, mark: str) -> Iterator[bytes]:
    """The rows some at a time, the mark in the first and the last line."""
    rows = aid.rows()
    first = True
    yield codecs.BOM_UTF8 + _line(mark)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        sink = io.BytesIO()
        write_csv(some, sink)
        said = sink.getvalue().removeprefix(codecs.BOM_UTF8)
        yield said if first else said.partition(b"\r\n")[2]
        first = False
    yield _line(mark)


def _line(said: str) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guarded(said)])
    return text.getvalue().encode()
