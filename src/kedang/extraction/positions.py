"""From a position in the text back to the page, sheet, row or slide where it stands in the original."""

from __future__ import annotations

from bisect import bisect_right

from kedang.records.content import Extraction, Place


def places_at(extraction: Extraction, position: int) -> tuple[Place, ...]:
    """Every place that holds the position, the widest first; a row of a table is named `sheet!row`.

    Rows are reckoned from the tables and are not among `Extraction.places`, as a sheet may have a million.
    """
    found = [place for place in extraction.places if place.start <= position < place.end]
    found.sort(key=lambda place: place.start - place.end)
    for table in extraction.tables:
        index = bisect_right(table.row_starts, position) - 1
        if index < 0:
            continue
        start = table.row_starts[index]
        end = start + len("\t".join(table.rows[index]))
        if position <= end:
            found.append(Place("row", f"{table.name}!{table.first_row + index}", start, end))
    return tuple(found)
