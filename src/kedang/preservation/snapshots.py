"""Snapshots of the database: written and read line by line, in memory that does not grow with them.

The format is docs/formats/snapshot.md. A snapshot is one zstd frame over canonical JSON lines:

    header      format, version, case, time, schema, ledger size, epoch, tables with their counts, in order
    rows …      table and rows, column by column; tables in the header's order
    block …     in place of rows: where those lie that earlier snapshots may have written
    footer      counts, the objects that the blocks lie in, and SHA-256 of all bytes before it

The bytes are not sealed here. A row that was read is worth nothing before the reader has come to the end
without a fault: whoever restores commits only then.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO, TypeAlias

from kedang.preservation.errors import (
    SnapshotAltered,
    SnapshotCutOff,
    SnapshotMalformed,
    SnapshotNewer,
    SnapshotUnsteady,
)
from kedang.preservation.snapshot_blocks import (
    Block,
    BlockObject,
    block_of,
    block_rows,
    objects_of,
    said_of_block,
    said_of_objects,
)
from kedang.preservation.snapshot_lines import (
    MOST_LINE_BYTES,
    PIECE_BYTES,
    Pieces,
    Row,
    RowsLine,
    line_of,
    packed,
    parsed_line,
    rows_of,
    unpacked_lines,
)
from kedang.preservation.snapshot_values import GREATEST_INTEGER, Value, read_time, written_time
from kedang.records.ids import CaseId

FORMAT = "kedang-snapshot"
VERSION = 3
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_BLOCK = frozenset({"block", "table"})
_HEADER = frozenset({"case", "epoch", "format", "ledger_size", "schema", "tables", "taken", "version"})

Written: TypeAlias = tuple[str, RowsLine | Block]
"""A table and some of its rows, or a block of them."""
_Entry: TypeAlias = tuple[str, Sequence[Mapping[str, Value]] | Block]
OpenBlock: TypeAlias = Callable[[Block], bytes]
"""Gives what a block holds."""

__all__ = [
    "MOST_LINE_BYTES",
    "OpenBlock",
    "Outline",
    "Row",
    "SnapshotHeader",
    "SnapshotReader",
    "TableCount",
    "Written",
    "snapshot_pieces",
    "snapshot_stream",
]


@dataclass(frozen=True, slots=True)
class TableCount:
    """How many rows of a table there are."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class SnapshotHeader:
    """Of what and of when a snapshot is."""

    case: CaseId
    taken: datetime
    """UTC."""
    schema: str
    """Name of the last migration of the tables, such as "0003_copies"."""
    ledger_size: int
    epoch: int
    tables: tuple[TableCount, ...]
    """In the order in which rows can be inserted: what is referred to comes first."""


@dataclass(frozen=True, slots=True)
class Outline:
    """What a snapshot is besides rows."""

    header: SnapshotHeader
    blocks: tuple[tuple[str, Block], ...]
    """With their tables, in order."""
    objects: tuple[BlockObject, ...]
    """That the blocks lie in."""


def snapshot_pieces(
    header: SnapshotHeader,
    entries: Iterable[Written],
    objects: Callable[[], Iterable[BlockObject]] = tuple,
) -> Iterator[bytes]:
    """The snapshot, piece by piece; `objects` are those that its blocks lie in, asked for when all rows were given.

    Raises:
        SnapshotUnsteady: rows of other tables, in another order or number than the header says.
        ValueError: a name or a value that the format cannot hold.
    """
    _check_header(header)
    return packed(_lines(header, entries, objects))


def snapshot_stream(
    header: SnapshotHeader,
    entries: Iterable[Written],
    objects: Callable[[], Iterable[BlockObject]] = tuple,
) -> BinaryIO:
    """The same as a readable stream, for whoever seals it."""
    return io.BufferedReader(Pieces(snapshot_pieces(header, entries, objects)), PIECE_BYTES)


class SnapshotReader:
    """A snapshot read from a stream: its header at once, then its rows or its outline, once, in their order."""

    def __init__(
        self, source: BinaryIO, *, tables: Collection[str], open_block: OpenBlock | None = None
    ) -> None:
        """Begin to read; `tables` are those that this release knows. Without `open_block` rows in blocks stay closed.

        Raises:
            SnapshotMalformed: no snapshot.
            SnapshotNewer: of a version or with a table that is not known.
            SnapshotCutOff, SnapshotAltered: damaged in its first line already.
        """
        self._digest = sha256()
        self._lines = unpacked_lines(source)
        self._line_number = 0
        self._open_block = open_block
        self._objects: tuple[BlockObject, ...] = ()
        self.header = _read_header(self._next(), tables)
        self.complete = False
        """Whether all rows were read and the footer fits them."""

    def __iter__(self) -> Iterator[Row]:
        """Rows in the header's order.

        Raises:
            SnapshotMalformed: a line is not in its form.
            SnapshotCutOff: the footer is missing.
            SnapshotAltered: counts, order or digest differ, or something follows the footer.
        """
        for table, said in self._entries():
            if not isinstance(said, Block):
                yield from ((table, row) for row in said)
                continue
            if self._open_block is None:
                raise ValueError("nothing opens the blocks of this snapshot")
            yield from block_rows(self._open_block(said), table, said)
        self.complete = True

    def outline(self) -> Outline:
        """Everything but rows, read to the end. Raises what reading rows raises, for anything but blocks."""
        blocks = tuple((table, said) for table, said in self._entries() if isinstance(said, Block))
        return Outline(self.header, blocks, self._objects)

    def _entries(self) -> Iterator[_Entry]:
        used: set[str] = set()
        for counted in self.header.tables:
            left = counted.rows
            while left:
                table, said = self._entry(self._next())
                rows = said.rows if isinstance(said, Block) else len(said)
                if table != counted.table or rows > left:
                    raise SnapshotAltered(line=self._line_number, reason="order")
                if isinstance(said, Block):
                    used.add(said.object)
                left -= rows
                yield table, said
        self._check_footer(used)

    def _next(self) -> bytes:
        """The next line, whole and with its line feed; it enters the digest."""
        line = next(self._lines, b"")
        if not line:
            raise SnapshotCutOff(line=self._line_number)
        self._line_number += 1
        self._digest.update(line)
        return line

    def _entry(self, line: bytes) -> _Entry:
        said = parsed_line(line, self._line_number)
        if "sha256" in said:
            raise SnapshotAltered(line=self._line_number, reason="too-few-rows")
        if set(said) != _BLOCK:
            return rows_of(said, self._line_number)
        try:
            return said["table"], block_of(said["block"])
        except (ValueError, TypeError) as error:
            raise SnapshotMalformed(line=self._line_number) from error

    def _check_footer(self, used: Collection[str]) -> None:
        expected = self._digest.hexdigest()  # of all lines before the footer
        said = parsed_line(self._next(), self._line_number)
        try:
            self._objects = objects_of(said.get("objects"))
        except ValueError as error:
            raise SnapshotAltered(line=self._line_number, reason="footer") from error
        same = {one.id for one in self._objects} == set(used)
        if not same or said != _footer(self.header, expected, self._objects):
            raise SnapshotAltered(line=self._line_number, reason="footer")
        if next(self._lines, b""):
            raise SnapshotAltered(line=self._line_number + 1, reason="more-follows")


def _lines(
    header: SnapshotHeader, entries: Iterable[Written], objects: Callable[[], Iterable[BlockObject]]
) -> Iterator[bytes]:
    """All lines; the rows are checked against the header's counts."""
    digest, used = sha256(), set[str]()
    for line in _lines_before_footer(header, entries, used):
        digest.update(line)
        yield line
    named = tuple(one for one in objects() if one.id in used)
    if {one.id for one in named} != used:
        raise ValueError("an object of blocks that nothing is known of")
    yield line_of(_footer(header, digest.hexdigest(), named))


def _lines_before_footer(
    header: SnapshotHeader, entries: Iterable[Written], used: set[str]
) -> Iterator[bytes]:
    yield line_of(
        {
            "case": header.case,
            "epoch": header.epoch,
            "format": FORMAT,
            "ledger_size": header.ledger_size,
            "schema": header.schema,
            "tables": [[entry.table, entry.rows] for entry in header.tables],
            "taken": written_time(header.taken),
            "version": VERSION,
        }
    )
    coming = iter(entries)
    for counted in header.tables:
        number = 0
        while number < counted.rows:
            table, said = next(coming, ("", None))
            if said is None or table != counted.table or number + said.rows > counted.rows:
                raise SnapshotUnsteady(table=counted.table, counted=counted.rows, found=number)
            number += said.rows
            if isinstance(said, Block):
                used.add(said.object)
                yield line_of({"block": said_of_block(said), "table": table})
            else:
                yield said.line
    if (after := next(coming, None)) is not None:
        raise SnapshotUnsteady(table=after[0], reason="more-rows")


def _footer(header: SnapshotHeader, digest: str, objects: Iterable[BlockObject]) -> dict[str, object]:
    return {
        "counts": [[entry.table, entry.rows] for entry in header.tables],
        "objects": said_of_objects(objects),
        "rows": sum(entry.rows for entry in header.tables),
        "sha256": digest,
    }


def _read_header(line: bytes, known: Collection[str]) -> SnapshotHeader:
    said: dict[str, Any] = parsed_line(line, 1)
    if said.get("format") != FORMAT:
        raise SnapshotMalformed(reason="format")
    version = said.get("version")
    if version != VERSION:
        raise SnapshotNewer(version=version if isinstance(version, int) else None)
    try:
        if set(said) != _HEADER:
            raise ValueError("members of the header")
        header = SnapshotHeader(
            case=CaseId(said["case"]),
            taken=read_time(said["taken"]),
            schema=said["schema"],
            ledger_size=said["ledger_size"],
            epoch=said["epoch"],
            tables=tuple(TableCount(table, rows) for table, rows in said["tables"]),
        )
        _check_header(header)
    except (ValueError, TypeError) as error:
        raise SnapshotMalformed(line=1) from error
    for entry in header.tables:
        if entry.table not in known:
            raise SnapshotNewer(table=entry.table)
    return header


def _check_header(header: SnapshotHeader) -> None:
    numbers = [header.ledger_size, header.epoch, *(entry.rows for entry in header.tables)]
    if any(type(number) is not int or not 0 <= number <= GREATEST_INTEGER for number in numbers):
        raise ValueError("a number of the header")
    names = [entry.table for entry in header.tables]
    if len(set(names)) != len(names) or not all(_NAME.fullmatch(name) for name in names):
        raise ValueError("a table's name")
    if (
        re.fullmatch(r"[0-9a-f]{32}", header.case) is None
        or re.fullmatch(r"[0-9a-z_]{1,100}", header.schema) is None
    ):
        raise ValueError("the case or the schema")
