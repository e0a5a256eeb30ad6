"""Who is named in the rows of tables, with the numbers of his row.

A row speaks of one customer. What a column means (`columns`) says who in the row he is: contact persons, the company's
own people and other parties stand beside him. Lines of cells in texts (documents, scans) are rows without columns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kedang.records import identifiers as shapes
from kedang.records.content import Extraction, Finding, FindingCategory, Table
from kedang.records.identifiers import Identifier
from kedang.resolution.cell_contents import look_of_cell
from kedang.resolution.columns import Overrides
from kedang.resolution.days import day_of
from kedang.resolution.forms import organisation_form, person_form
from kedang.resolution.meanings import NAMES, Meaning
from kedang.resolution.mention import (
    ORGANISATIONS_OWN,
    Mention,
    MentionKind,
    identifier_in,
    is_name,
    named,
)
from kedang.resolution.roles import Role
from kedang.resolution.row_columns import Cell, RowColumns, address_in, cell_at, name_in

_CUSTOMER_TABLE = re.compile(
    r"客户|会员|顾客|买家|学员|业主|用户|通讯录|名单|名录|customer|client|member|contact", re.IGNORECASE
)
_STAFF = re.compile(r"员工|职工|教师|工资|薪资|考勤|出勤|入职|工号|岗位|社保|教师资格")
_LEAST_TABS = 2  # tabs that make a line of text a row
_LEAST_BARS = 3  # bars that make a line a row of a table in Markdown
_CELL_REACH = 16
_LABELLED_IN_CELL = re.compile(r"[\u4e00-\u9fa5][:：][ ]*\Z")
_BEFORE_IN_CELL = re.compile(r"(?:\A|[\t|\n])[ ]*\Z")
_BEHIND_IN_CELL = re.compile(
    r"[ ]*(?:先生|女士|小姐|经理|总|老师|师傅|同学|[(（][^()（）\t\n]{0,12}[)）]|[、,，;；/][^\t\n|。]{2,14})?[ ]*(?:[\t|\n]|\Z)"
)
_CUSTOMER_HEADER = re.compile(
    r"客户|会员|顾客|买家|学员|业主|联系人|姓名|单位名称|公司名称|customer|name", re.IGNORECASE
)
_LEAST_ACCOUNT = 8  # digits
_TAKEN_AS_NAMES = NAMES | {Meaning.CONTACT}
_ROLES = {
    Meaning.ALIAS: Role.ALIAS, Meaning.CONTACT: Role.CONTACT, Meaning.HANDLER: Role.HANDLER, Meaning.OTHER_PARTY: Role.NAMED,
}  # fmt: skip
_CATEGORIES = {
    Meaning.PERSON: FindingCategory.PERSON_NAME,
    Meaning.ORGANISATION: FindingCategory.ORGANISATION_NAME,
}
_BESIDE = frozenset({Role.HANDLER, Role.IN_PASSING})
"""Who stands in a row that is about somebody else."""
_NOBODYS = frozenset({Role.HANDLER, Role.IN_PASSING})
"""Who has no part in the address, account and customer number of a row."""


class RowMentions:
    """The mentions in the tables of a record, and in lines of its text that are rows."""

    def __init__(
        self,
        extraction: Extraction,
        title: str,
        *,
        is_personal: bool,
        overrides: Overrides | None = None,
    ) -> None:
        self._text = extraction.text
        self._tables = extraction.tables
        self._title = title
        self._is_personal = is_personal
        self._columns = RowColumns(extraction.tables, overrides)
        self._rows = sorted([*_rows_of(extraction.tables), *_rows_seen(extraction.text, extraction.tables)])
        self._row_starts = [row[0] for row in self._rows]

    def row_at(self, position: int) -> tuple[int, int] | None:
        """Table (-1: seen in the text) and place of the row at a position of the text."""
        place = bisect_right(self._row_starts, position) - 1
        if place < 0 or position >= self._rows[place][1]:
            return None
        return self._rows[place][2], self._rows[place][3]

    def of(self, by_row: Mapping[tuple[int, int], Sequence[Finding]]) -> Iterator[Mention]:
        """The mentions of the rows, in their order; `by_row` are the findings of each that has some."""
        for _, _, table, place in self._rows:
            findings = by_row.get((table, place), ())
            if table < 0:
                yield from self._in_row((table, place), findings, ())
            elif findings or self._columns.may_name(table):
                yield from self._in_table((table, place), findings)

    def _in_table(self, row: tuple[int, int], findings: Sequence[Finding]) -> Iterator[Mention]:
        """The parts of a row that stand side by side under headers of their own, each by itself."""
        sides: dict[int, list[Cell]] = {}
        for side, cell in self._columns.cells(*row):
            sides.setdefault(side, []).append(cell)
        for cells in sides.values():
            mine = [finding for finding in findings if _speaks(cell_at(cells, finding.start))]
            mine += self._unfound(cells, mine)
            yield from self._in_row(row, sorted(mine, key=lambda one: one.start), cells)

    def _unfound(self, cells: Sequence[Cell], findings: Sequence[Finding]) -> Iterator[Finding]:
        """Names that stand in columns of names and that nobody has found."""
        taken = [(finding.start, finding.end) for finding in findings if is_name(finding)]
        for cell in cells:
            if cell.column.meaning not in _TAKEN_AS_NAMES or not cell.column.holds_it:
                continue
            if any(start < cell.end and cell.start < end for start, end in taken):
                continue
            look = look_of_cell(cell.written)
            category = _CATEGORIES.get(
                look if look in _CATEGORIES else cell.meaning if cell.column.is_corrected else look
            )
            if category is not None:
                yield Finding(category, cell.start, cell.end, cell.column.confidence)

    def _in_row(
        self, row: tuple[int, int], findings: Sequence[Finding], cells: Sequence[Cell]
    ) -> Iterator[Mention]:
        """A row speaks of one customer: all its numbers belong to its names, each kind to the fitting name."""
        names = self._distinct([finding for finding in findings if is_name(finding)])
        numbers = [
            (finding, number) for finding in findings if (number := identifier_in(self._text, finding))
        ]
        roles = [self._role(name, cells) for name in names]
        organisations = [name for name in names if name.category is FindingCategory.ORGANISATION_NAME]
        persons = [name for name in names if name.category is FindingCategory.PERSON_NAME]
        about = [name for name, role in zip(names, roles, strict=True) if role not in _BESIDE]
        place_of = row if row[0] >= 0 else None
        if not names:
            yield from self._unrecognised(row, [number for _, number in numbers], findings, cells)
        for place, (name, role) in enumerate(zip(names, roles, strict=True)):
            organisation = name.category is FindingCategory.ORGANISATION_NAME
            of_his_kind = organisations if organisation else persons
            alone = len(of_his_kind) == 1 or [one for one in of_his_kind if one in about] == [name]
            mine = [
                number
                for finding, number in numbers
                if _fits(finding, organisation=organisation, both=bool(organisations and persons))
            ]
            if role is None:
                leads = place == 0 or not organisations or organisation
                role = self._part(row[0]) if leads else Role.CONTACT
            if organisation and role is not Role.ALIAS:
                alone = alone or name is organisations[0]
            whole = alone or role is Role.ALIAS
            mention = named(self._text, name, role, mine if whole else (), place_of)
            his = whole and role not in _NOBODYS and (organisation or not organisations)
            yield self._with_facts(mention, findings, cells, about_him=his)

    def _part(self, table: int) -> Role:
        if self._is_staff_list(table):
            return Role.HANDLER
        return Role.CUSTOMER_LIST if self._is_customer_list(table) else Role.NAMED

    def _role(self, name: Finding, cells: Sequence[Cell]) -> Role | None:
        """The part that the name's cell and column give it; None when they give none."""
        if name.category is FindingCategory.PERSON_NAME and not self._fills_cell(name):
            return Role.IN_PASSING
        cell = cell_at(cells, name.start)
        return _ROLES.get(cell.meaning) if cell else None

    def _unrecognised(
        self,
        row: tuple[int, int],
        numbers: Sequence[Identifier],
        findings: Sequence[Finding],
        cells: Sequence[Cell],
    ) -> Iterator[Mention]:
        """A row with a customer's number in the firm's own system: by the name that its columns hold, or by that number alone."""
        key = next((cell for cell in cells if cell.key), None)
        if key is None:
            return
        kind, said = name_in(cells)
        raw = " ".join(cell.written for cell in said)
        own_list = bool(raw) and _CUSTOMER_TABLE.search(self._tables[row[0]].name) is not None
        mention = Mention(
            kind=kind,
            start=min((cell.start for cell in said), default=key.start),
            end=max((cell.end for cell in said), default=key.end),
            raw=raw,
            normalised=person_form(raw) if kind is MentionKind.PERSON else organisation_form(raw),
            role=self._part(row[0]) if own_list else Role.NAMED,
            identifiers=tuple(dict.fromkeys(numbers)),
            row=row,
        )
        yield self._with_facts(mention, findings, cells, about_him=True)

    def _with_facts(
        self, mention: Mention, findings: Sequence[Finding], cells: Sequence[Cell], *, about_him: bool
    ) -> Mention:
        """The mention with address, birth date, accounts and customer numbers of its row."""
        if not about_him:
            return mention
        said = {finding.category: self._text[finding.start : finding.end] for finding in reversed(findings)}
        born = next((cell.written for cell in cells if cell.meaning is Meaning.BIRTH_DATE), "")
        born = born or said.get(FindingCategory.BIRTH_DATE, "")
        return replace(
            mention,
            address=address_in(cells) or said.get(FindingCategory.ADDRESS, ""),
            birth_date=day_of(born) if born and mention.kind is MentionKind.PERSON else "",
            accounts=tuple(_accounts(cells)),
            keys=tuple(dict.fromkeys(f"{cell.key}:{cell.written.casefold()}" for cell in cells if cell.key)),
        )

    def _distinct(self, names: Sequence[Finding]) -> list[Finding]:
        """One name of each writing: a list gives a private customer again as his own contact."""
        seen: dict[str, Finding] = {}
        for name in names:
            form = person_form(self._text[name.start : name.end])
            if form not in seen or (self._fills_cell(name) and not self._fills_cell(seen[form])):
                seen[form] = name
        return list(seen.values())

    def _fills_cell(self, name: Finding) -> bool:
        """Whether the cell of a row is the name, with at most a title or a bracket, or labels it; no sentence."""
        before = self._text[max(0, name.start - _CELL_REACH) : name.start]
        if _LABELLED_IN_CELL.search(before):
            return True
        return (
            _BEFORE_IN_CELL.search(before) is not None
            and _BEHIND_IN_CELL.match(self._text, name.end) is not None
        )

    def _is_staff_list(self, place: int) -> bool:
        headers = self._tables[place].headers if place >= 0 else ()
        return _STAFF.search(" ".join((self._title, *headers))) is not None

    def _is_customer_list(self, place: int) -> bool:
        if not self._is_personal:
            return False
        if place < 0:
            return _CUSTOMER_TABLE.search(self._title) is not None
        table = self._tables[place]
        named = _CUSTOMER_TABLE.search(table.name) or _CUSTOMER_TABLE.search(self._title)
        return bool(named) or any(_CUSTOMER_HEADER.search(header) for header in table.headers)


def _speaks(cell: Cell | None) -> bool:
    """Whether what stands in the cell may be taken for somebody's: a person may have said that it is nobody's."""
    return cell is not None and not (cell.column.is_corrected and cell.meaning is Meaning.IGNORED)


def _fits(finding: Finding, *, organisation: bool, both: bool) -> bool:
    if not both:
        return True
    return (finding.category in ORGANISATIONS_OWN) == organisation or (
        organisation and finding.category in (FindingCategory.MOBILE_PHONE, FindingCategory.EMAIL)
    )


def _accounts(cells: Sequence[Cell]) -> Iterator[str]:
    """Accounts that are no payment cards; those are identifiers."""
    for cell in cells:
        if cell.column.meaning is Meaning.ACCOUNT:
            digits = "".join(sign for sign in cell.written if sign.isdigit())
            if len(digits) >= _LEAST_ACCOUNT and not shapes.bank_card_of(digits):
                yield digits


_Row = tuple[int, int, int, int]
"""Start, end, table (-1: seen in the text), place."""


def _rows_of(tables: Sequence[Table]) -> Iterator[_Row]:
    for table, one in enumerate(tables):
        for place, (start, row) in enumerate(zip(one.row_starts, one.rows, strict=False)):
            yield start, start + sum(map(len, row)) + max(0, len(row) - 1), table, place


def _rows_seen(text: str, tables: Sequence[Table]) -> Iterator[_Row]:
    """Lines of cells outside of the tables: texts of documents write their tables so."""
    covered = sorted((one.row_starts[0], one.row_starts[-1]) for one in tables if one.row_starts)
    start = 0
    for place, line in enumerate(text.split("\n")):
        is_row = line.count("\t") >= _LEAST_TABS or line.count("|") >= _LEAST_BARS
        if is_row and not any(first <= start <= last for first, last in covered):
            yield start, start + len(line), -1, place
        start += len(line) + 1
