"""What is said of a record beside its contents."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from kedang.access.deciding import Act
from kedang.entrypoints.web.checking.describing import decisions_of
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.opened import opened_cases
from kedang.entrypoints.web.record.naming import named
from kedang.entrypoints.web.texts import say
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.queries import record_page
from kedang.holdings.queries.opened_record import OpenedRecord
from kedang.holdings.queries.orders import order_that_destroyed
from kedang.holdings.queries.permitted import subject_of
from kedang.holdings.queries.shown_titles import shown_titles

ACTS = {
    "may_read": Act.READ,
    "may_reveal": Act.REVEAL,
    "may_open": Act.OPEN_ORIGINAL,
    "may_label": Act.LABEL,
    "may_answer": Act.ANSWER,
    "may_accept": Act.ACCEPT,
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
        "class_title": say(f"web.class-{record.record_class}", desk.language) if record.record_class else "",
        "reasons": _reasons(desk, opened) if may["may_read"] else [],
        "sure": round(record.class_permille / 10),
        "findings": _findings(record.finding_counts),
        "places": _places(opened),
        "around": record_page.around(archive, record, desk.condition(Act.LIST)),
        "ties": ties_said(desk, record, seen) if desk.may(Act.SEE_CUSTOMERS) else None,
        "may_judge": desk.may(Act.JUDGE),
        "reckoning": record_page.reckoning_said(record, desk.language),
        "destroyed": _destroyed(desk, record) if record.state == DESTROYED else None,
        "decisions": _decisions(desk, opened, seen, may),
        "questions": record_page.questions_of(archive, record),
        "history": _history(desk, record),
        "beside": record_page.neighbours(permitted, record),
    }


def _destroyed(desk: Desk, record: Any) -> dict[str, Any] | None:
    """By which order it was destroyed, and when; the order itself for those who work with orders."""
    order = order_that_destroyed(desk.archive, record.id)
    if order is None:
        return None
    who = record_page.agent_names(desk.archive).get(order.agent_id, "")
    return {"order": order, "who": who, "may_open": desk.may(Act.PROPOSE_DESTRUCTION)}


def _history(desk: Desk, record: Any) -> list[Any]:
    kept = opened_cases().ledger(desk.code)
    return record_page.history_of(desk.archive, record, reading=desk.may(Act.SEE_LEDGER), kept=kept)


def _decisions(desk: Desk, opened: OpenedRecord, seen: QuerySet[Any], may: dict[str, bool]) -> list[Any]:
    """What was decided about it and why, for those who sort and review: a reason is in somebody's own words."""
    if not (may["may_answer"] or may["may_accept"]):
        return []
    return decisions_of(desk, opened.record, seen, opened if may["may_read"] else None)


def _reasons(desk: Desk, opened: OpenedRecord) -> list[Any]:
    """Why the class was chosen, the weightiest first; what a reason quotes is covered."""
    appraisal = opened.derived.appraisal if opened.derived else None
    reasons = sorted(appraisal.reasons if appraisal else (), key=lambda one: -one.weight)
    zh = desk.language.startswith("zh")
    return [opened.covered_words(one.zh if zh else one.en) for one in reasons[:6]]


def ties_said(desk: Desk, record: Any, seen: QuerySet[Any]) -> list[tuple[Any, list[str]]]:
    """Each customer of a record with the texts of the grounds."""
    ties = record_page.ties_of(desk.archive, record, seen)
    return [(tie, [named("ground", ground) for ground in tie.grounds]) for tie in ties]


def _findings(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(named("finding", name), count) for name, count in sorted(counts.items())]


def _places(opened: OpenedRecord) -> list[Any]:
    if opened.record.state == DESTROYED:
        return []
    found = record_page.places_of(opened.archive, opened.record)
    return [(opened.covered_words(path), when) for path, when in found]
