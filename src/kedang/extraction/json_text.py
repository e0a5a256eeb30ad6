"""JSON: each value on a line after its key, or a table where the file is a list of like objects.

What cannot be parsed is read as it stands.
"""

from __future__ import annotations

import json

from kedang.extraction.assembly import TextAssembly, tidy
from kedang.extraction.limits import Limits
from kedang.extraction.plain import text_of
from kedang.records.content import Content, Extraction, Format

Value = object
MAX_TABLE_COLUMNS = 400
_WORDLESS = frozenset(("title", "text", "content", "value", "body"))  # keys that say nothing of their value


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The text of a JSON file."""
    assembly = TextAssembly(limits)
    text = text_of(content, format, assembly, limits)
    value = _lines(text) if format.name == "jsonl" else _loads(text)
    rows = _objects(value)
    if rows is not None:
        _write_objects(rows, assembly)
    elif isinstance(value, dict | list):
        for line in _lines_of(value):
            assembly.line(line)
    else:
        assembly.write(text)
    return assembly.extraction()


def _loads(text: str) -> Value:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lines(text: str) -> Value:
    values = [_loads(line) for line in text.split("\n") if line.strip()]
    return values if all(value is not None for value in values) else None


def _lines_of(value: Value) -> list[str]:
    """The plain values in order, each on a line after its key; no recursion, as values may nest deeply."""
    lines: list[str] = []
    waiting: list[tuple[str, Value]] = [("", value)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(str(name), inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [("" if isinstance(inner, str) else key, inner) for inner in reversed(value)]
        elif value is not None and value != "":
            lines.append(f"{key}: {_said(value)}" if key and key.lower() not in _WORDLESS else _said(value))
    return lines


def _objects(value: Value) -> list[dict[str, Value]] | None:
    """The objects of a list whose values are all plain; None when the file is anything else."""
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    if not isinstance(value, list) or not value:
        return None
    columns: set[str] = set()
    for entry in value:
        if not isinstance(entry, dict) or any(isinstance(field, dict | list) for field in entry.values()):
            return None
        columns.update(entry)
    return value if columns and len(columns) <= MAX_TABLE_COLUMNS else None


def _write_objects(rows: list[dict[str, Value]], assembly: TextAssembly) -> None:
    headers = tuple(dict.fromkeys(key for row in rows for key in row))
    assembly.write_rows(
        "", headers, (tuple(_said(row.get(key)) for key in headers) for row in rows), first_row=1
    )


def _said(value: Value) -> str:
    if isinstance(value, str):
        return tidy(value)
    return "" if value is None else json.dumps(value)
