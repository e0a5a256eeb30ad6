"""Every span of a text that identifies a person or an organisation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kedang.appraisal import names
from kedang.appraisal.addresses import find_addresses, is_address
from kedang.appraisal.birth_dates import find_birth_dates
from kedang.appraisal.folding import fold
from kedang.appraisal.labels import TableLabels
from kedang.appraisal.name_lexicon import name_lexicon
from kedang.appraisal.name_shapes import LIKELY, cell_is_name, fits
from kedang.appraisal.numbers import NumberFinder
from kedang.appraisal.online import find_emails, find_wechat_ids
from kedang.appraisal.organisations import (
    find_organisations,
    find_short_names,
    is_short_name,
    looks_like_organisation,
)
from kedang.records.content import Finding, FindingCategory, Table

PersonModel = Callable[[str], Iterable[tuple[int, int]]]
"""Gives the spans of names of persons in one short clause."""

_CLAUSE_END = re.compile(r"[。；;！!？?\n\t，,]")
_CLAUSE_REACH = 12  # characters on each side of a doubtful name that the model sees
_MODEL_SHARE = 0.06  # of a text's characters at most go to the model
_MODEL_LEAST = 60  # characters that even a short text may send


_HAN_WORD = re.compile(r"[\u4e00-\u9fa5]{2,8}|[A-Z][A-Za-z&. ]{1,40}")
_SHORT_NAME = 0.8  # confidence of a short name
_MOST_ALIASES = 40  # a long list of short names is found cell by cell
_ALIAS = re.compile(r"简称[为:：]?[ ]?[\"“「'‘]([\u4e00-\u9fa5A-Za-z0-9]{2,8})[\"”」'’]")
_PARTY_WORDS = frozenset(
    {
        "甲方",
        "乙方",
        "丙方",
        "买方",
        "卖方",
        "供方",
        "需方",
        "公司",
        "本公司",
        "我司",
        "合同",
        "本合同",
        "协议",
        "本协议",
        "双方",
        "各方",
        "出租方",
        "承租方",
        "委托方",
        "受托方",
        "产品",
        "货物",
        "服务",
        "项目",
        "原合同",
        "主合同",
        "发包人",
        "承包人",
    }
)
_NAMED_KINDS = frozenset({"person", "organisation", "short_name", "address"})


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of a text and how many of its characters the name model saw."""

    findings: tuple[Finding, ...]
    characters_modelled: int = 0


class _Marked:
    """Findings so far and the places they take."""

    def __init__(self, length: int) -> None:
        self.taken = bytearray(length)
        self.findings: list[Finding] = []

    def add(self, finding: Finding, *, over: bool = False) -> bool:
        """Keep a finding unless its place is taken (`over`: unless it begins or ends inside another)."""
        if finding.end <= finding.start or (not over and any(self.taken[finding.start : finding.end])):
            return False
        self.taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
        self.findings.append(finding)
        return True


def find_personal_data(
    text: str, tables: Sequence[Table] = (), *, person_model: PersonModel | None = None
) -> Found:
    """Mark every span of `text` that identifies somebody.

    Spans are [start, end) in code points, sorted by start, and do not overlap. Confidence is 0..1. A finding
    holds the category and the span, never the value. `tables` give their headers as context to their cells;
    `person_model` is the second opinion on doubtful names, None leaves them out.
    """
    return find_in_folded(fold(text), tables, person_model=person_model)


def find_in_folded(
    folded: str, tables: Sequence[Table] = (), *, person_model: PersonModel | None = None
) -> Found:
    """`find_personal_data` of a text that has been folded already."""
    labels = TableLabels(folded, tables)
    marked = _Marked(len(folded))
    for finding in find_emails(folded):
        marked.add(finding)
    for finding in NumberFinder(folded, labels).find():
        marked.add(finding)
    for finding in find_wechat_ids(folded, labels):
        marked.add(finding)
    for finding in find_birth_dates(folded, labels):
        marked.add(finding)
    _from_columns(folded, labels, marked)
    for finding in find_addresses(folded, labels):
        marked.add(finding)
    for finding in (*find_organisations(folded), *find_short_names(folded)):
        if not labels.in_header(finding.start):
            marked.add(finding)
    _spread_organisations(folded, marked)
    seen = _persons(folded, marked, labels, person_model)
    return Found(tuple(sorted(marked.findings, key=lambda finding: (finding.start, finding.end))), seen)


def _from_columns(text: str, labels: TableLabels, marked: _Marked) -> None:
    """Cells whose header says that they hold names, organisations or addresses."""
    for start, end, kinds in labels.cells():
        if not _NAMED_KINDS.isdisjoint(kinds):
            cell = text[start:end]
            stripped = cell.strip()
            category, confidence = _cell_category(stripped, kinds)
            if category is not None:
                begin = start + cell.find(stripped)
                marked.add(Finding(category, begin, begin + len(stripped), confidence))


def _cell_category(cell: str, kinds: tuple[str, ...]) -> tuple[FindingCategory | None, float]:
    if len(cell) < 2 or len(cell) > 80:
        return None, 0.0
    if "address" in kinds:
        return (FindingCategory.ADDRESS, 0.95) if is_address(cell) else (None, 0.0)
    if {"organisation", "short_name"} & set(kinds) and len(cell) >= 4 and looks_like_organisation(cell):
        return FindingCategory.ORGANISATION_NAME, 0.95
    if {"person", "organisation"} & set(kinds) and cell_is_name(cell, certain="person" in kinds):
        return FindingCategory.PERSON_NAME, 0.95 if "person" in kinds else 0.85
    if "organisation" in kinds and is_short_name(cell):
        return FindingCategory.ORGANISATION_NAME, 0.8
    if "short_name" in kinds and _HAN_WORD.fullmatch(cell):
        return FindingCategory.ORGANISATION_NAME, 0.8
    return None, 0.0


def _persons(text: str, marked: _Marked, labels: TableLabels, model: PersonModel | None) -> int:
    known: set[str] = set()

    def keep(start: int, end: int, confidence: float, *, spreads: bool) -> None:
        if marked.add(Finding(FindingCategory.PERSON_NAME, start, end, confidence)) and spreads:
            known.add(text[start:end])

    for span in names.certain_names(text):
        if not labels.in_header(span.start):
            keep(span.start, span.end, span.confidence, spreads=span.spreads)
    doubts: list[names.Doubt] = []
    for judged in names.weigh(text, marked.taken):
        if isinstance(judged, names.Doubt):
            doubts.append(judged)
        else:
            keep(judged.start, judged.end, judged.confidence, spreads=judged.spreads)
    seen = 0
    if model is not None and doubts:
        seen = _second_opinions(text, doubts, marked, model, known)
    known.update(finding_text for finding_text in _column_names(text, marked))
    for start, end in names.spread(text, known, marked.taken):
        marked.findings.append(Finding(FindingCategory.PERSON_NAME, start, end, LIKELY))
    for finding in [one for one in marked.findings if one.category is FindingCategory.PERSON_NAME]:
        for start, end in names.listed_behind(text, finding.end):
            keep(start, end, LIKELY, spreads=False)
    return seen


def _spread_organisations(text: str, marked: _Marked) -> None:
    """The aliases that a text itself gives (以下简称“云帆”) and short names found once, wherever else they stand."""
    names = {
        text[finding.start : finding.end]
        for finding in marked.findings
        if finding.category is FindingCategory.ORGANISATION_NAME and finding.confidence <= _SHORT_NAME
    }
    if "简称" in text:
        names |= {found.group(1) for found in _ALIAS.finditer(text)} - _PARTY_WORDS
    for name in sorted(names, key=len, reverse=True)[:_MOST_ALIASES]:
        for found in re.finditer(re.escape(name), text):
            marked.add(Finding(FindingCategory.ORGANISATION_NAME, found.start(), found.end(), _SHORT_NAME))


def _column_names(text: str, marked: _Marked) -> Iterable[str]:
    people = [
        f for f in marked.findings if f.category is FindingCategory.PERSON_NAME and f.confidence >= LIKELY
    ]
    return (text[f.start : f.end] for f in people[:200]) if len(people) <= 200 else ()


def _second_opinions(
    text: str, doubts: list[names.Doubt], marked: _Marked, model: PersonModel, known: set[str]
) -> int:
    """Ask the model about the likeliest doubts until the text's share of characters is used up."""
    budget = max(_MODEL_LEAST, int(len(text) * _MODEL_SHARE))
    seen = 0
    asked: list[tuple[int, int]] = []
    for doubt in sorted(doubts, key=lambda doubt: -doubt.points):
        if any(marked.taken[doubt.start : doubt.end]) or any(s <= doubt.start < e for s, e in asked):
            continue
        start, end = _clause(text, doubt)
        if seen + end - start > budget:
            break
        seen += end - start
        asked.append((start, end))
        for first, last in model(text[start:end]):
            name = text[start + first : start + last].rstrip()
            last = first + len(name)
            if not 2 <= len(name) <= 4 or not fits(name, name_lexicon(), labelled=True):
                continue
            kept = marked.add(Finding(FindingCategory.PERSON_NAME, start + first, start + last, 0.8))
            if kept and len(name) > 2:
                known.add(name)
    return seen


def _clause(text: str, doubt: names.Doubt) -> tuple[int, int]:
    """The clause around a doubtful name, cut to a few characters on each side."""
    start = max(0, doubt.start - _CLAUSE_REACH)
    for found in _CLAUSE_END.finditer(text, start, doubt.start):
        start = found.end()
    end = min(len(text), doubt.end + _CLAUSE_REACH)
    found_end = _CLAUSE_END.search(text, doubt.end, end)
    return start, found_end.start() + 1 if found_end else end
