"""The unseen world: records of invented firms, written by another hand than the rules, and how they are scored.

`⟦category|value⟧` must be found, `⟦?category|value⟧` may be; lists of classes, accounting kinds and grades name all that a
careful person would accept. A mention of a number as taxpayer's or as credit code is the same find.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kedang.appraisal.appraise import AppraisalOptions, appraise
from kedang.appraisal.findings import PersonModel
from kedang.records.content import Appraisal, Extraction, Family, Format, Table, TextSource

FOLDER = Path(__file__).parent / "unseen"
UNTUNED = Path(__file__).parent / "untuned"
"""Written after the rules had been tuned and measured once: no rule was changed for them."""
MANY_HANDS = Path(__file__).parent / "many_hands"
"""Forty texts in as many hands; labelled before the rules saw them, and tuned on afterwards."""
SPLIT_SEED = 20240607
_MARK = re.compile(r"⟦(\??)([a-z_]+)\|([^⟧]*)⟧")
_SAME = {"taxpayer_number": "credit_code"}
_FORMATS = {
    "doc": Format("application/msword", Family.DOCUMENT, "docx"),
    "txt": Format("text/plain", Family.TEXT, "utf-8-text"),
    "ocr": Format("image/jpeg", Family.IMAGE, "jpg"),
    "sheet": Format("text/csv", Family.SHEET, "csv"),
    "eml": Format("message/rfc822", Family.MESSAGE, "eml"),
}

Span = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Unseen:
    """One record and all that is true of it."""

    name: str
    own: str
    extraction: Extraction
    form: Format
    classes: tuple[str, ...]
    accounting: tuple[str, ...]
    sensitivity: tuple[str, ...]
    found: frozenset[Span]
    allowed: frozenset[Span]
    facts: frozenset[tuple[str, str]]
    customers: frozenset[str]
    maybe_customers: frozenset[str]


def _spans(written: str) -> tuple[str, frozenset[Span], frozenset[Span]]:
    text, last = "", 0
    found: set[Span] = set()
    allowed: set[Span] = set()
    for mark in _MARK.finditer(written):
        text += written[last : mark.start()]
        category = _SAME.get(mark[2], mark[2])
        (allowed if mark[1] else found).add((category, len(text), len(text) + len(mark[3])))
        text += mark[3]
        last = mark.end()
    return text + written[last:], frozenset(found), frozenset(allowed)


def _table(text: str) -> Table:
    lines = text.split("\n")
    rows = tuple(tuple(line.split("\t")) for line in lines)
    starts = tuple(sum(len(line) + 1 for line in lines[:number]) for number in range(1, len(lines)))
    return Table("Sheet1", rows[0], rows[1:], 2, starts)


def _unseen(record: dict[str, Any]) -> Unseen:
    text, found, allowed = _spans(record["text"])
    shape = record.get("shape") or (
        "txt" if record["name"].endswith((".txt", ".md", ".log", ".py")) else "doc"
    )
    return Unseen(
        record["name"], record["own"],
        Extraction(
            text=text,
            text_source=TextSource.OCR if shape == "ocr" else TextSource.EMBEDDED,
            tables=(_table(text),) if shape == "sheet" else (),
            metadata=tuple((key, value) for key, value in record.get("metadata", ())),
        ),
        _FORMATS[shape], tuple(record["class"]), tuple(record["accounting"]), tuple(record["sensitivity"]), found, allowed,
        frozenset((kind, value) for kind, value in record.get("facts", ())),
        frozenset(record.get("customers", ())), frozenset(record.get("maybe_customers", ())),
    )  # fmt: skip


def unseen(folder: Path = FOLDER) -> list[Unseen]:
    """All records of a folder, in the order of the files."""
    return [
        _unseen(record)
        for path in sorted(folder.glob("*.toml"))
        for record in tomllib.loads(path.read_text(encoding="utf-8"))["record"]
    ]


def halves() -> tuple[list[Unseen], list[Unseen]]:
    """The half the rules were tuned on, and the half kept back."""
    records = unseen()
    random.Random(SPLIT_SEED).shuffle(records)
    middle = len(records) // 2
    return records[:middle], records[middle:]


@dataclass(slots=True)
class Score:
    """Hits, misses and false alarms, with the values."""

    right: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right."""
        return self.right / max(1, self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        """Of what is there, the share that was found."""
        return self.right / max(1, self.right + len(self.missed))


@dataclass(slots=True)
class Measured:
    """Everything measured over some records."""

    findings: dict[str, Score] = field(default_factory=dict)
    facts: Score = field(default_factory=Score)
    wrong_class: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    wrong_accounting: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    wrong_sensitivity: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    questions: Counter[str] = field(default_factory=Counter)
    records: int = 0

    @property
    def all_findings(self) -> Score:
        """All categories together."""
        whole = Score()
        for score in self.findings.values():
            whole.right += score.right
            whole.missed += score.missed
            whole.wrong += score.wrong
        return whole

    def score(self, category: str) -> Score:
        """The score of one category."""
        return self.findings.setdefault(category, Score())


def appraised(record: Unseen, model: PersonModel | None = None) -> Appraisal:
    """What the room says of one record."""
    return appraise(
        record.extraction, record.form, name=record.name, options=AppraisalOptions(person_model=model)
    )


def measure(records: Iterable[Unseen], model: PersonModel | None = None) -> Measured:
    """Hold the room's answers against the truth."""
    measured = Measured()
    for record in records:
        appraisal = appraised(record, model)
        measured.records += 1
        _score_findings(measured, record, appraisal)
        _score_facts(measured.facts, record, appraisal)
        _score_grades(measured, record, appraisal)
    return measured


def _score_findings(measured: Measured, record: Unseen, appraisal: Appraisal) -> None:
    text = record.extraction.text
    said = {
        (_SAME.get(one.category.value, one.category.value), one.start, one.end) for one in appraisal.findings
    }
    for category, _start, _end in said & record.found:
        measured.score(category).right += 1
    for category, start, end in sorted(record.found - said):
        measured.score(category).missed.append((record.name, text[start:end]))
    for category, start, end in sorted(said - record.found):
        own = (
            category == "organisation_name" and text[start:end] == record.own
        )  # in a heading it is nobody's data
        if not own and not any(start < last and first < end for _, first, last in record.allowed):
            measured.score(category).wrong.append((record.name, text[start:end]))


def _score_facts(score: Score, record: Unseen, appraisal: Appraisal) -> None:
    said = {(fact.kind, fact.value) for fact in appraisal.facts}
    score.right += len(said & record.facts)
    score.missed += [(record.name, f"{kind}={value}") for kind, value in sorted(record.facts - said)]
    kinds = {kind for kind, _ in record.facts}
    score.wrong += [
        (record.name, f"{kind}={value}")
        for kind, value in sorted(said - record.facts)
        if kind in kinds and value != record.own
    ]


def _score_grades(measured: Measured, record: Unseen, appraisal: Appraisal) -> None:
    right = appraisal.record_class.value in record.classes
    if not right:
        measured.wrong_class.append((record.name, appraisal.record_class.value, record.classes))
    if (appraisal.accounting_kind or "") not in record.accounting:
        measured.wrong_accounting.append((record.name, appraisal.accounting_kind or "", record.accounting))
    if appraisal.sensitivity.value not in record.sensitivity:
        measured.wrong_sensitivity.append((record.name, appraisal.sensitivity.value, record.sensitivity))
    for problem in appraisal.problems:
        measured.questions[problem.code] += 1
        if problem.code != "KD-G104":
            measured.asked.append((record.name, problem.code, right))
