"""Which columns of a record's tables hold the number by which the firm's own system names a customer.

1. The primary key of a table of customers, and every column that a database declares to refer to it.
2. Without a declaration: a column of the same name in another table (`customer_id`), or the table's name with `id`
   (`member_id` for `ums_member.id`).
3. Elsewhere a column of customer numbers (客户编号), under its header alone: lists of one system name it alike.

A key is named `table:column`, `*:header` for the third. It is evidence within one source and says nothing elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from kedang.records.content import Table
from kedang.resolution.columns import Column, Section
from kedang.resolution.meanings import NAMES, Meaning, header_form

_CUSTOMERS = re.compile(
    r"客户|会员|顾客|买家|学员|业主|用户|customer|client|member|user|buyer|account", re.IGNORECASE
)
_NO_CUSTOMERS = re.compile(
    r"供应商|员工|职工|supplier|vendor|employee|staff|shipper|carrier|admin|role|level|type|demo|address|price|login|log\b|history|relation|tag|setting|statistics|collection|attention|cart|order|task|rule",
    re.IGNORECASE,
)
_REACHED_BY = frozenset({
    Meaning.PHONE, Meaning.MOBILE, Meaning.EMAIL, Meaning.ADDRESS, Meaning.RESIDENT_ID, Meaning.CREDIT_CODE, Meaning.CONTACT,
})  # fmt: skip
_BARE = frozenset({"id", "编号", "no", "code", "序号"})
KeyColumns = Mapping[tuple[int, int], str]
"""The key that a column holds, by table and place."""


def key_columns(tables: Sequence[Table], sections: Sequence[Sequence[Section]]) -> KeyColumns:
    """The columns of customer keys; `sections` are those of each table."""
    found: dict[tuple[int, int], str] = {}
    named = _primary_keys(tables, sections)
    for place, (table, some) in enumerate(zip(tables, sections, strict=True)):
        for column in (column for section in some for column in section.columns):
            key = _key_of(table, column, named)
            if key:
                found[place, column.place] = key
    return found


def _primary_keys(
    tables: Sequence[Table], sections: Sequence[Sequence[Section]]
) -> dict[tuple[str, str], str]:
    """The keys of tables of customers, by the table's and the column's header form."""
    keys: dict[tuple[str, str], str] = {}
    for table, some in zip(tables, sections, strict=True):
        if len(table.primary_key) == 1 and some and _holds_customers(table, some[0]):
            column = header_form(table.primary_key[0])
            keys[header_form(table.name), column] = f"{header_form(table.name)}:{column}"
    return keys


def _holds_customers(table: Table, section: Section) -> bool:
    meanings = {column.meaning for column in section.columns}
    if _NO_CUSTOMERS.search(table.name) or any(one.table == table.name for one in table.foreign_keys):
        return False  # who refers to his own kind is staff with a superior
    people = bool(meanings & (NAMES | {Meaning.CONTACT})) or {Meaning.SURNAME, Meaning.GIVEN_NAME} <= meanings
    return bool(_CUSTOMERS.search(table.name)) and (people or bool(meanings & _REACHED_BY))


def _key_of(table: Table, column: Column, named: Mapping[tuple[str, str], str]) -> str:
    form = header_form(column.header)
    own = named.get((header_form(table.name), form))
    if own:
        return own
    for declared in table.foreign_keys:
        if header_form(declared.column) == form:
            return named.get((header_form(declared.table), header_form(declared.referenced)), "")
    for undeclared in _alike(form, named):
        return undeclared
    return f"*:{form}" if column.meaning is Meaning.CUSTOMER_NUMBER else ""


def _alike(form: str, named: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Keys of which a column bears the name, without a declaration."""
    for (table, column), key in named.items():
        singular = table.rpartition(" ")[2].removesuffix("s")
        if (form == column and column not in _BARE) or (column in _BARE and form == f"{singular} {column}"):
            yield key
