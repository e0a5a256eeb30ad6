"""What the words before a value, or above its column, say that the value is."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kedang.appraisal.folding import fold
from kedang.records.content import Table

_REACH = 30  # characters before a value in which a label may stand; the longest label and a bracket between
_SENTENCE_END = re.compile(r"[。；;！!?？|│]")
# Between a label and its value: no digit, no clause mark, at most a few characters ("账号（工行）：", "电话 (微信同号) ").
_GAP = re.compile(r"\s*(?:[(（][^()（）\d]{0,14}[)）])?\s*(?:[:：=是为]|\*{1,2}|[\"'“])*\s*(?:[\"'“+])?")
_LOOSE_GAP = re.compile(r"[^\d，,。；;、\n]{0,10}")
_AFTER_VALUE = re.compile(r"[^\S\n]*[(（]?[^\S\n]*(手机|电话|微信同号|同微信|微信|QQ)")


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its kind and how firmly it is tied to the value (colon or cell before loose words)."""

    kind: str
    word: str
    firm: bool


NO_LABEL = Label("", "", False)


@cache
def label_words() -> dict[str, tuple[str, ...]]:
    """The words of each kind of label, as in labels.toml."""
    table = tomllib.loads((files("kedang.appraisal") / "labels.toml").read_text(encoding="utf-8"))
    return {kind: tuple(words) for kind, words in table["labels"].items()}


@cache
def _kinds_by_word() -> dict[str, tuple[str, ...]]:
    kinds: dict[str, tuple[str, ...]] = {}
    for kind, words in label_words().items():
        for word in words:
            kinds[word.lower()] = (*kinds.get(word.lower(), ()), kind)
    return kinds


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Chinese words and Latin words apart: alone, the Chinese ones are found by their first characters at once."""
    words = sorted(_kinds_by_word(), key=len, reverse=True)
    latin = [word for word in words if word[0].isascii() and word[0].isalpha()]
    others = [word for word in words if word not in latin]
    return (
        re.compile("|".join(map(re.escape, others))),
        re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, latin))})(?![a-z])", re.IGNORECASE),
    )


_LATIN_LETTER = re.compile(r"[A-Za-z]{2}")


def _last_word(text: str) -> re.Match[str] | None:
    """The label word that ends last in `text`; of two that end together the longer one."""
    others, latin = _patterns()
    last: re.Match[str] | None = None
    for last in others.finditer(text):  # noqa: B007 - the last match is wanted
        pass
    if _LATIN_LETTER.search(text):
        for found in latin.finditer(text):
            if last is None or found.end() >= last.end():
                last = found
    return last


_NUMERIC_KINDS = (
    "resident_id", "bank_card", "account", "phone", "fax", "wechat", "qq", "group", "passport", "travel_permit",
    "licence_plate", "credit_code", "taxpayer_number", "invoice_number", "invoice_code", "birth_date", "number",
    "amount", "email", "date",
)  # fmt: skip


def label_before(text: str, start: int) -> Label:
    """The label that governs the value at `start` of folded `text`; the nearest one wins."""
    reach = text[max(0, start - _REACH) : start]
    ends = [found.end() for found in _SENTENCE_END.finditer(reach)]
    if ends:
        reach = reach[ends[-1] :]
    last = _last_word(reach)
    if last is None:
        return NO_LABEL
    kind = _numeric_kind(last.group().lower())
    if kind is None:
        return NO_LABEL
    gap = reach[last.end() :]
    if _GAP.fullmatch(gap):
        return Label(kind, last.group(), True)
    if _LOOSE_GAP.fullmatch(gap):
        return Label(kind, last.group(), False)
    return NO_LABEL


def label_after(text: str, end: int) -> Label:
    """A label written behind its value: `138… (微信同号)`."""
    found = _AFTER_VALUE.match(text, end)
    return Label("phone", found.group(1), False) if found else NO_LABEL


def _numeric_kind(word: str) -> str | None:
    for kind in _kinds_by_word()[word]:
        if kind in _NUMERIC_KINDS:
            return kind
    return None


def kinds_of_header(header: str) -> tuple[str, ...]:
    """Which kinds of value a column with this header holds; empty when its words say nothing."""
    folded = fold(header).strip().strip("*:：").strip()
    exact = _kinds_by_word().get(folded.lower())
    if exact:
        return exact
    last = _last_word(folded)  # "客户联系电话" is a telephone: the last word governs
    if last is None or len(folded) - last.end() > 4:
        return ()
    return _kinds_by_word()[last.group().lower()]


class TableLabels:
    """Finds the column header above a position of the text."""

    def __init__(self, text: str, tables: Sequence[Table]) -> None:
        self._text = text
        rows: list[tuple[int, int, tuple[tuple[str, ...], ...]]] = []
        for table in tables:
            columns = tuple(kinds_of_header(header) for header in table.headers)
            if not any(columns):
                continue
            for start, row in zip(table.row_starts, table.rows, strict=False):
                rows.append((start, start + sum(map(len, row)) + max(0, len(row) - 1), columns))
        rows.sort(key=lambda row: row[0])
        self._rows = rows
        self._starts = [start for start, _, _ in rows]

    def kinds_at(self, position: int) -> tuple[str, ...] | None:
        """The kinds of the column at `position`; None outside of tables, empty when its header says nothing."""
        place = bisect_right(self._starts, position) - 1
        if place < 0:
            return None
        start, end, columns = self._rows[place]
        if position >= end:
            return None
        column = self._text.count("\t", start, position)
        return columns[column] if column < len(columns) else ()

    def numeric_label_at(self, position: int) -> Label | None:
        """The column's label as `label_before` would give it; None outside of tables."""
        kinds = self.kinds_at(position)
        if kinds is None:
            return None
        for kind in kinds:
            if kind in _NUMERIC_KINDS:
                return Label(kind, "", True)
        return NO_LABEL
