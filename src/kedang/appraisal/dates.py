"""Dates in the shapes in which Chinese business papers write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_DIGITS = {
    "〇": 0,
    "○": 0,
    "零": 0,
    "Ｏ": 0,
    "O": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NUMERALS = "〇○零ＯO一二三四五六七八九"
_DATE = re.compile(
    rf"(?<![\dA-Za-z.])(?P<y>(?:19|20)\d{{2}})[ ]?(?:年[ ]?(?P<m>1[0-2]|0?[1-9])[ ]?月[ ]?(?P<d>3[01]|[12]\d|0?[1-9])[ ]?[日号]"
    rf"|(?P<s>[-./])(?P<m2>1[0-2]|0?[1-9])(?P=s)(?P<d2>3[01]|[12]\d|0?[1-9])(?!\d|\.\d))"
    rf"|(?P<cy>[二一][{_NUMERALS}]{{3}})年(?P<cm>[一二三四五六七八九十元正]{{1,2}})月(?P<cd>[一二三四五六七八九十廿卅初]{{1,3}})[日号]?"
)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(
    r"(?<![\dA-Za-z.])((?:19|20)\d{2})[ ]?(?:年[ ]?(1[0-2]|0?[1-9])[ ]?月|[-./](1[0-2]|0[1-9]))(?![\d\-./日号])"
)
_HINT = re.compile(r"(?:19|20)\d{2}|[二一][〇○零ＯO九]")
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2099


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date and where it is written."""

    value: date
    start: int
    end: int


def _small_number(written: str) -> int:
    if written in ("元", "正"):
        return 1
    written = written.replace("廿", "二十").replace("卅", "三十").replace("初", "")
    if "十" not in written:
        return _DIGITS.get(written, 0)
    tens, _, ones = written.partition("十")
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def _dated(year: int, month: int, day: int) -> date | None:
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def find_dates(text: str) -> Iterator[WrittenDate]:
    """Whole dates of folded `text`, in order; impossible days are left out."""
    if not _HINT.search(text):
        return
    for found in _DATE.finditer(text):
        if found["cy"]:
            year = int("".join(str(_DIGITS[digit]) for digit in found["cy"]))
            value = _dated(year, _small_number(found["cm"]), _small_number(found["cd"]))
        else:
            value = _dated(int(found["y"]), int(found["m"] or found["m2"]), int(found["d"] or found["d2"]))
        if value is not None:
            yield WrittenDate(value, found.start(), found.end())


def date_at(text: str, start: int, *, reach: int = 24) -> WrittenDate | None:
    """The date that begins within `reach` characters of `start`; eight digits in a row count here."""
    window = text[start : start + reach + 12]
    for found in find_dates(window):
        return (
            WrittenDate(found.value, start + found.start, start + found.end) if found.start <= reach else None
        )
    return compact_date_at(text, start, reach=reach)


def compact_date_at(text: str, start: int, *, reach: int = 2) -> WrittenDate | None:
    """A date of eight digits in a row that begins within `reach` characters of `start`."""
    compact = _COMPACT.search(text, start, start + reach + 9)
    value = _dated(*(int(part) for part in compact.groups())) if compact else None
    return WrittenDate(value, compact.start(), compact.end()) if compact and value else None


def months_in(text: str) -> Iterator[WrittenDate]:
    """Months without a day (`2023年3月`), as their first day."""
    for found in _MONTH.finditer(text):
        value = _dated(int(found[1]), int(found[2] or found[3]), 1)
        if value is not None:
            yield WrittenDate(value, found.start(), found.end())
