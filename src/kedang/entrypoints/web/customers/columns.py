"""What the columns of a table mean, shown and corrected."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk, page
from kedang.entrypoints.web.jobs.asking import ask
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.consulting import note_shown
from kedang.holdings.actions.correcting_columns import AS_READ, correct_columns
from kedang.holdings.queries.columns import ColumnShown, columns_of_record, meanings_said

MACHINE = "-"
"""In the form: as the machine tells."""


@page(Act.ANSWER)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, desk: Desk, reference: str) -> HttpResponse:
    """Every column with its meaning and why; what is corrected is remembered, and tables are read again."""
    record = desk.record(reference, Act.READ)
    desk.record(reference, Act.ANSWER)
    shown = columns_of_record(desk.archive, record)
    if request.method == "POST":
        said = _said(request, shown)
        changed = correct_columns(desk.archive, record, said, clock=desk.now)
        if changed:
            return ask(desk, "columns", {"record": record.id})
        messages.info(request, say("customers.nothing-corrected", desk.language))
        return redirect("columns", code=desk.code, reference=record.id)
    note_shown(desk.archive, "record", [record.id], now=desk.now())
    words = {value: zh if desk.language == "zh" else en for value, zh, en in meanings_said()}
    tables = [
        {"sheet": sheet, "columns": [_line(one, at, words, desk.language) for at, one in some]}
        for (_, sheet), some in groupby(enumerate(shown), key=lambda one: (one[1].table, one[1].sheet))
    ]
    told = {
        "tables": tables,
        "meanings": words,
        "record": record,
        "reference": record.reference_code or record.id[:12],
    }
    return render(request, "customers/columns.html", told)


def _said(request: HttpRequest, shown: list[ColumnShown]) -> dict[str, str]:
    """What the form says of each column; the first of several under one header counts."""
    said: dict[str, str] = {}
    for at, one in enumerate(shown):
        given = request.POST.get(f"c{at}", "")
        now = one.meaning if one.corrected else MACHINE
        if given and given != now:
            said.setdefault(one.key, AS_READ if given == MACHINE else given)
    return said


def _line(one: ColumnShown, at: int, words: dict[str, str], language: str) -> dict[str, Any]:
    chinese = language == "zh"
    return {
        "name": f"c{at}",
        "header": one.header,
        "place": one.place + 1,
        "chosen": one.meaning if one.corrected else MACHINE,
        "meaning": words.get(one.meaning, "—"),
        "corrected": one.corrected,
        "because": ("；" if chinese else "; ").join(one.zh if chinese else one.en),
        "shapes": ("、" if chinese else ", ").join(words[shape] for shape in one.shapes if shape in words),
    }
