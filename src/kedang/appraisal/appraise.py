"""Appraisal of one record: what it is, whose data it holds, what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kedang.appraisal import errors
from kedang.appraisal.classes import Clues, accounting_kind, clues_of, decide_class
from kedang.appraisal.dates import find_dates
from kedang.appraisal.facts import date_of, read_facts
from kedang.appraisal.findings import PersonModel, find_in_folded
from kedang.appraisal.folding import fold
from kedang.appraisal.last_days import last_days
from kedang.appraisal.sensitivity import grade
from kedang.records.content import (
    Appraisal,
    Extraction,
    Fact,
    Family,
    Finding,
    FindingCategory,
    Format,
    Problem,
    RecordClass,
)

_TITLE_LENGTH = 60
_DATE_KINDS = {
    RecordClass.CONTRACT: ("signed_on", "valid_from", "issued_on", "occurred_on"),
    RecordClass.TRANSACTION: ("issued_on", "paid_on", "occurred_on", "signed_on"),
    RecordClass.SERVICE: ("occurred_on", "closed_on", "issued_on", "signed_on"),
    RecordClass.COMMUNICATION: ("message_date", "occurred_on", "issued_on", "signed_on"),
    RecordClass.PERSONAL: ("occurred_on", "issued_on", "signed_on"),
    RecordClass.OTHER: ("occurred_on", "closed_on", "issued_on", "signed_on", "message_date"),
}
_TITLED_FAMILIES = frozenset({
    Family.DOCUMENT, Family.PDF, Family.OFD, Family.TEXT, Family.IMAGE, Family.MARKUP, Family.SLIDES,
})  # fmt: skip
_CORPORATE = re.compile(
    r"股东(?:大会|会)?(?:的)?(?:决议|决定)|董事会(?:的)?(?:决议|决定)|公司章程|清算报告|清算方案|清算组(?:成立|备案)|验资报告|(?:设立|变更|注销)登记申请"
)
_NO_TITLE = re.compile(r"[:：]\s*\S|[。；;，,]$|^[\d\s\W]+$|^第?\s*\d+\s*页")
_WHOLE_DATE_IN_NAME = re.compile(
    r"(?<!\d)((?:19|20)\d{2})[-_.年]?(0[1-9]|1[0-2])[-_.月]?(0[1-9]|[12]\d|3[01])(?!\d)"
)


@dataclass(frozen=True, slots=True)
class AppraisalOptions:
    """What the caller chooses."""

    person_model: PersonModel | None = None
    """The second opinion on names; None switches it off."""


def _values(extraction: Extraction, *names: str) -> list[str]:
    return [value for name, value in extraction.metadata if name in names and value.strip()]


def appraise(
    extraction: Extraction,
    form: Format,
    *,
    name: str,
    folders: tuple[str, ...] = (),
    options: AppraisalOptions | None = None,
) -> Appraisal:
    """Class, accounting kind, sensitivity, title, date, personal data and facts of one extracted record.

    `name` is the file's own name, `folders` those above it, nearest last. Never raises on any text.
    """
    options = options or AppraisalOptions()
    text = fold(extraction.text)
    found = find_in_folded(text, extraction.tables, person_model=options.person_model)
    findings = found.findings
    clues = _clues(extraction, text, form, name, folders, findings)
    decision = decide_class(clues)
    kind = accounting_kind(clues, decision.record_class)
    facts = (
        *_message_facts(extraction, form),
        *read_facts(text, findings, decision.record_class),
        *last_days(text, extraction.tables, clues.titles, decision.record_class, accounting=kind is not None),
    )
    record_date = _record_date(decision.record_class, facts, text, findings, extraction, name)
    facts += tuple(_corporate_paper(clues, decision.record_class, record_date))
    return Appraisal(
        record_class=decision.record_class,
        class_confidence=decision.confidence,
        reasons=decision.reasons,
        accounting=kind is not None,
        accounting_kind=kind,
        sensitivity=grade(clues, text, findings, record_date),
        title=title_of(extraction, form, name),
        record_date=record_date,
        findings=findings,
        facts=facts,
        problems=(*decision.problems, *_doubtful_numbers(findings)),
    )


def _clues(
    extraction: Extraction,
    text: str,
    form: Format,
    name: str,
    folders: tuple[str, ...],
    findings: Sequence[Finding],
) -> Clues:
    """What the class is told by; `text` is folded already."""
    said = _values(extraction, "subject", "title")
    return clues_of(
        text,
        form,
        fold(name),
        tuple(map(fold, folders)),
        tuple(map(fold, said)),
        tables=extraction.tables,
        findings=findings,
    )


def _corporate_paper(clues: Clues, record_class: RecordClass, day: date | None) -> Iterator[Fact]:
    """The day of a resolution, statute or liquidation paper of a company, which is kept for ever."""
    if day and record_class is RecordClass.OTHER and any(map(_CORPORATE.search, clues.titles)):
        yield Fact("corporate_paper_on", day.isoformat(), 0, 0, 0.8)


def _doubtful_numbers(findings: Sequence[Finding]) -> tuple[Problem, ...]:
    """One question when labelled identity numbers fail their check digit."""
    failed = sum(
        finding.confidence < 0.6
        and finding.category in (FindingCategory.RESIDENT_ID, FindingCategory.CREDIT_CODE)
        for finding in findings
    )
    return (Problem(errors.CHECK_DIGIT_FAILS, {"numbers": failed}),) if failed else ()


def _message_facts(extraction: Extraction, form: Format) -> tuple[Fact, ...]:
    """The date in a message's header; it has no place in the text, so its span is empty."""
    if form.family not in (Family.MESSAGE, Family.CALENDAR, Family.MAILBOX):
        return ()
    for value in _values(extraction, "date"):
        day = _iso_day(value)
        if day is not None:
            return (Fact("message_date", day.isoformat(), 0, 0, 0.99),)
    return ()


def _iso_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _record_date(
    record_class: RecordClass,
    facts: Sequence[Fact],
    text: str,
    findings: Sequence[Finding],
    extraction: Extraction,
    name: str,
) -> date | None:
    """The day a record speaks of: by its facts, then its last lines, its name, its first date, its metadata."""
    told = date_of(facts, *_DATE_KINDS[record_class])
    if told is not None:
        return told
    births = {finding.start for finding in findings if finding.category is FindingCategory.BIRTH_DATE}
    written = list(find_dates(text[-240:]))
    shift = max(0, len(text) - 240)
    closing = [one.value for one in written if one.start + shift not in births]
    if closing and len(text) > 240:
        return closing[-1]
    named = _WHOLE_DATE_IN_NAME.search(name)
    if named is not None:
        day = _iso_day("-".join(named.groups()))
        if day is not None:
            return day
    for one in find_dates(text[:8000]):
        if one.start not in births:
            return one.value
    for value in _values(extraction, "date", "created"):
        day = _iso_day(value)
        if day is not None:
            return day
    return date_of(facts, "period_end", "last_entry_on", "last_message_on")


def title_of(extraction: Extraction, form: Format, name: str) -> str:
    """Subject, else the first line that reads as a heading, else the file's name without its ending."""
    for value in _values(extraction, "subject"):
        return value.strip()[:_TITLE_LENGTH]
    stem = name.rsplit(".", 1)[0] if "." in name[1:] else name
    if form.family in _TITLED_FAMILIES:
        for line in extraction.text[:400].split("\n")[:4]:
            heading = " ".join(line.split())
            if 2 <= len(heading) <= 40 and not _NO_TITLE.search(heading) and "\t" not in line.strip():
                return heading
    return stem[:_TITLE_LENGTH]
