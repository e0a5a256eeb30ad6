"""What the columns of a record's tables mean, for a person who may correct it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.column_meanings import overrides_of
from kedang.holdings.adapters.contents import derived_payload
from kedang.holdings.models import Record
from kedang.pipeline.derived import decode
from kedang.records.content import Table
from kedang.resolution.cell_contents import look_of_cell
from kedang.resolution.columns import Column, sections_of
from kedang.resolution.meanings import Meaning, called

SAMPLE_ROWS = 200
MOST_COLUMNS = 400


@dataclass(frozen=True, slots=True)
class ColumnShown:
    """One column; nothing that its cells hold, only what they look like."""

    key: str
    table: int
    sheet: str
    place: int
    header: str
    meaning: str
    corrected: bool
    confidence: float
    zh: tuple[str, ...]
    """Why, in Chinese."""
    en: tuple[str, ...]
    filled: int
    """Cells that are filled among the first SAMPLE_ROWS rows."""
    shapes: tuple[str, ...]
    """What most of them look like."""


def columns_of_record(archive: Archive, record: Record) -> list[ColumnShown]:
    """Every column of every table, at most MOST_COLUMNS, in order; empty when there are no tables."""
    payload = derived_payload(archive, record)
    if not payload:
        return []
    overrides = overrides_of(archive, record.id)
    found: list[ColumnShown] = []
    for number, table in enumerate(decode(payload).extraction.tables):
        for section in sections_of(table, overrides=overrides):
            sample = table.rows[section.first_row : min(section.end_row, section.first_row + SAMPLE_ROWS)]
            found += (_shown(number, table, column, sample) for column in section.columns)
        if len(found) >= MOST_COLUMNS:
            break
    return found[:MOST_COLUMNS]


def _shown(number: int, table: Table, column: Column, sample: tuple[tuple[str, ...], ...]) -> ColumnShown:
    cells = [row[column.place].strip() for row in sample if column.place < len(row)]
    filled = [cell for cell in cells if cell]
    return ColumnShown(
        column.key,
        number,
        table.name,
        column.place,
        column.header,
        column.meaning.value,
        column.is_corrected,
        column.confidence,
        tuple(reason.zh for reason in column.reasons),
        tuple(reason.en for reason in column.reasons),
        len(filled),
        tuple(_shapes(filled)),
    )


def _shapes(cells: list[str]) -> Iterator[str]:
    """The meanings that cells look like, the commonest first."""
    counts: dict[Meaning, int] = {}
    for cell in cells:
        look = look_of_cell(cell)
        if look is not Meaning.UNKNOWN:
            counts[look] = counts.get(look, 0) + 1
    yield from (one.value for one in sorted(counts, key=lambda one: -counts[one])[:2])


def meanings_said() -> list[tuple[str, str, str]]:
    """Every meaning that a column can have, with its words in Chinese and English."""
    return [(one.value, *called(one)) for one in Meaning if one is not Meaning.UNKNOWN]
