"""What a record holds, one view at a time: its pages, its text, its tables, its members, its sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404

from kedang.access.covering import Covered
from kedang.appraisal.said_facts import CERTAIN
from kedang.entrypoints.web.record.naming import named
from kedang.holdings.queries.opened_record import OpenedRecord
from kedang.holdings.queries.record_tables import ROWS_OF_A_PAGE, table_page
from kedang.records.content import Family

TEXT_AT_ONCE = 12_000  # code points: a dozen pages of print
Asked = Callable[[str, int], int]


def contents_of(opened: OpenedRecord, view: str, asked: Asked) -> dict[str, Any]:
    """What the chosen view shows; the first that there is when none, or another, is chosen."""
    views = _views(opened)
    view = view if view in views else next(iter(views), "")
    said: dict[str, Any] = {"views": views, "view": view}
    if view == "pages":
        said |= _pages(opened, asked("page", 1))
    elif view == "text":
        said |= _text(opened, asked("from", 0))
    elif view == "tables":
        said |= _table(opened, asked("table", 0), asked("row", 0))
    return said | {"facts": _facts(opened)}


def _views(opened: OpenedRecord) -> list[str]:
    views = ["pages"] if opened.pages else []
    views += ["tables"] if opened.tables else []
    views += ["text"] if opened.text.strip() else []
    sound = opened.derived is not None and opened.derived.format.family is Family.AUDIO
    return (["sound"] if sound else []) + views


def _pages(opened: OpenedRecord, number: int) -> dict[str, Any]:
    if not 1 <= number <= opened.pages:
        raise Http404
    return {"number": number, "pages": opened.pages}


def _text(opened: OpenedRecord, first: int) -> dict[str, Any]:
    first = min(first, max(0, len(opened.text) - 1)) // TEXT_AT_ONCE * TEXT_AT_ONCE
    last = min(first + TEXT_AT_ONCE, len(opened.text))
    return {
        "pieces": opened.pieces(first, last),
        "first": first,
        "last": last,
        "length": len(opened.text),
        "before": first - TEXT_AT_ONCE,
        "after": last if last < len(opened.text) else 0,
    }


def _table(opened: OpenedRecord, number: int, row: int) -> dict[str, Any]:
    shown = table_page(opened, number, row)
    if shown is None:
        raise Http404
    after = shown.first + ROWS_OF_A_PAGE
    names = [opened.covered_words(table.name) for table in opened.tables[:100]]
    return {
        "table": shown,
        "table_names": list(enumerate(names)),
        "before": shown.first - ROWS_OF_A_PAGE,
        "after": after if after < shown.total else 0,
        "last": min(after, shown.total),
    }


def _facts(opened: OpenedRecord) -> list[dict[str, Any]]:
    """Each fact with its words: covered where a finding says so."""
    return [
        {
            "number": number,
            "kind": named("fact", fact.kind),
            "pieces": opened.pieces(fact.start, fact.end) if fact.confidence < CERTAIN else (),
            "said": opened.fact_parts(fact) if fact.confidence == CERTAIN else (),
            "hides": any(isinstance(part, Covered) for part in opened.fact_parts(fact)),
            "sure": round(fact.confidence * 100),
        }
        for number, fact in enumerate(opened.facts[:200], start=1)
    ]
