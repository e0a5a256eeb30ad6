"""What is said of a record beside its contents."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from kedang.access.deciding import Act
from kedang.catalogue.classes import class_scheme
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.record.naming import named
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.queries import record_page
from kedang.holdings.queries.opened_record import OpenedRecord
from kedang.holdings.queries.permitted import subject_of
from kedang.holdings.queries.shown_titles import shown_titles
from kedang.records.content import RecordClass

ACTS = {
    "may_read": Act.READ,
    "may_reveal": Act.REVEAL,
    "may_open": Act.OPEN_ORIGINAL,
    "may_label": Act.LABEL,
    "may_answer": Act.ANSWER,
}


def description_of(desk: Desk, opened: OpenedRecord, seen: QuerySet[Any]) -> dict[str, Any]:
    """Everything that stands in tables about the record, by permission."""
    record, archive = opened.record, desk.archive
    permitted = desk.records(Act.LIST)
    subject = subject_of(record)
    may = {name: desk.may(act, subject) for name, act in ACTS.items()}
    return may | {
        "record": record,
        "opened": opened,
        "gone": record.state == DESTROYED,
        "title": shown_titles(archive, [record], seen=seen)[record.id],
        "class_title": _class_title(desk, record.record_class),
        "reasons": _reasons(desk, opened) if may["may_read"] else [],
        "sure": round(record.class_permille / 10),
        "findings": _findings(record.finding_counts),
        "places": _places(opened),
        "around": record_page.around(archive, record, permitted),
        "ties": _ties(desk, opened, seen) if desk.may(Act.SEE_CUSTOMERS) else None,
        "reckoning": record_page.reckoning_said(record, desk.language),
        "questions": record_page.questions_of(archive, record),
        "history": record_page.history_of(archive, record, reading=desk.may(Act.SEE_LEDGER)),
        "beside": record_page.neighbours(permitted, record),
    }


def _class_title(desk: Desk, name: str) -> str:
    if not name:
        return ""
    title = class_scheme("basic-first").title(RecordClass(name))
    return title.zh if desk.language.startswith("zh") else title.en


def _reasons(desk: Desk, opened: OpenedRecord) -> list[Any]:
    """Why the class was chosen, the weightiest first; what a reason quotes is covered."""
    appraisal = opened.derived.appraisal if opened.derived else None
    reasons = sorted(appraisal.reasons if appraisal else (), key=lambda one: -one.weight)
    zh = desk.language.startswith("zh")
    return [opened.covered_words(one.zh if zh else one.en) for one in reasons[:6]]


def _ties(desk: Desk, opened: OpenedRecord, seen: QuerySet[Any]) -> list[tuple[Any, list[str]]]:
    """Each customer with the texts of the grounds."""
    ties = record_page.ties_of(desk.archive, opened.record, seen)
    return [(tie, [named("ground", ground) for ground in tie.grounds]) for tie in ties]


def _findings(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(named("finding", name), count) for name, count in sorted(counts.items())]


def _places(opened: OpenedRecord) -> list[Any]:
    if opened.record.state == DESTROYED:
        return []
    found = record_page.places_of(opened.archive, opened.record)
    return [(opened.covered_words(path), when) for path, when in found]
