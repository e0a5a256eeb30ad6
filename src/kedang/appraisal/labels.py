"""What the words before a value, or above its column, say that the value is."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kedang.appraisal.folding import fold
from kedang.appraisal.word_patterns import any_of
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
    latin = [word for word in _kinds_by_word() if word[0].isascii() and word[0].isalpha()]
    others = set(_kinds_by_word()) - set(latin)
    return re.compile(any_of(others)), re.compile(any_of(latin) + "(?![a-z])")


_AGENT_HEADER = re.compile(
    r"[\u4e00-\u9fa5]{0,6}(?:教练|老师|教师|导游|机长|经理|顾问|医师|医生|[检验质监监考设计造价律]师|操作员|检验员|[^\s成人数]人|[^\s人]员)"
)
_LATIN_LETTER = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class _Word:
    """A label word where it stands."""

    start: int
    end: int
    written: str


def _words_of(text: str) -> list[_Word]:
    """All label words in the order of their ends; of two that end together the longer one comes last."""
    others, latin = _patterns()
    found = [_Word(word.start(), word.end(), word.group()) for word in others.finditer(text)]
    lowered = text.lower()
    if _LATIN_LETTER.search(text) and len(lowered) == len(text):
        for word in latin.finditer(lowered):
            if word.start() == 0 or not "a" <= lowered[word.start() - 1] <= "z":
                found.append(_Word(word.start(), word.end(), text[word.start() : word.end()]))
        found.sort(key=lambda word: (word.end, -word.start))
    return found


def _last_word(text: str) -> _Word | None:
    """The label word that ends last in `text`; of two that end together the longer one."""
    words = _words_of(text)
    return words[-1] if words else None


_NUMERIC_KINDS = (
    "resident_id", "bank_card", "account", "phone", "fax", "wechat", "qq", "group", "passport", "travel_permit",
    "licence_plate", "credit_code", "taxpayer_number", "invoice_number", "invoice_code", "birth_date", "number",
    "amount", "email", "date",
)  # fmt: skip


class LabelsBefore:
    """Finds the label that governs a value: all label words of a text are looked for once, at the first question."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words: list[_Word] | None = None
        self._ends: list[int] = []

    def at(self, start: int, *, floor: int = 0) -> Label:
        """The label before the value at `start` of folded text and not before `floor`; the nearest one wins."""
        if self._words is None:
            self._words = _words_of(self._text)
            self._ends = [word.end for word in self._words]
        place = bisect_right(self._ends, start) - 1
        if place < 0:
            return NO_LABEL
        word = self._words[place]
        if word.start < max(floor, start - _REACH):
            return NO_LABEL
        kind = _numeric_kind(word.written.lower())
        gap = self._text[word.end : start]
        if kind is None or _SENTENCE_END.search(gap):
            return NO_LABEL
        if kind == "taxpayer_number" and "信用代码" in self._text[max(0, word.start - 8) : word.start]:
            kind = "credit_code"
        if _GAP.fullmatch(gap):
            return Label(kind, word.written, True)
        return Label(kind, word.written, False) if _LOOSE_GAP.fullmatch(gap) else NO_LABEL


def label_before(text: str, start: int) -> Label:
    """The label of one value; for many values of a text use one `LabelsBefore`."""
    reach = max(0, start - _REACH)
    return LabelsBefore(text[reach:start]).at(start - reach)


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
    if _AGENT_HEADER.fullmatch(folded):
        return ("person",)
    last = _last_word(folded)  # "客户联系电话" is a telephone: the last word governs
    if last is None or len(folded) - last.end > 4:
        return ()
    return _kinds_by_word()[last.written.lower()]


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """One row of a table: its span, what its columns hold, and what parts its cells."""

    start: int
    end: int
    columns: tuple[tuple[str, ...], ...]
    parting: re.Pattern[str]


_TAB = re.compile(r"\t")
_BLANKS = re.compile(r"(?<=\S)(?: {2,}| (?=\S))")
_BAR = re.compile(r"[ ]?\|[ ]?")
_HEADER_LENGTH = 14  # characters of the longest cell that may be a header
_LEAST_LABELLED = 2  # columns that must have a known header before lines are taken for a table


class TableLabels:
    """Finds the column header above a position of the text.

    Tables come with the text or are seen in it: a line of known headers over lines with as many cells, as texts of
    documents and scans write tables.
    """

    def __init__(self, text: str, tables: Sequence[Table]) -> None:
        self._text = text
        rows = [row for table in tables for row in _rows_of(table)]
        covered = [(table.row_starts[0], table.row_starts[-1]) for table in tables if table.row_starts]
        rows += _rows_seen(text, covered)
        rows.sort(key=lambda row: row.start)
        self.rows = rows
        self._headers = [
            (
                table.row_starts[0] - 1 - sum(map(len, table.headers)) - len(table.headers) + 1,
                table.row_starts[0],
            )
            for table in tables
            if table.row_starts and table.headers
        ]
        self._starts = [row.start for row in rows]

    def kinds_at(self, position: int) -> tuple[str, ...] | None:
        """The kinds of the column at `position`; None outside of tables, empty when its header says nothing."""
        place = bisect_right(self._starts, position) - 1
        if place < 0 or position >= self.rows[place].end:
            return None
        row = self.rows[place]
        column = sum(1 for _ in row.parting.finditer(self._text, row.start, position))
        return row.columns[column] if column < len(row.columns) else ()

    def in_header(self, position: int) -> bool:
        """Whether `position` is in the line of headers that stands before a table's first row."""
        return any(start <= position < end for start, end in self._headers)

    def cells(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Start, end and kinds of every cell under a known header."""
        for row in self.rows:
            start = row.start
            for kinds in row.columns:
                parted = row.parting.search(self._text, start, row.end)
                end = parted.start() if parted else row.end
                if kinds and end > start:
                    yield start, end, kinds
                if parted is None:
                    break
                start = parted.end()

    def numeric_label_at(self, position: int) -> Label | None:
        """The column's label as `label_before` would give it; None outside of tables."""
        kinds = self.kinds_at(position)
        if kinds is None:
            return None
        for kind in kinds:
            if kind in _NUMERIC_KINDS:
                return Label(kind, "", True)
        return NO_LABEL


def _rows_of(table: Table) -> Iterator[LabelledRow]:
    columns = tuple(kinds_of_header(header) for header in table.headers)
    if any(columns):
        for start, row in zip(table.row_starts, table.rows, strict=False):
            yield LabelledRow(start, start + sum(map(len, row)) + max(0, len(row) - 1), columns, _TAB)


def _rows_seen(text: str, covered: Sequence[tuple[int, int]]) -> Iterator[LabelledRow]:
    """Rows of tables that stand in the text as lines."""
    columns: tuple[tuple[str, ...], ...] = ()
    parting = _TAB
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if columns and len(parting.split(line)) == len(columns):
            yield LabelledRow(start, end, columns, parting)
        else:
            columns = ()
            if ("\t" in line or " " in line) and not any(
                first <= end + 1 and start <= last for first, last in covered
            ):
                columns, parting = _header_line(line)
        start = end + 1


def _header_line(line: str) -> tuple[tuple[tuple[str, ...], ...], re.Pattern[str]]:
    """The kinds of a line's cells when the line is a row of headers."""
    if len(line) > 200 or ":" in line or "：" in line:
        return (), _TAB
    parting = _TAB if "\t" in line else _BAR if "|" in line else _BLANKS
    cells = parting.split(line)
    if len(cells) < _LEAST_LABELLED or any(len(cell) > _HEADER_LENGTH for cell in cells):
        return (), parting
    if parting is _BLANKS and any(letter.isdigit() for letter in line):
        return (), parting
    kinds = tuple(
        _kinds_by_word().get(cell.strip("* ()（）").lower(), ()) or kinds_of_header(cell) for cell in cells
    )
    labelled = sum(map(bool, kinds))
    return (kinds if labelled >= _LEAST_LABELLED and labelled * 2 >= len(cells) else ()), parting
