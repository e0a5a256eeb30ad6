"""The finding aid as JSON: one array of objects, UTF-8, one object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from kedang.catalogue.rows import CatalogueRow

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

Details = Callable[[CatalogueRow], Mapping[str, Any]]
"""What to add to a row's object: its text, facts, findings with positions, reasons, reckoning."""


def write_json(rows: Iterable[CatalogueRow], sink: BinaryIO, *, details: Details | None = None) -> int:
    """Write the rows to the sink as they come; the answer is how many there were."""
    sink.write(b"[")
    count = 0
    for count, row in enumerate(rows, start=1):
        entry = row.cells() if details is None else {**row.cells(), **details(row)}
        sink.write(b"\n" if count == 1 else b",\n")
        # Half a character, which strict readers of JSON refuse, becomes a question mark.
        sink.write(_ENCODER.encode(entry).encode("utf-8", "replace"))
    sink.write(b"\n]\n")
    return count
