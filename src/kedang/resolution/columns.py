"""What the columns of a table mean, told by their headers and by what stands in them.

1. A person's correction for this source wins.
2. A header that is known counts; cells that speak plainly against it (e-mail addresses under 电话) count more.
3. Without a header the cells decide, when most of them look alike.

A sheet may hold several tables: below one another (a second line of headers), or side by side (an empty column between).
Each is a `Section`. A second line of headers directly below the first belongs to merged cells: 客户 | | 订单 over
名称 | 电话 | 编号.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kedang.records.content import Reason, Table
from kedang.resolution.cell_contents import CHECKED, Look, look_of, look_of_cell
from kedang.resolution.meanings import Meaning, called, header_form, is_header_word, meaning_of_header

_SAMPLE_ROWS = 200
_MOST_ALIKE = 0.6  # share of cells that must look alike where no header speaks
_PLAINLY = 0.8  # share that overrules a header
_AGREED, _OVERRULED, _SEEN_ONLY, _CORRECTED = 0.97, 0.75, 0.75, 1.0
_SEEN_BY_NEARLY_ALL = 0.7
_LEAST_HEADERS = 2
_HAS_DIGIT = re.compile(r"\d")
_REFINED = {
    Meaning.PHONE: frozenset({Meaning.MOBILE, Meaning.EMAIL}),
    Meaning.NAME: frozenset({Meaning.PERSON, Meaning.ORGANISATION}),
    Meaning.ACCOUNT: frozenset({Meaning.MOBILE, Meaning.EMAIL}),
    Meaning.WECHAT: frozenset({Meaning.MOBILE}),
    Meaning.IGNORED: frozenset[Meaning](),
}
"""Headers that say less than the cells do; NAME stays NAME where both are met."""
_SAID_BY_HEADER_ALONE = frozenset({
    Meaning.ALIAS, Meaning.CONTACT, Meaning.HANDLER, Meaning.OTHER_PARTY, Meaning.IGNORED, Meaning.NOTE,
    Meaning.SURNAME, Meaning.GIVEN_NAME, Meaning.ADDRESS_PART,
})  # fmt: skip
Overrides = Mapping[str, Meaning]
"""A person's corrections for one source, by `column_key`."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place in the rows (0-based), its meaning, how sure (0..1) and why."""

    place: int
    header: str
    meaning: Meaning
    confidence: float
    reasons: tuple[Reason, ...] = ()

    @property
    def is_corrected(self) -> bool:
        """Whether a person has said what it means."""
        return self.confidence >= _CORRECTED

    @property
    def holds_it(self) -> bool:
        """Whether its cells look like what it means, or a person has said so: names in it may be taken as they stand."""
        return self.confidence >= _AGREED or (
            not self.header.strip() and self.confidence >= _SEEN_BY_NEARLY_ALL
        )

    @property
    def key(self) -> str:
        """By what a correction of it is remembered."""
        return column_key(self.header, self.place)


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a sheet: its rows [first, end) in `Table.rows` and its columns."""

    first_row: int
    end_row: int
    columns: tuple[Column, ...]

    def first(self, *meanings: Meaning) -> Column | None:
        """The leftmost column of one of these meanings."""
        return next((column for column in self.columns if column.meaning in meanings), None)


def column_key(header: str, place: int) -> str:
    """By what a correction is remembered for a source: the header, or the place where there is none."""
    return header_form(header) or f"#{place}"


def sections_of(table: Table, *, overrides: Overrides | None = None) -> tuple[Section, ...]:
    """The tables of a sheet with the meanings of their columns."""
    found: list[Section] = []
    for headers, first, end in _blocks(table):
        width = max((len(row) for row in table.rows[first:end]), default=len(headers))
        sample = [row for row in table.rows[first:end] if any(row)][:_SAMPLE_ROWS]
        columns = [
            _column(place, headers, sample, overrides or {}) for place in range(max(width, len(headers)))
        ]
        found += (Section(first, end, tuple(group)) for group in _side_by_side(columns, sample))
    return tuple(found)


def columns_of(table: Table, *, overrides: Overrides | None = None) -> tuple[Column, ...]:
    """The columns of the first table of a sheet."""
    sections = sections_of(table, overrides=overrides)
    return tuple(
        column for one in sections if one.first_row == sections[0].first_row for column in one.columns
    )


def _blocks(table: Table) -> Iterator[tuple[Sequence[str], int, int]]:
    """Headers, first row and end of each table that stands below another."""
    headers: Sequence[str] = table.headers
    first = 0
    if table.rows and _is_second_line(headers, table.rows[0]):
        headers, first = _merged(headers, table.rows[0]), 1
    elif not headers and table.rows and _is_header_row(table.rows[0]):
        headers, first = table.rows[0], 1
    for place in range(first, len(table.rows)):
        if place > first and begins_section(headers, table.rows[place]):
            yield headers, first, place
            headers, first = table.rows[place], place + 1
    yield headers, first, len(table.rows)


def _is_header_row(row: Sequence[str]) -> bool:
    """Whether all cells of a row are words that stand above columns, or nearly all and none looks like a value."""
    cells = [cell for cell in row if cell.strip()]
    if len(cells) < _LEAST_HEADERS or any(map(_HAS_DIGIT.search, cells[:2])) or len(set(cells)) < len(cells):
        return False
    if not is_header_word(cells[0]) and not is_header_word(cells[1]):
        return False  # at the cost of one look-up for a row of values
    known = sum(map(is_header_word, cells))
    return known >= _LEAST_HEADERS and known * 3 >= len(cells) * 2 and not any(map(_is_value, cells))


def begins_section(headers: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row below these headers is itself the headers of another table."""
    return _is_header_row(row) and not _same(headers, row)


def _is_second_line(headers: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row below headers with gaps or doubles is their second line."""
    if not headers or not _is_header_row(row):
        return False
    filled = [header for header in headers if header.strip()]
    return len(filled) < len([cell for cell in row if cell.strip()]) or len(set(filled)) < len(filled)


def _merged(headers: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """Both lines as one: a blank of the first line belongs to the merged cell on its left."""
    merged, group = [], ""
    for place in range(max(len(headers), len(below))):
        above = headers[place].strip() if place < len(headers) else ""
        cell = below[place].strip() if place < len(below) else ""
        group = above or group
        whole = group + cell
        merged.append(cell if not is_header_word(whole) and is_header_word(cell) else whole)
    return tuple(merged)


def _same(headers: Sequence[str], row: Sequence[str]) -> bool:
    """Whether a row is the headers once more, as printing repeats them on each page."""
    return [header for header in headers if header.strip()] == [cell for cell in row if cell.strip()]


def _is_value(cell: str) -> bool:
    return look_of_cell(cell.strip()) not in (Meaning.UNKNOWN, Meaning.PERSON, Meaning.ORGANISATION)


def _side_by_side(columns: Sequence[Column], sample: Sequence[Sequence[str]]) -> Iterator[list[Column]]:
    """Columns up to each column that has neither header nor cells."""
    group: list[Column] = []
    for column in columns:
        if column.header.strip() or any(_cell(row, column.place).strip() for row in sample):
            group.append(column)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _column(
    place: int, headers: Sequence[str], sample: Sequence[Sequence[str]], overrides: Overrides
) -> Column:
    header = _cell(headers, place)
    corrected = overrides.get(column_key(header, place))
    if corrected is not None:
        zh, en = called(corrected)
        return Column(
            place, header, corrected, _CORRECTED, (Reason(f"人工更正为{zh}", f"corrected to {en}", 1.0),)
        )
    said, sure, word = meaning_of_header(header)
    look = look_of([_cell(row, place) for row in sample])
    meaning, confidence = _weighed(said, sure, look, has_header=bool(header.strip()))
    return Column(place, header, meaning, confidence, tuple(_reasons(said, sure, word, look, meaning)))


def _weighed(said: Meaning, sure: float, look: Look, *, has_header: bool) -> tuple[Meaning, float]:
    """What header and cells say together."""
    if said is Meaning.UNKNOWN:
        seen = look.meaning is not Meaning.UNKNOWN and look.share >= _MOST_ALIKE
        alone = seen and (not has_header or look.meaning is not Meaning.PERSON)
        return (look.meaning, _SEEN_ONLY * look.share) if alone else (Meaning.UNKNOWN, 0.0)
    if look.meaning is said or look.meaning is Meaning.UNKNOWN or said in _SAID_BY_HEADER_ALONE:
        return said, max(sure, _AGREED) if look.meaning is said else sure
    if look.meaning in _REFINED.get(said, ()) and look.share >= _PLAINLY:
        return look.meaning, _AGREED
    if look.meaning in CHECKED and look.share >= _PLAINLY:
        return look.meaning, _OVERRULED
    return said, sure


def _reasons(said: Meaning, sure: float, word: str, look: Look, meaning: Meaning) -> Iterator[Reason]:
    if said is not Meaning.UNKNOWN:
        zh, en = called(said)
        yield Reason(f"表头“{word}”表示{zh}", f"the header “{word}” says {en}", sure)
    if (
        look.meaning is not Meaning.UNKNOWN
        and look.share
        and (look.meaning is meaning or said is not meaning)
    ):
        zh, en = called(look.meaning)
        share = round(look.share * 100)
        yield Reason(f"{share}% 的单元格像{zh}", f"{share} % of the cells look like {en}", look.share)
