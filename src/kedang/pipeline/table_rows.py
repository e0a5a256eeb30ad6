"""The rows of a table one after the other, for row sets: read by the parsing process, given on as they come."""

from __future__ import annotations

from collections.abc import Iterator

from kedang.extraction.errors import ExtractionError, LimitExceeded
from kedang.extraction.extract import PARSER_FAULTS
from kedang.extraction.limits import Limits
from kedang.extraction.sheet_rows import Rows, rows_of
from kedang.pipeline.contents import content_of
from kedang.pipeline.messages import Failed, TableRequest, WorkerSetup
from kedang.pipeline.table_messages import CHUNK_BYTES, CHUNK_ROWS, TableChunk
from kedang.records.sheets import Sheet
from kedang.resolution.row_sets import encode_cells

DAMAGED = "KD-E102"


def read_table(request: TableRequest, setup: WorkerSetup) -> Iterator[TableChunk | Failed]:
    """Every sheet and row of the item; a failure instead of what cannot be read."""
    try:
        content = content_of(request.item, setup.process_key)
        yield from _chunks(rows_of(content, request.format, limits=Limits()))
    except ExtractionError as error:
        yield Failed(error.code, dict(error.facts))
    except MemoryError:
        yield Failed(LimitExceeded.code, {"limit": "memory"})
    except PARSER_FAULTS as error:
        yield Failed(DAMAGED, {"reason": type(error).__name__})


def _chunks(rows: Rows) -> Iterator[TableChunk]:
    yield TableChunk(book=rows.book)
    sheets: list[Sheet] = []
    waiting: list[tuple[int, int, bytes]] = []
    size = 0
    for place, (sheet, lines) in enumerate(rows.tables()):
        sheets.append(sheet)
        size += sum(len(one) for one in sheet.headers) + 32 * len(sheet.merged)
        for number, cells in lines:
            row = cells if isinstance(cells, bytes) else encode_cells(cells)
            waiting.append((place, number, row))
            size += len(row)
            if size >= CHUNK_BYTES or len(waiting) >= CHUNK_ROWS:
                yield TableChunk(None, tuple(sheets), tuple(waiting))
                sheets, waiting, size = [], [], 0
    yield TableChunk(None, tuple(sheets), tuple(waiting), last=True)
