"""The rows of a table one after the other, for row sets: read by the parsing process, given on as they come."""

from __future__ import annotations

from collections.abc import Iterator

from kedang.extraction.errors import ExtractionError, LimitExceeded
from kedang.extraction.extract import PARSER_FAULTS
from kedang.extraction.limits import Limits
from kedang.extraction.sheet_rows import Rows, rows_of, said_cells
from kedang.pipeline.contents import content_of
from kedang.pipeline.messages import Failed, TableRequest, WorkerSetup
from kedang.pipeline.rows_behind import RowsBehind
from kedang.pipeline.table_messages import CHUNK_BYTES, CHUNK_ROWS, TableChunk
from kedang.records.sheets import Book, Cells, Sheet
from kedang.resolution.links import Own
from kedang.resolution.named_rows import encode_named
from kedang.resolution.row_sets import encode_cells

DAMAGED = "KD-E102"


def read_table(request: TableRequest, setup: WorkerSetup) -> Iterator[TableChunk | Failed]:
    """Every sheet and row of the item; a failure instead of what cannot be read."""
    try:
        content = content_of(request.item, setup.process_key)
        rows = rows_of(content, request.format, limits=Limits())
        heads = request.heads
        own = Own.of(setup.own_names, setup.own_numbers)
        behind = RowsBehind(heads, own) if heads is not None else None
        only_named = heads is not None and heads.only_named
        yield from _chunks(rows, _Gathering(rows.book, behind, only_named=only_named))
    except ExtractionError as error:
        yield Failed(error.code, dict(error.facts))
    except MemoryError:
        yield Failed(LimitExceeded.code, {"limit": "memory"})
    except PARSER_FAULTS as error:
        yield Failed(DAMAGED, {"reason": type(error).__name__})


class _Gathering:
    """What waits to be said, until it fills a message."""

    def __init__(self, book: Book, behind: RowsBehind | None, *, only_named: bool) -> None:
        self._book = book
        self._behind = behind
        self._only_named = only_named
        self._sheets: list[Sheet] = []
        self._rows: list[tuple[int, int, bytes]] = []
        self._count = 0
        self._size = 0

    def begin(self, place: int, sheet: Sheet) -> None:
        """The next table."""
        self._sheets.append(sheet)
        self._size += sum(len(one) for one in sheet.headers) + 32 * len(sheet.merged)
        if self._behind is not None:
            self._behind.begin(place, sheet)

    def add(self, place: int, number: int, cells: Cells | bytes) -> bool:
        """The next row; whether a message is full."""
        row = cells if isinstance(cells, bytes) else encode_cells(cells)
        if self._behind is not None and self._behind.wants(number):
            self._behind.take(number, said_cells(self._book, cells))
        if not self._only_named:
            self._rows.append((place, number, row))
        self._count += 1
        self._size += len(row)
        return self._size >= CHUNK_BYTES or self._count >= CHUNK_ROWS

    def chunk(self, *, last: bool = False) -> TableChunk:
        """The message; nothing waits afterwards."""
        named = encode_named(self._behind.named()) if self._behind is not None else b""
        made = TableChunk(None, tuple(self._sheets), tuple(self._rows), last, named)
        self._sheets, self._rows, self._count, self._size = [], [], 0, 0
        return made


def _chunks(rows: Rows, gathering: _Gathering) -> Iterator[TableChunk]:
    yield TableChunk(book=rows.book)
    for place, (sheet, lines) in enumerate(rows.tables()):
        gathering.begin(place, sheet)
        for number, cells in lines:
            if gathering.add(place, number, cells):
                yield gathering.chunk()
    yield gathering.chunk(last=True)
