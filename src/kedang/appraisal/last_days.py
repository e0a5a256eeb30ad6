"""The last day of what a record covers: the period of a book or report, the last row of a list, the last line of a talk.

Periods of keeping run from the latest event a record tells of, so the first or nearest date of a list will not do.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import date

from kedang.appraisal.dates import find_dates
from kedang.records.content import Fact, RecordClass, Table

_YEAR = r"((?:19|20)\d{2})"
_PERIOD = re.compile(
    rf"{_YEAR}[ ]?年度?[ ]?(?:第?[ ]?([一二三四1-4])[ ]?季度?|(上半年|下半年)|(1[0-2]|0?[1-9])[ ]?月(?:份|度)?(?![ ]?\d{{1,2}}[ ]?[日号]))?"
    rf"(?![ ]?\d{{1,2}}[ ]?月)|(?:年度|会计年度|所属年度)[:：][ ]?{_YEAR}(?!\d)"
)
_QUARTERS = {word: place % 4 + 1 for place, word in enumerate("一二三四1234")}
_COVERS_A_PERIOD = re.compile(
    r"总账|明细账|日记账|分类账|余额表|对账单|流水|报表|利润表|负债表|流量表|申报表|年报|季报|月报|汇总|台账|统计|明细|登记表|工资|年度|记录"
)
_HEAD = 200  # characters in which a book or report says its period
_DAY_HEADER = re.compile(r"日期|时间|日$|date|time", re.IGNORECASE)
_NOT_THE_EVENT = re.compile(
    r"到期|截止|有效|出生|生日|下次|预计|预约|计划|质保|保修|保质|成立|注册|入职|生产|注销|终止|续|due|expir|birth",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"^(?:\[?(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2})日?[ T]+\d{1,2}:\d{2}(?::\d{2})?\]?[ \t]+\S|\S{1,16}[ \t]+(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[ ]\d{1,2}:\d{2})",
    re.MULTILINE,
)
_LEAST_LINES = 3  # of a talk
_LEAST_ROWS = 2
_MOST_HEADERS = 60


def last_days(
    text: str, tables: Sequence[Table], titles: Sequence[str], record_class: RecordClass, *, accounting: bool
) -> Iterator[Fact]:
    """`period_end`, `last_entry_on` and `last_message_on` of folded `text`, where it tells them."""
    if accounting or record_class is RecordClass.TRANSACTION:
        yield from _period_end(text, titles)
    if (
        record_class in (RecordClass.TRANSACTION, RecordClass.SERVICE, RecordClass.COMMUNICATION)
        or accounting
    ):
        rows = [*_days_of_tables(tables), *(() if tables else _days_of_lines(text))]
        if len(rows) >= _LEAST_ROWS:
            yield max(rows, key=lambda one: one.value)
    if record_class is RecordClass.COMMUNICATION:
        yield from _last_message(text)


def _fact(kind: str, day: date, start: int, end: int) -> Fact:
    return Fact(kind, day.isoformat(), start, end, 0.9)


def _period_end(text: str, titles: Sequence[str]) -> Iterator[Fact]:
    """The last day of the latest period named in the head or the titles of a book, statement or report."""
    head = text[:_HEAD]
    if not any(_COVERS_A_PERIOD.search(phrase) for phrase in (*titles, head)):
        return
    ends = [(_end_of(found), found.start(), found.end()) for found in _PERIOD.finditer(head)]
    ends += [(_end_of(found), 0, 0) for title in titles for found in _PERIOD.finditer(title)]
    if ends:
        day, start, end = max(ends)
        yield _fact("period_end", day, start, end)


def _end_of(period: re.Match[str]) -> date:
    year = int(period.group(1) or period.group(5))
    month = 12
    if period.group(2):
        month = 3 * _QUARTERS[period.group(2)]
    elif period.group(3) == "上半年":
        month = 6
    elif period.group(4):
        month = int(period.group(4))
    return date(year, month, calendar.monthrange(year, month)[1])


def _tells_the_event(header: str) -> bool:
    return bool(_DAY_HEADER.search(header)) and not _NOT_THE_EVENT.search(header)


def _days_of_tables(tables: Sequence[Table]) -> Iterator[Fact]:
    for table in tables:
        columns = [at for at, header in enumerate(table.headers[:_MOST_HEADERS]) if _tells_the_event(header)]
        for start, row in zip(table.row_starts, table.rows, strict=False) if columns else ():
            for column in columns:
                day = _day_in(row[column]) if column < len(row) else None
                if day is not None:
                    yield _fact("last_entry_on", day, start, start + len(row[0]))


def _days_of_lines(text: str) -> Iterator[Fact]:
    """Rows written into the text as cells, below a line of headers that has a day among them."""
    columns: list[int] = []
    cells, start = 0, 0
    for line in text.split("\n") if "\t" in text and _DAY_HEADER.search(text) else ():
        parts = line.split("\t")
        if len(parts) >= _LEAST_ROWS and len(parts) == cells:
            for column in columns:
                day = _day_in(parts[column])
                if day is not None:
                    yield _fact("last_entry_on", day, start, start + len(line))
        elif len(parts) >= _LEAST_ROWS:
            cells = len(parts)
            columns = [at for at, part in enumerate(parts[:_MOST_HEADERS]) if _tells_the_event(part)]
        start += len(line) + 1


def _day_in(cell: str) -> date | None:
    return (
        next((written.value for written in find_dates(cell)), None) if len(cell) >= len("2024-1-1") else None
    )


def _last_message(text: str) -> Iterator[Fact]:
    """The last line of a talk that carries its day."""
    days = []
    for found in _TALK.finditer(text):
        day = _day_in((found.group(1) or found.group(2)).replace("年", "-").replace("月", "-"))
        if day is not None:
            days.append(_fact("last_message_on", day, found.start(), found.end()))
    if len(days) >= _LEAST_LINES:
        yield max(days, key=lambda one: one.value)
