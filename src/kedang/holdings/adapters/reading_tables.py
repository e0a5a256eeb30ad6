"""One parsing process that gives the rows of tables, one table after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import item_of_rest
from kedang.holdings.adapters.names import own_names, own_numbers
from kedang.holdings.errors import ParsingFailed
from kedang.holdings.models import Record
from kedang.holdings.row_set_errors import NotSplit
from kedang.pipeline.derived import Derived
from kedang.pipeline.messages import Failed, TableRequest, WorkerSetup, receive, send
from kedang.pipeline.pool import MESSAGE_SECONDS, SECONDS_PER_ITEM, SECONDS_PER_MEGABYTE
from kedang.pipeline.processes import WorkerProcess
from kedang.pipeline.table_messages import CHUNK_ROWS, HeadsRead, TableChunk
from kedang.records.sheets import Book, Sheet
from kedang.resolution.named_rows import NamedRow, decode_named

PARSER_MEMORY_BYTES = 2 * 1024**3  # as an intake's workers have
MOST_ROW = 2**40
MOST_ROW_BYTES = 64 * 1024 * 1024
MOST_TABLES = 100_000
MOST_NAMED = 1000  # in one row


@dataclass(slots=True)
class TableReading:
    """The tables of one record as they come from the parsing process; they are read to their end, once."""

    book: Book
    sheets: list[Sheet]
    """Those that have begun so far."""
    chunks: Iterator[tuple[TableChunk, tuple[NamedRow, ...]]]
    """With whom rows name that extraction has not read."""
    """Some rows, ascending, with whom those name that extraction has not read."""

    @property
    def rows(self) -> Iterator[tuple[int, int, bytes]]:
        """Place of the table, number of the row, the row: ascending."""
        return (row for chunk, _ in self.chunks for row in chunk.rows)


@contextmanager
def reading_table(
    archive: Archive, record: Record, derived: Derived, heads: HeadsRead | None = None
) -> Iterator[TableReading]:
    """The tables of a record's original, read by a process of their own that holds no key.

    With `heads` it says whom the rows behind them name.

    Raises:
        NotSplit: its rows cannot be told apart.
        ParsingFailed: the process died over it, took too long, or said what cannot be.
    """
    setup = WorkerSetup(
        process_key=archive.random_bytes(32),
        work_folder=str(archive.home.work),
        own_names=own_names(archive) if heads is not None else (),
        own_numbers=own_numbers(archive) if heads is not None else (),
        name_model=False,
        understand=True,
        max_memory_bytes=PARSER_MEMORY_BYTES,
    )
    item = item_of_rest(archive, record, derived, setup.process_key)
    worker = WorkerProcess(
        "kedang.pipeline.worker", setup, home=archive.home.work / "worker-home", patience_seconds=60
    )
    try:
        yield _begun(worker, TableRequest(item, derived.format, heads))
    finally:
        worker.kill()
        if item.spool is not None:
            Path(item.spool).unlink(missing_ok=True)


def _begun(worker: WorkerProcess, request: TableRequest) -> TableReading:
    megabytes = request.item.size_bytes / 1e6
    until = time.monotonic() + 2 * SECONDS_PER_ITEM + megabytes * SECONDS_PER_MEGABYTE
    try:
        send(worker.connection, request)
    except OSError as error:
        raise ParsingFailed() from error
    first = _next(worker, until)
    if first.book is None or first.sheets or first.rows:
        raise ParsingFailed()
    reading = TableReading(first.book, [], iter(()))
    reading.chunks = _chunks(worker, reading, until)
    return reading


def _chunks(
    worker: WorkerProcess, reading: TableReading, until: float
) -> Iterator[tuple[TableChunk, tuple[NamedRow, ...]]]:
    last = named = (0, 0)
    while True:
        chunk = _next(worker, until)
        reading.sheets += chunk.sheets
        if len(reading.sheets) > MOST_TABLES or chunk.book is not None:
            raise ParsingFailed()
        for table, number, row in chunk.rows:
            sound = last < (table, number) and 0 <= table < len(reading.sheets) and 1 <= number <= MOST_ROW
            if not sound or len(row) > MOST_ROW_BYTES:
                raise ParsingFailed()
            last = (table, number)
        rows = _named(chunk)
        for one in rows:
            if not named < (one.table, one.number) or len(one.named) > MOST_NAMED:
                raise ParsingFailed()
            named = (one.table, one.number)
        yield chunk, rows
        if chunk.last:
            return


def _named(chunk: TableChunk) -> tuple[NamedRow, ...]:
    try:
        rows = decode_named(chunk.named)
    except msgspec.MsgspecError as error:
        raise ParsingFailed() from error
    if len(rows) > CHUNK_ROWS:
        raise ParsingFailed()
    return rows


def _next(worker: WorkerProcess, until: float) -> TableChunk:
    try:
        if not worker.connection.poll(max(0.0, until - time.monotonic())):
            raise ParsingFailed()
        said = receive(worker.connection, seconds=MESSAGE_SECONDS)
    except (EOFError, OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError) as error:
        raise ParsingFailed() from error
    if isinstance(said, Failed):
        raise NotSplit(because=said.code)
    if not isinstance(said, TableChunk) or len(said.rows) > CHUNK_ROWS:
        raise ParsingFailed()
    return said
