"""What is shown of a record beside a question: its text covered, the proposal with reasons, what was decided before."""

from __future__ import annotations

from typing import Any

from kedang.access.deciding import Act
from kedang.appraisal.learning import LEAST_ANSWERS
from kedang.entrypoints.web.checking.describing import decisions_of, offered
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say, web_texts
from kedang.holdings.actions.correcting import ACCOUNTING_KINDS
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.adapters.learnt import answered, open_learnt, told_of
from kedang.holdings.queries.corrections import sent_back_reason
from kedang.holdings.queries.opened_record import OpenedRecord, opened_record
from kedang.holdings.queries.permitted import customers_seen, subject_of
from kedang.holdings.queries.record_page import places_of, questions_of
from kedang.holdings.queries.shown_titles import shown_titles
from kedang.records.content import RecordClass, Sensitivity

TEXT_SHOWN = (
    6_000  # code points: what a person reads to tell what a paper is; the record's own page has all of it
)
REASONS = 5


def class_title(desk: Desk, name: str) -> str:
    """What people call a class."""
    return say(f"web.class-{name}", desk.language)


def classes_of(desk: Desk) -> list[tuple[str, str]]:
    """Each class with what people call it, in the order of their keys 1 to 6."""
    return [(one.value, class_title(desk, one.value)) for one in RecordClass]


def sheet_of(desk: Desk, record: Any) -> dict[str, Any]:
    """The record as whoever decides about it may see it; noted as shown by the caller before."""
    archive = desk.archive
    seen = customers_seen(archive.case_id, desk.person, today=desk.today())
    may_read = desk.may(Act.READ, subject_of(record))
    shown: dict[str, Any] = {
        "record": record,
        "title": shown_titles(archive, [record], seen=seen)[record.id],
        "may_read": may_read,
        "may_reveal": desk.may(Act.REVEAL, subject_of(record)),
        "classes": classes_of(desk),
        "class_title": class_title(desk, record.record_class),
        "sensitivities": [one.value for one in Sensitivity],
        "accounting_kinds": ACCOUNTING_KINDS,
        "sure": round(record.class_permille / 10),
    }
    opened = opened_record(archive, record, seen=seen) if may_read else None
    if opened is not None:
        shown |= _contents(desk, opened)
    shown["decisions"] = decisions_of(desk, record, seen, opened)
    return shown | offered(opened, shown["title"])


def _contents(desk: Desk, opened: OpenedRecord) -> dict[str, Any]:
    """Text, pages, places and reasons, covered."""
    if not opened.judged:
        return {"pieces": [], "pages": 0}
    appraisal = opened.derived.appraisal if opened.derived else None
    reasons = sorted(appraisal.reasons if appraisal else (), key=lambda one: -one.weight)
    zh = desk.language.startswith("zh")
    return {
        "pieces": opened.pieces(0, min(TEXT_SHOWN, len(opened.text))) if opened.text.strip() else [],
        "more_text": len(opened.text) > TEXT_SHOWN,
        "pages": opened.pages,
        "places": [opened.covered_words(path) for path, _ in places_of(opened.archive, opened.record)[:4]],
        "reasons": [opened.covered_words(one.zh if zh else one.en) for one in reasons[:REASONS]],
        "opened": opened,
    }


def proposal_of(desk: Desk, record: Any, opened: OpenedRecord | None) -> dict[str, Any]:
    """The class that is proposed: what the answers of the case teach where that is better, else what the signs say."""
    said: dict[str, Any] = {
        "class": record.record_class,
        "sure": round(record.class_permille / 10),
        "by": "machine",
    }
    found = open_learnt(desk.archive) if opened is not None else None
    if found is not None and opened is not None and record.class_permille < 1000:
        row, model = found
        if row.right_after > row.right_before:
            chosen, sure = model.propose(told_of(record, opened.derived))
            said = {
                "class": chosen.value,
                "sure": round(sure * 100),
                "by": "learnt",
                "answers": len(row.records),
            }
    return said | {"title": class_title(desk, said["class"])}


def lift_of(desk: Desk) -> dict[str, Any]:
    """What the answers of the case have taught, measured; or how many are needed before that can be said."""
    answers = len(answered(desk.archive.case_id))
    found = open_learnt(desk.archive)
    if found is None:
        return {
            "answers": answers,
            "least": LEAST_ANSWERS,
            "known": False,
            "enough": answers >= LEAST_ANSWERS,
        }
    row, _ = found
    count = len(row.records)
    return {
        "answers": answers,
        "known": True,
        "learnt_of": count,
        "before": f"{100 * row.right_before / count:.1f}",
        "after": f"{100 * row.right_after / count:.1f}",
        "better": row.right_after > row.right_before,
        "learnt": row.learnt,
    }


def question_shown(desk: Desk, asked: Any) -> dict[str, Any]:
    """The question with everything that a person needs to answer it."""
    sheet = sheet_of(desk, asked.record)
    proposal = proposal_of(desk, asked.record, sheet.get("opened"))
    others = [one for one in questions_of(desk.archive, asked.record) if one.code != asked.code]
    return sheet | {
        "question": asked,
        "what": what if (what := f"checking.what-{asked.code}") in web_texts() else "",
        "seen": state_seen(asked.record, asked),
        "proposal": proposal,
        "others": [one for one in others if getattr(one, "state", "open") == "open"],
        "back": sent_back_reason(desk.archive, asked.record),
    }
