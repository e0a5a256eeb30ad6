"""SQLite databases: each table as a table. The file is opened read-only and its schema is not trusted.

A small file is read in memory. A large one that is a file of the system is opened through its descriptor.
"""

from __future__ import annotations

import io
import sqlite3
from collections import Counter
from collections.abc import Iterator

from kedang.extraction.assembly import TableKeys, TextAssembly, tidy
from kedang.extraction.encodings import charset_of, decode
from kedang.extraction.errors import PARTLY_READ, ROWS_CUT, Damaged, LimitExceeded
from kedang.extraction.limits import Limits
from kedang.extraction.workbooks import shown
from kedang.records.content import Content, Extraction, ForeignKey, Format

IN_MEMORY_BYTES = 64 * 1024 * 1024
STEPS_A_CALL = 100_000  # of the database's machine between looks at the budget
MAX_CALLS = 20_000  # some seconds of work; a table of two million rows needs a tenth of it
MAX_TABLES = 2_000


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The tables of a database and their text; views and virtual tables are not run."""
    assembly = TextAssembly(limits)
    with content.open() as stream:
        database = opened_database(content, stream, limits)
        try:
            _write_tables(database, assembly, limits)
        except sqlite3.Error as error:
            raise Damaged(reason="sqlite") from error
        finally:
            database.close()
    return assembly.extraction()


def opened_database(
    content: Content, stream: io.BufferedIOBase | object, limits: Limits
) -> sqlite3.Connection:
    """The database, to be read only, within a budget of steps; `stream` is the content opened.

    Raises:
        Damaged: it is none.
        LimitExceeded: it is too large to be held in memory.
    """
    descriptor = _descriptor(stream) if content.size_bytes > IN_MEMORY_BYTES else None
    try:
        if descriptor is not None:
            database = sqlite3.connect(f"file:/proc/self/fd/{descriptor}?mode=ro&immutable=1", uri=True)
        elif content.size_bytes > limits.max_whole_bytes:
            raise LimitExceeded(limit="max_whole_bytes", size_bytes=content.size_bytes)
        else:
            database = sqlite3.connect(":memory:")
            database.deserialize(_without_journal(content))
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA query_only = ON")
        database.execute("PRAGMA cell_size_check = ON")
    except sqlite3.Error as error:
        raise Damaged(reason="sqlite") from error
    calls = iter(range(MAX_CALLS))
    database.set_progress_handler(lambda: next(calls, None) is None, STEPS_A_CALL)
    database.text_factory = _text
    return database


def _descriptor(stream: object) -> int | None:
    try:
        return stream.fileno() if isinstance(stream, io.BufferedIOBase | io.RawIOBase) else None
    except (OSError, ValueError):
        return None


def _without_journal(content: Content) -> bytes:
    """The bytes with the write-ahead mark taken back, as a database in memory has no second file."""
    with content.open() as stream:
        raw = bytearray(stream.read())
    if raw[18:20] == b"\x02\x02":
        raw[18:20] = b"\x01\x01"
    return bytes(raw)


def _text(raw: bytes) -> str:
    """Text as the program that wrote it meant it: UTF-8, else what the bytes look like."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        seen = charset_of(raw, complete=True)
        return decode(raw, seen.codec if seen is not None else "utf-8")[0]


def _write_tables(database: sqlite3.Connection, assembly: TextAssembly, limits: Limits) -> None:
    listed = database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
    ).fetchmany(MAX_TABLES)
    left, cells = limits.max_rows, limits.max_cells
    for (name,) in listed:
        start = assembly.length
        assembly.line(str(name))
        try:
            cursor = database.execute(f"SELECT * FROM {_quoted(str(name))}")  # noqa: S608 - quoted
            headers = tuple(str(column[0]) for column in cursor.description)
            most = max(0, min(left, cells // max(1, len(headers))))
            keys = _keys(database, str(name))
            assembly.write_rows(str(name), headers, _rows(cursor, most), first_row=1, keys=keys)
            if cursor.fetchone() is not None:
                assembly.problem(ROWS_CUT, kept=most)
            left -= len(assembly.tables[-1].rows)
            cells -= len(assembly.tables[-1].rows) * len(headers)
        except sqlite3.Error:
            assembly.problem(PARTLY_READ, part="table")
        assembly.mark("table", str(name), start)


def _keys(database: sqlite3.Connection, name: str) -> TableKeys:
    """What the table declares. A foreign key that names no column means the other table's primary key."""
    primary = _primary_key(database, name)
    rows = database.execute(f"PRAGMA foreign_key_list({_quoted(name)})").fetchmany(MAX_TABLES)
    columns = Counter(row[0] for row in rows)
    foreign = []
    for key, _, table, column, referenced, *_ in rows:
        others = (str(referenced),) if referenced else _primary_key(database, str(table))
        if columns[key] == 1 and len(others) == 1:
            foreign.append(ForeignKey(tidy(str(column)), tidy(str(table)), others[0]))
    return TableKeys(primary, tuple(sorted(foreign, key=lambda one: (one.column, one.table))))


def _primary_key(database: sqlite3.Connection, name: str) -> tuple[str, ...]:
    rows = database.execute(f"PRAGMA table_info({_quoted(name)})").fetchmany(MAX_TABLES)
    return tuple(tidy(str(row[1])) for row in sorted(rows, key=lambda row: row[5]) if row[5])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _rows(cursor: sqlite3.Cursor, most: int) -> Iterator[tuple[str, ...]]:
    for _ in range(most):
        row = cursor.fetchone()
        if row is None:
            return
        yield tuple(shown_value(value) for value in row)


def shown_value(value: object) -> str:
    """The value as a person reads it; bytes that are text are read, others left out."""
    if isinstance(value, bytes):
        seen = charset_of(value, complete=True) if len(value) < 100_000 else None
        return decode(value, seen.codec)[0] if seen is not None and seen.sure else ""
    return shown(value) if isinstance(value, int | float | str) else ""
