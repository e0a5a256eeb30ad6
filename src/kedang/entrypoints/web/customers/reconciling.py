"""Reconciliation: papers against each other and against control totals that are typed or imported."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kedang.access.deciding import Act
from kedang.entrypoints.controls import controls_of, in_order, typed_control
from kedang.entrypoints.customer_page.blocks import Page, Part
from kedang.entrypoints.customer_page.html import part_html
from kedang.entrypoints.customer_page.making import Standing, reconciliation_page
from kedang.entrypoints.customer_page.reconciled import reconciliation_json, tables_of
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.errors import ControlsUnreadable
from kedang.entrypoints.web.customers.drawing import finished, links_of, standing_of
from kedang.entrypoints.web.customers.scoping import customer_of, scope_of, tabs
from kedang.entrypoints.web.desk import Desk, page
from kedang.holdings.actions.customer_consulting import reconcile_papers
from kedang.holdings.queries.rebuilt_tables import write_rows_csv, write_rows_xlsx
from kedang.records.sheets import Cells, Sheet
from kedang.resolution.dealings import STEPS, Control

GAPS = 50  # on a page
Table = tuple[str, Sheet, Iterator[tuple[int, Cells]]]
WRITERS: dict[str, Callable[[list[Table], BinaryIO], int]] = {"csv": write_rows_csv, "xlsx": write_rows_xlsx}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@page(Act.SEE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def reconciliation(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Totals and gaps; what was typed or imported stays in the form and nowhere else."""
    wrong, told = "", tuple[Control, ...]()
    try:
        told = _controls(request)
    except ControlsUnreadable as error:
        wrong = error.code
    form = request.POST.get("form", "")
    if form in WRITERS:
        desk.require(Act.EXPORT)
    given = _reconciled(request, desk, told, form if form in WRITERS else "html")
    words = PageWords(desk.language)
    if form in WRITERS:
        return _written(given, words, form, desk)
    shown = _shown(given, desk, words, request.POST.get("page", ""))
    shown |= {
        "controls": _typed_again(told, words),
        "number": request.POST.get("customer", "").strip(),
        "wrong": wrong,
        "may_export": desk.may(Act.EXPORT),
        "tabs": tabs(desk, "reconciliation"),
    }
    return render(request, "customers/reconciliation.html", shown)


def _reconciled(request: HttpRequest, desk: Desk, told: tuple[Control, ...], form: str) -> dict[str, Any]:
    number = request.POST.get("customer", "").strip()
    one = customer_of(desk, int(number)) if number.isdecimal() and len(number) < 10 else None
    scope = scope_of(desk)
    found = reconcile_papers(desk.archive, told, customer=one, form=form, clock=desk.now, scope=scope)
    return reconciliation_json(found, told)


def _shown(given: dict[str, Any], desk: Desk, words: PageWords, page: str) -> dict[str, Any]:
    made, some, paging = _paged(given, standing_of(desk), words, page)
    named = {
        record: code
        for gap in given["gaps"]
        for record, code in zip(gap["records"], gap["reference_codes"], strict=True)
    }
    linked = links_of(named, desk)
    parts = [(part, finished(part_html(part, words), linked, words)) for part in some]
    return {"page": made, "parts": parts, "agrees": given["agrees"], **paging}


def _paged(
    given: dict[str, Any], standing: Standing, words: PageWords, said: str
) -> tuple[Page, list[Part], dict[str, int]]:
    """The whole for its figures, its parts with one page of gaps, and where that page stands."""
    gaps = given["gaps"]
    pages = max(1, ceil(len(gaps) / GAPS))
    at = min(int(said), pages) if said.isdecimal() and int(said[:9]) > 0 else 1
    whole = reconciliation_page(given, standing, words)
    cut = reconciliation_page(given | {"gaps": gaps[(at - 1) * GAPS : at * GAPS]}, standing, words)
    paging = {
        "at": at,
        "pages": pages,
        "gaps": len(gaps),
        "before": at - 1,
        "behind": at + 1 if at < pages else 0,
    }
    return whole, list(cut.parts), paging


def _controls(request: HttpRequest) -> tuple[Control, ...]:
    """The totals of an imported table, or those that were typed."""
    sent = request.FILES.get("controls")
    if sent is not None:
        return in_order(controls_of(sent.read(), is_workbook=(sent.name or "").casefold().endswith(".xlsx")))
    typed = []
    for kind in STEPS:
        count, total = (request.POST.get(f"{kind.value}-{part}", "").strip() for part in ("count", "sum"))
        said = [
            f"{name}={value.replace(',', '')}" for name, value in (("count", count), ("sum", total)) if value
        ]
        if said:
            typed.append(typed_control(kind, ",".join(said)))
    return in_order(typed)


def _typed_again(told: tuple[Control, ...], words: PageWords) -> list[dict[str, Any]]:
    by_kind = {one.kind: one for one in told}
    return [
        {
            "kind": kind.value,
            "label": words.of("paper", kind.value),
            "count": by_kind[kind].count if kind in by_kind else None,
            "sum": by_kind[kind].total if kind in by_kind else None,
        }
        for kind in STEPS
    ]


def _written(given: dict[str, Any], words: PageWords, form: str, desk: Desk) -> HttpResponse:
    tables: list[Table] = [
        (name, Sheet(name, headers=heads), iter(list(enumerate(rows, start=1))))
        for name, heads, rows in tables_of(given, words)
    ]
    sink = io.BytesIO()
    WRITERS[form](tables, sink)
    disposition = f'attachment; filename="{desk.code}-reconciliation.{form}"'
    return HttpResponse(
        sink.getvalue(), content_type=TYPES[form], headers={"Content-Disposition": disposition}
    )
