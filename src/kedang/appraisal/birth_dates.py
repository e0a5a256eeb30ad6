"""Dates of birth: a date is one only where the words around it say so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kedang.appraisal.dates import date_at, find_dates, months_in
from kedang.appraisal.labels import TableLabels
from kedang.records.content import Finding, FindingCategory

_BEFORE = re.compile(
    r"(?:出生日期|出生年月日?|出生时间|出生日|生日|出生于|生于|出生|诞生于|Date of Birth|DOB|Birth ?day|birth_?date)"
    r"(?:[(（][^()（）\d]{0,8}[)）])?[ :：\t\n为是]{0,4}",
    re.IGNORECASE,
)
_AFTER = re.compile(r"[ ]?(?:出生|生(?![产效成日活态意])|诞生)")
_HINT = re.compile(r"生|birth|DOB", re.IGNORECASE)
_MONTH_REACH = 3


def find_birth_dates(text: str, tables: TableLabels) -> Iterator[Finding]:
    """Birth dates behind a label, before 出生 or 生, or in a column of them."""
    if not _HINT.search(text):
        return
    seen: set[int] = set()
    for label in _BEFORE.finditer(text):
        written = date_at(text, label.end(), reach=1) or next(
            (m for m in months_in(text[: label.end() + 12]) if 0 <= m.start - label.end() <= _MONTH_REACH),
            None,
        )
        if written is not None and written.start not in seen:
            seen.add(written.start)
            yield Finding(FindingCategory.BIRTH_DATE, written.start, written.end, 0.97)
    for written in find_dates(text):
        if written.start in seen:
            continue
        in_column = "birth_date" in (tables.kinds_at(written.start) or ())
        if in_column or _AFTER.match(text, written.end):
            yield Finding(FindingCategory.BIRTH_DATE, written.start, written.end, 0.95)
