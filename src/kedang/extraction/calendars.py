"""Calendars (iCalendar): a table with one row an event, task or journal entry."""

from __future__ import annotations

import re

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.content_lines import ContentLine, content_lines, unescaped
from kedang.extraction.errors import ROWS_CUT
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

_COLUMNS = {
    "DTSTART": "start",
    "DTEND": "end",
    "DUE": "due",
    "SUMMARY": "summary",
    "LOCATION": "location",
    "ORGANIZER": "organizer",
    "ATTENDEE": "attendees",
    "DESCRIPTION": "description",
    "STATUS": "status",
    "RRULE": "repeats",
    "COMMENT": "comment",
    "CONTACT": "contact",
    "URL": "url",
}
_ENTRIES = frozenset(("VEVENT", "VTODO", "VJOURNAL"))
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")
_COMMON_NAME = re.compile(r"^CN=\"?([^\"]*)\"?$")


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The entries as rows of a table, times as ISO 8601."""
    assembly = TextAssembly(limits)
    entries = _entries(content_lines(whole_bytes(content, limits), format.charset or "utf-8"))
    if len(entries) > limits.max_rows:
        assembly.problem(ROWS_CUT, rows=len(entries), kept=limits.max_rows)
        entries = entries[: limits.max_rows]
    present = {column for entry in entries for column in entry}
    headers = tuple(column for column in _COLUMNS.values() if column in present)
    assembly.write_rows(
        "calendar",
        headers,
        (tuple(entry.get(column, "") for column in headers) for entry in entries),
        first_row=1,
    )
    return assembly.extraction()


def _entries(lines: list[ContentLine]) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = []
    inside: list[str] = []
    for line in lines:
        if line.name == "BEGIN":
            inside.append(line.value.strip().upper())
            if inside[-1] in _ENTRIES:
                entries.append({})
        elif line.name == "END":
            inside = inside[:-1]
        elif (
            inside and inside[-1] in _ENTRIES and entries and (column := _COLUMNS.get(line.name)) is not None
        ):
            said = _said(line)
            known = entries[-1].get(column, "")
            entries[-1][column] = f"{known}; {said}" if known and said else known or said
    return entries


def _said(line: ContentLine) -> str:
    value = unescaped(line.value).strip()
    if line.name in ("DTSTART", "DTEND", "DUE"):
        time = _TIME.match(value)
        if time is not None:
            date = f"{time[1]}-{time[2]}-{time[3]}"
            return date if time[4] is None else f"{date}T{time[4]}:{time[5]}:{time[6]}{time[7]}"
    if line.name in ("ORGANIZER", "ATTENDEE"):
        name = next(
            (match[1] for parameter in line.parameters if (match := _COMMON_NAME.match(parameter))), ""
        )
        address = re.sub(r"(?i)^mailto:", "", value)
        return f"{name} <{address}>" if name and name.lower() != address.lower() else address
    return value
