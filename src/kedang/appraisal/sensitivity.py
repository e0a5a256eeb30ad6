"""How closely a record must be guarded (R23), from its class, its findings and its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from kedang.appraisal.classes import Clues, class_table
from kedang.appraisal.dates import find_dates
from kedang.records.content import Finding, FindingCategory, Sensitivity
from kedang.records.identifiers import birth_date_of, resident_id_of

# 个人信息保护法 28; GB/T 35273-2020 annex B names identity numbers and accounts.
_SENSITIVE = frozenset({
    FindingCategory.RESIDENT_ID, FindingCategory.BANK_CARD, FindingCategory.PASSPORT, FindingCategory.TRAVEL_PERMIT,
})  # fmt: skip
_IMPERSONAL = frozenset({
    FindingCategory.ORGANISATION_NAME, FindingCategory.CREDIT_CODE, FindingCategory.TAXPAYER_NUMBER,
    FindingCategory.INVOICE_NUMBER, FindingCategory.LANDLINE,
})  # fmt: skip
_DAYS_OF_A_YEAR = 365.2425


@cache
def _patterns(section: str, key: str) -> tuple[re.Pattern[str], int]:
    entry = class_table()[section]
    if not isinstance(entry, dict):
        raise TypeError(f"classes.toml: [{section}] is a table")
    return re.compile("|".join(map(re.escape, sorted(entry[key], key=len, reverse=True)))), int(entry["need"])


def grade(clues: Clues, text: str, findings: Sequence[Finding], record_date: date | None) -> Sensitivity:
    """The highest grade that anything in the record asks for."""
    categories = {finding.category for finding in findings}
    if (
        categories & _SENSITIVE
        or _speaks_of_health(clues, categories)
        or _names_a_child(text, findings, record_date)
    ):
        return Sensitivity.SENSITIVE_PERSONAL
    if _is_secret(clues):
        return Sensitivity.TRADE_SECRET
    return Sensitivity.PERSONAL if categories - _IMPERSONAL else Sensitivity.GENERAL


def _speaks_of_health(clues: Clues, categories: set[FindingCategory]) -> bool:
    if FindingCategory.PERSON_NAME not in categories:
        return False
    pattern, need = _patterns("sensitive", "text")
    return len(set(pattern.findall(clues.head))) >= need


def _names_a_child(text: str, findings: Sequence[Finding], record_date: date | None) -> bool:
    if record_date is None:
        return False
    entry = class_table()["sensitive"]
    limit = int(entry["child_age"]) if isinstance(entry, dict) else 0
    for finding in findings:
        if finding.category is FindingCategory.BIRTH_DATE:
            born = next((written.value for written in find_dates(text[finding.start : finding.end])), None)
        elif finding.category is FindingCategory.RESIDENT_ID:
            born = birth_date_of(resident_id_of(text[finding.start : finding.end]) or "")
        else:
            continue
        if born is not None and 0 <= (record_date - born).days / _DAYS_OF_A_YEAR < limit:
            return True
    return False


def _is_secret(clues: Clues) -> bool:
    title, _ = _patterns("secret", "title")
    if any(title.search(phrase) for phrase in clues.titles):
        return True
    pattern, need = _patterns("secret", "text")
    return len(set(pattern.findall(clues.head))) >= need
