"""Numbers that name somebody: found as runs of digits, told apart by check digits, shapes and the words around.

Order of judgement for one run: a label that makes it no personal number ends it; a label that names a kind tries
that kind first; then resident id, credit code, card, telephone, because each is stricter than the next.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from kedang.appraisal.labels import NO_LABEL, Label, LabelsBefore, TableLabels, label_after
from kedang.records import identifiers
from kedang.records.content import Finding, FindingCategory

# Runs of digits and letters, or of groups of digits joined by single blanks or dashes, long enough for any kind.
_RUN = re.compile(r"[0-9A-Za-z]{5,40}")
_HAS_DIGITS = re.compile(r"\d{4}")
_GROUPS = re.compile(
    r"(?:\d{17} [\dXx]|\d{2,8}(?:(?: {1,2}|[-–—]| - )\d{2,8}){1,6}(?: ?-?[0-9Xx])?)(?![0-9A-Za-z])"
)
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z.\-])(?:(?:\+?86[ -]?)?(?:\(0\d{2,3}\) ?-?|0\d{2,3}[ \-–—]{0,3})|\+86[ -]?\d{2,3}[ -])"
    r"[2-9]\d{2,3}[ -]?\d{4}(?:(?:-|转| ?转| x| ext\.? ?)\d{1,6})?(?![0-9A-Za-z])"
)
_PREFIX_86 = re.compile(r"(?:\+ ?86|\(\+?86\)|0086|(?<![\d.\-])86)[ \-]?$")
_URL = re.compile(r"(?:https?|ftp)://[^\s\u4e00-\u9fff<>\"']+|www\.[^\s\u4e00-\u9fff<>\"']+")
_UNIT_AFTER = re.compile(r"\s?(?:元|万|亿|件|个|台|吨|公斤|千克|米|字节|bytes|KB|MB|ms|%|％)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][·•・. \-]?[A-HJ-NP-Za-hj-np-z0-9]{4,6}[挂学警港澳]?(?![0-9A-Za-z\-])"
)

_BARRING_KINDS = frozenset({"number", "amount", "invoice_code", "group", "birth_date", "date"})

SURE, STRONG, LIKELY, WEAK = 0.99, 0.95, 0.85, 0.55


@dataclass(frozen=True, slots=True)
class Run:
    """One written number: where it stands, how it is written, and what its label says."""

    start: int
    end: int
    written: str
    label: Label
    label_behind: Label = NO_LABEL

    def labelled(self, *kinds: str) -> bool:
        """Whether the label names one of `kinds`."""
        return self.label.kind in kinds


def _found(category: FindingCategory, run: Run, confidence: float) -> Finding:
    return Finding(category, run.start, run.end, confidence)


def _as_resident_id(run: Run) -> Finding | None:
    length = len(identifiers.compact(run.written))
    if length not in (15, 18) or (run.labelled("number", "amount", "invoice_code") and run.label.firm):
        return None
    said = run.labelled("resident_id")
    if not identifiers.looks_like_resident_id(run.written):
        return None
    if length == 15:
        return _found(FindingCategory.RESIDENT_ID, run, LIKELY) if said else None
    if identifiers.resident_id_of(run.written):
        return _found(FindingCategory.RESIDENT_ID, run, SURE if said else STRONG)
    return _found(FindingCategory.RESIDENT_ID, run, WEAK) if said else None


def _as_credit_code(run: Run) -> Finding | None:
    if run.labelled("taxpayer_number"):
        return None  # the form asks for the taxpayer number; since 2015 it is the credit code
    if run.labelled("number") and run.label.firm and not run.label.word.startswith("注册"):
        return None
    if identifiers.credit_code_of(run.written):
        return _found(FindingCategory.CREDIT_CODE, run, STRONG)
    if run.labelled("credit_code") and identifiers.looks_like_credit_code(run.written):
        return _found(FindingCategory.CREDIT_CODE, run, WEAK)
    return None


def _as_taxpayer_number(run: Run) -> Finding | None:
    if run.labelled("taxpayer_number") and identifiers.taxpayer_number_of(run.written):
        return _found(FindingCategory.TAXPAYER_NUMBER, run, LIKELY)
    return None


def _as_bank_card(run: Run) -> Finding | None:
    said = run.labelled("bank_card", "account")
    if run.label.kind in _BARRING_KINDS:
        return None
    if identifiers.bank_card_of(run.written, issued_in_china=not said):
        return _found(FindingCategory.BANK_CARD, run, SURE if said else LIKELY)
    if run.labelled("bank_card") and identifiers.looks_like_bank_card(run.written):
        return _found(FindingCategory.BANK_CARD, run, WEAK)
    return None


def _as_mobile_phone(run: Run) -> Finding | None:
    if not identifiers.mobile_phone_of(run.written):
        return None
    if run.label.kind in _BARRING_KINDS and (run.label.firm or run.label.kind == "amount"):
        return None
    if run.labelled("bank_card", "account", "resident_id", "taxpayer_number", "credit_code", "qq"):
        return None
    said = run.labelled("phone", "wechat", "fax") or run.label_behind.kind == "phone"
    return _found(FindingCategory.MOBILE_PHONE, run, SURE if said else LIKELY)


def _as_document(run: Run) -> Finding | None:
    if run.labelled("passport") and identifiers.passport_of(run.written):
        return _found(FindingCategory.PASSPORT, run, STRONG)
    if run.labelled("travel_permit") and identifiers.travel_permit_of(run.written):
        return _found(FindingCategory.TRAVEL_PERMIT, run, STRONG)
    several_kinds = run.label.word.startswith("证件") or (run.label.firm and not run.label.word)
    if run.labelled("resident_id") and several_kinds:  # 证件号, or a column of papers
        if identifiers.passport_of(run.written, issued_in_china=True):
            return _found(FindingCategory.PASSPORT, run, 0.7)
        if re.fullmatch(r"[HMhm]\d{8}(?:\d{2})?", run.written):
            return _found(FindingCategory.TRAVEL_PERMIT, run, 0.7)
    return None


def _as_qq(run: Run) -> Finding | None:
    if run.labelled("qq") and identifiers.qq_id_of(run.written):
        return _found(FindingCategory.QQ_ID, run, STRONG)
    return None


def _as_wechat(run: Run) -> Finding | None:
    if (
        run.labelled("wechat")
        and identifiers.wechat_id_of(run.written)
        and any(map(str.isdigit, run.written))
    ):
        return _found(FindingCategory.WECHAT_ID, run, STRONG)
    return None


def _as_invoice_number(run: Run) -> Finding | None:
    if run.labelled("invoice_number") and identifiers.invoice_number_of(run.written):
        return _found(FindingCategory.INVOICE_NUMBER, run, STRONG)
    return None


def _as_local_telephone(run: Run) -> Finding | None:
    """A land-line without area code counts only behind a telephone label."""
    if (
        run.labelled("phone", "fax")
        and run.label.firm
        and re.fullmatch(r"[2-9]\d{2,3}[ -]?\d{4}", run.written)
    ):
        return _found(FindingCategory.LANDLINE, run, 0.7)
    return None


_JUDGES = (
    _as_document, _as_resident_id, _as_credit_code, _as_taxpayer_number, _as_invoice_number, _as_qq, _as_bank_card,
    _as_mobile_phone, _as_wechat, _as_local_telephone,
)  # fmt: skip


def judge(run: Run) -> Finding | None:
    """What the number is; None when it is nobody's."""
    for judge_one in _JUDGES:
        finding = judge_one(run)
        if finding is not None:
            return finding
    return None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not a part of a longer code, a decimal, a path, or an amount."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:] in ("_", "\\", "#", "&", "%", "$", "@", "¥", "￥"):
        return False
    if before[-1:] in ("-", ".") and before[:1].isalnum() and before[:1].isascii():
        return False
    if after[:1] in ("-", ".", "_", "@") and after[1:2].isalnum() and after[1:2].isascii():
        return False
    return after[:1] not in ("_", "@", "%") and not _UNIT_AFTER.match(text, end)


# Longer than any kind, or between the longest telephone and the shortest id.
_LENGTHS_OF_NOTHING = frozenset({21, *range(22, 41)})


class NumberFinder:
    """Finds the numbers of one text."""

    def __init__(self, text: str, tables: TableLabels) -> None:
        self._text = text
        self._tables = tables
        self._labels = LabelsBefore(text)
        self._urls = (
            [found.span() for found in _URL.finditer(text)] if "://" in text or "www." in text else []
        )

    def label_of(self, start: int) -> Label:
        """The label of the value at `start`: written before it, else the header of its column."""
        cell = self._tables.numeric_label_at(start)
        if cell is None:
            return self._labels.at(start)
        floor = max(self._text.rfind("\t", 0, start), self._text.rfind("\n", 0, start)) + 1
        inside = self._labels.at(start, floor=floor) if start - floor > 1 else cell
        return inside if inside.kind else cell

    def _in_url(self, start: int) -> bool:
        place = bisect_right(self._urls, (start, len(self._text))) - 1
        return place >= 0 and start < self._urls[place][1]

    def find(self) -> Iterator[Finding]:
        """Every personal number, plates and land-lines included; spans do not overlap."""
        taken = bytearray(len(self._text))
        for finding in self._candidates():
            if not any(taken[finding.start : finding.end]):
                taken[finding.start : finding.end] = b"\1" * (finding.end - finding.start)
                yield finding

    def _candidates(self) -> Iterator[Finding]:
        yield from self._plates()
        yield from self._grouped()
        yield from self._landlines()
        yield from self._runs()

    def _run(self, start: int, end: int) -> Run:
        return Run(start, end, self._text[start:end], self.label_of(start), label_after(self._text, end))

    def _runs(self) -> Iterator[Finding]:
        for found in _RUN.finditer(self._text):
            start, end = found.span()
            if not _HAS_DIGITS.search(found.group()) or self._in_url(start):
                continue
            if end - start in _LENGTHS_OF_NOTHING:
                continue
            if not _stands_alone(self._text, start, end) and not self._has_country_code(start):
                continue
            finding = judge(self._run(start, end))
            if finding is not None:
                yield self._with_country_code(finding)

    def _has_country_code(self, start: int) -> bool:
        return _PREFIX_86.search(self._text[max(0, start - 8) : start]) is not None

    def _with_country_code(self, finding: Finding) -> Finding:
        if finding.category is not FindingCategory.MOBILE_PHONE:
            return finding
        before = max(0, finding.start - 8)
        prefix = _PREFIX_86.search(self._text[before : finding.start])
        if prefix is None:
            return finding
        return Finding(finding.category, before + prefix.start(), finding.end, finding.confidence)

    def _grouped(self) -> Iterator[Finding]:
        for found in _GROUPS.finditer(self._text):
            before = self._text[found.start() - 1 : found.start()]
            if (before.isascii() and before.isalnum()) or self._in_url(found.start()):
                continue
            yield from self._split(found.start(), found.end())

    def _split(self, start: int, end: int) -> Iterator[Finding]:
        """The longest stretches of joined groups that make one number: columns may stand only a blank apart."""
        groups = [
            (start + m.start(), start + m.end()) for m in re.finditer(r"[0-9Xx]+", self._text[start:end])
        ]
        first = 0
        while first < len(groups) - 1:
            for last in range(len(groups) - 1, first, -1):
                finding = self._joined(groups[first : last + 1])
                if finding is not None:
                    yield self._with_country_code(finding)
                    first = last
                    break
            first += 1

    def _joined(self, groups: list[tuple[int, int]]) -> Finding | None:
        sizes = tuple(end - start for start, end in groups)
        start, end = groups[0][0], groups[-1][1]
        if sum(sizes) not in (11, 15, 16, 17, 18, 19):
            return None
        if not _stands_alone(self._text, start, end) and not self._has_country_code(start):
            return None
        if not _grouping_is_natural(sizes):
            return None
        run = self._run(start, end)
        if run.labelled("bank_card", "account", "phone", "resident_id") or _usual_grouping(sizes):
            for judge_one in (_as_resident_id, _as_bank_card, _as_mobile_phone):
                finding = judge_one(run)
                if finding is not None:
                    return finding
        return None

    def _landlines(self) -> Iterator[Finding]:
        for found in _LANDLINE.finditer(self._text):
            start, end = found.span()
            written = found.group()
            if self._in_url(start) or not identifiers.landline_of(written):
                continue
            label = self.label_of(start)
            if label.kind in _BARRING_KINDS and label.firm:
                continue
            bare = written.isdigit()
            if bare and label.kind not in ("phone", "fax"):
                continue
            yield Finding(
                FindingCategory.LANDLINE, start, end, STRONG if label.kind in ("phone", "fax") else LIKELY
            )

    def _plates(self) -> Iterator[Finding]:
        for found in _PLATE.finditer(self._text):
            if not identifiers.licence_plate_of(found.group()):
                continue
            start, end = found.span()
            label = self.label_of(start)
            if label.kind == "number" and label.firm:
                continue
            digits = sum(map(str.isdigit, found.group()))
            said = label.kind == "licence_plate"
            if digits >= 2 or said:
                yield Finding(FindingCategory.LICENCE_PLATE, start, end, SURE if said else LIKELY)


# Groupings in which people write mobiles, ids and cards; cards also come as 4-4-4-4 and a rest.
_USUAL_GROUPINGS = frozenset({
    (3, 4, 4), (3, 3, 5), (4, 4, 3), (5, 6), (5, 3, 3), (6, 8, 4), (6, 4, 4, 4), (17, 1), (6, 13), (6, 10),
})  # fmt: skip


def _grouping_is_natural(sizes: tuple[int, ...]) -> bool:
    return max(sizes) <= 8 or sizes in _USUAL_GROUPINGS


def _usual_grouping(sizes: tuple[int, ...]) -> bool:
    return sizes in _USUAL_GROUPINGS or (len(sizes) >= 4 and set(sizes[:-1]) == {4} and sizes[-1] <= 4)
