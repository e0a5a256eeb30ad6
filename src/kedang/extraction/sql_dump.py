"""Dumps of databases as SQL: the rows of INSERT statements as tables, all other statements as they stand.

Read are the forms of mysqldump, Navicat, SQLite and pg_dump --inserts: quoted names, several rows a
statement, strings with doubled quotes or backslashes. What does not parse stays text.
"""

from __future__ import annotations

import re

from kedang.extraction.assembly import NO_KEYS, TableKeys, TextAssembly, tidy
from kedang.extraction.errors import ROWS_CUT
from kedang.extraction.limits import Limits
from kedang.extraction.plain import text_of
from kedang.records.content import Content, Extraction, ForeignKey, Format

_NAME = r"[`\"\[]?([^\s`\"\[\]().,;]+)[`\"\]]?"
_INSERT = re.compile(
    rf"^[ \t]*INSERT\s+(?:IGNORE\s+)?INTO\s+(?:{_NAME}\s*\.\s*)?{_NAME}\s*(?:\(([^()]*)\))?\s*VALUES\s*",
    re.IGNORECASE | re.MULTILINE,
)
_CREATE = re.compile(
    rf"^[ \t]*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:{_NAME}\s*\.\s*)?{_NAME}\s*\(",
    re.IGNORECASE | re.MULTILINE,
)
_COLUMN = re.compile(r"^\s*[`\"\[]?([^\s`\"\[\](),]+)[`\"\]]?\s+\w", re.MULTILINE)
_PRIMARY = re.compile(rf"PRIMARY\s+KEY\s*\(\s*{_NAME}\s*\)", re.IGNORECASE)
_COLUMN_IS_PRIMARY = re.compile(
    r"^\s*[`\"\[]?([^\s`\"\[\](),]+)[`\"\]]?\s+[^,\n]*?\bPRIMARY\s+KEY\b", re.MULTILINE | re.IGNORECASE
)
_FOREIGN = re.compile(
    rf"FOREIGN\s+KEY\s*\(\s*{_NAME}\s*\)\s*REFERENCES\s+(?:{_NAME}\s*\.\s*)?{_NAME}\s*\(\s*{_NAME}\s*\)",
    re.IGNORECASE,
)
_ALTER = re.compile(
    rf"^[ \t]*ALTER\s+TABLE\s+(?:ONLY\s+)?(?:{_NAME}\s*\.\s*)?{_NAME}\s", re.IGNORECASE | re.MULTILINE
)
_NO_COLUMNS = frozenset(
    ("PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", "FULLTEXT", "SPATIAL")
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>[NE]?'(?:[^'\\]++|\\.|'')*+')|(?P<mark>[(),;])|(?P<word>[^\s'(),;]+(?:\([^()']*\))?))",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "", "Z": ""}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The statements that make no rows, then a table for each table of the dump."""
    assembly = TextAssembly(limits)
    text = tidy(text_of(content, format, assembly, limits))
    columns, keys = _columns(text), _keys(text)
    tables: dict[str, list[tuple[str, ...]]] = {}
    headers: dict[str, tuple[str, ...]] = {}
    cells = at = 0
    for insert in _INSERT.finditer(text):
        if insert.start() < at:
            continue
        rows, end = _rows(text, insert.end(), limits.max_cells - cells)
        if not rows:
            continue
        name = insert.group(2)
        assembly.write(text[at : insert.start()])
        at = end
        cells += sum(map(len, rows))
        tables.setdefault(name, []).extend(rows)
        headers.setdefault(name, _listed(insert.group(3)) or columns.get(name, ()))
        if cells >= limits.max_cells:
            assembly.problem(ROWS_CUT, rows=sum(map(len, tables.values())))
            break
    assembly.write(text[at:])
    assembly.write("" if text.endswith("\n") else "\n")
    for name, rows in tables.items():
        start = assembly.length
        assembly.line(name)
        fitting = headers[name] if len(headers[name]) == len(rows[0]) else ()
        assembly.write_rows(name, fitting, rows, first_row=1, keys=keys.get(name, NO_KEYS))
        assembly.mark("table", name, start)
    return assembly.extraction()


def _listed(columns: str | None) -> tuple[str, ...]:
    return tuple(column.strip().strip('`"[]') for column in columns.split(",")) if columns else ()


def _columns(text: str) -> dict[str, tuple[str, ...]]:
    """Table → its columns, from the CREATE TABLE statements."""
    found: dict[str, tuple[str, ...]] = {}
    for create in _CREATE.finditer(text):
        end = text.find(";", create.end())
        body = text[create.end() : end if end >= 0 else len(text)]
        names = (
            match.group(1)
            for match in _COLUMN.finditer(body.replace("(", "(\n", 1) if "\n" not in body else body)
        )
        found[create.group(2)] = tuple(name for name in names if name.upper() not in _NO_COLUMNS)
    return found


def _keys(text: str) -> dict[str, TableKeys]:
    """Table → its primary key and foreign keys of one column, from CREATE TABLE and ALTER TABLE."""
    primary: dict[str, tuple[str, ...]] = {}
    foreign: dict[str, list[ForeignKey]] = {}
    for statement in (*_CREATE.finditer(text), *_ALTER.finditer(text)):
        end = text.find(";", statement.end())
        body = text[statement.end() : end if end >= 0 else len(text)]
        name = statement.group(2)
        declared = _PRIMARY.search(body) or _COLUMN_IS_PRIMARY.search(body)
        if declared:
            primary.setdefault(name, (declared.group(1),))
        foreign.setdefault(name, []).extend(
            ForeignKey(found.group(1), found.group(3), found.group(4)) for found in _FOREIGN.finditer(body)
        )
    return {name: TableKeys(primary.get(name, ()), tuple(foreign[name])) for name in foreign}


def _rows(text: str, at: int, most: int) -> tuple[list[tuple[str, ...]], int]:
    """The rows from a place on, and where their statement ends; no rows when it is not understood."""
    rows: list[tuple[str, ...]] = []
    row: list[str] | None = None
    cells = 0
    while (token := _TOKEN.match(text, at)) is not None:
        at = token.end()
        mark = token.group("mark")
        if mark == "(" and row is None:
            row = []
        elif mark == ")" and row is not None:
            rows.append(tuple(row))
            cells += len(row)
            row = None
        elif mark == ";":
            return rows, at
        elif mark is None and row is not None:
            row.append(_value(token))
        elif mark != ",":
            return rows, token.start()
        if cells >= most:
            return rows, at
    return rows, at


def _value(token: re.Match[str]) -> str:
    text = token.group("text")
    if text is None:
        word = token.group("word")
        return "" if word.upper() in ("NULL", "DEFAULT") or word[:2] in ("0x", "X'", "x'") else word
    said = text[text.index("'") + 1 : -1].replace("''", "'")
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), said) if "\\" in said else said
