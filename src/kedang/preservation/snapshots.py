"""Snapshots of the database: written and read line by line, in memory that does not grow with them.

The format is docs/formats/snapshot.md. A snapshot is one zstd frame over canonical JSON lines:

    header      format, version, case, time, schema, ledger size, epoch, tables with their counts, in order
    row …       table and row; tables in the header's order
    footer      counts and SHA-256 of all bytes before it

The bytes are not sealed here. A row that was read is worth nothing before the reader has come to the end
without a fault: whoever restores commits only then.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from kedang.preservation.errors import (
    SnapshotAltered,
    SnapshotCutOff,
    SnapshotMalformed,
    SnapshotNewer,
    SnapshotUnsteady,
)
from kedang.preservation.snapshot_values import (
    GREATEST_INTEGER,
    Value,
    canonical,
    parsed,
    plain_row,
    read_time,
    typed_row,
    written_time,
)
from kedang.records.ids import CaseId

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FORMAT = "kedang-snapshot"
VERSION = 1
MOST_LINE_BYTES = 16 << 20  # a row holds sealed columns and short facts, no content
_PACKING: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 3,
    zstd.CompressionParameter.checksum_flag: 1,
    zstd.CompressionParameter.nb_workers: 1,  # rows are written while what was written is packed
    zstd.CompressionParameter.job_size: 1 << 20,  # bytes; bounds what waits to be packed
}
_PIECE_BYTES = 256 << 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ROW = frozenset({"row", "table"})
_HEADER = frozenset({"case", "epoch", "format", "ledger_size", "schema", "tables", "taken", "version"})

Row: TypeAlias = tuple[str, Mapping[str, Value]]
"""Table and values by column."""


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


def snapshot_pieces(header: SnapshotHeader, rows: Iterable[Row]) -> Iterator[bytes]:
    """The snapshot, piece by piece.

    Raises:
        SnapshotUnsteady: rows of other tables, in another order or number than the header says.
        ValueError: a name or a value that the format cannot hold.
    """
    _check_header(header)
    packer = zstd.ZstdCompressor(options=_PACKING)
    digest = sha256()
    for lines in _grouped(_lines(header, rows)):
        digest.update(lines)
        if piece := packer.compress(lines):
            yield piece
    yield packer.compress(_line(_footer(header, digest.hexdigest())), zstd.ZstdCompressor.FLUSH_FRAME)


def snapshot_stream(header: SnapshotHeader, rows: Iterable[Row]) -> BinaryIO:
    """The same as a readable stream, for whoever seals it."""
    return io.BufferedReader(_Pieces(snapshot_pieces(header, rows)), _PIECE_BYTES)


class SnapshotReader:
    """A snapshot read from a stream: its header at once, then its rows, once, in their order."""

    def __init__(self, source: BinaryIO, *, tables: Collection[str]) -> None:
        """Begin to read; `tables` are those that this release knows.

        Raises:
            SnapshotMalformed: no snapshot.
            SnapshotNewer: of a version or with a table that is not known.
            SnapshotCutOff, SnapshotAltered: damaged in its first line already.
        """
        self._digest = sha256()
        self._lines = _unpacked_lines(source)
        self._line_number = 0
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
        for entry in self.header.tables:
            for _ in range(entry.rows):
                table, row = self._row(self._next())
                if table != entry.table:
                    raise SnapshotAltered(line=self._line_number, reason="order")
                yield table, row
        self._check_footer()
        self.complete = True

    def _next(self) -> bytes:
        """The next line, whole and with its line feed; it enters the digest."""
        line = next(self._lines, b"")
        if not line:
            raise SnapshotCutOff(line=self._line_number)
        self._line_number += 1
        self._digest.update(line)
        return line

    def _row(self, line: bytes) -> Row:
        said = _parsed_line(line, self._line_number)
        if "sha256" in said:
            raise SnapshotAltered(line=self._line_number, reason="too-few-rows")
        try:
            if set(said) != _ROW or not isinstance(said["row"], dict):
                raise ValueError("not a row")
            return said["table"], typed_row(said["row"])
        except ValueError as error:
            raise SnapshotMalformed(line=self._line_number) from error

    def _check_footer(self) -> None:
        expected = self._digest.hexdigest()  # of all lines before the footer
        said = _parsed_line(self._next(), self._line_number)
        if said != _footer(self.header, expected):
            raise SnapshotAltered(line=self._line_number, reason="footer")
        if next(self._lines, b""):
            raise SnapshotAltered(line=self._line_number + 1, reason="more-follows")


class _Pieces(io.RawIOBase):
    """An iterator of pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill with what is there of the present piece."""
        into = memoryview(buffer).cast("B")
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(into), len(self._rest))
        into[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _lines(header: SnapshotHeader, rows: Iterable[Row]) -> Iterator[bytes]:
    """Header and rows, each a line; the rows are checked against the header's counts."""
    yield _line(
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
    coming = iter(rows)
    for entry in header.tables:
        for number in range(entry.rows):
            table, row = next(coming, ("", {}))
            if table != entry.table:
                raise SnapshotUnsteady(table=entry.table, counted=entry.rows, found=number)
            yield _line({"row": plain_row(row), "table": table})
    if (after := next(coming, None)) is not None:
        raise SnapshotUnsteady(table=after[0], reason="more-rows")


def _footer(header: SnapshotHeader, digest: str) -> dict[str, object]:
    return {
        "counts": [[entry.table, entry.rows] for entry in header.tables],
        "rows": sum(entry.rows for entry in header.tables),
        "sha256": digest,
    }


def _line(value: object) -> bytes:
    line = canonical(value) + b"\n"
    if len(line) > MOST_LINE_BYTES:
        raise ValueError(f"a line of a snapshot has at most {MOST_LINE_BYTES} bytes")
    return line


def _grouped(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines joined to pieces worth compressing."""
    group, size = [], 0
    for line in lines:
        group.append(line)
        size += len(line)
        if size >= _PIECE_BYTES:
            yield b"".join(group)
            group, size = [], 0
    yield b"".join(group)


def _unpacked_lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines with their line feeds.

    Raises:
        SnapshotMalformed: no zstd frame, or a line that is too long.
        SnapshotCutOff: the frame does not end, or a line does not.
        SnapshotAltered: the frame is damaged, or bytes follow it.
    """
    rest = bytearray()
    for piece in _unpacked(source):
        start = len(rest)
        rest += piece
        if (end := rest.rfind(b"\n", start)) >= 0:
            whole, rest = rest[: end + 1], rest[end + 1 :]
            yield from (line + b"\n" for line in bytes(whole).split(b"\n")[:-1])
        if len(rest) > MOST_LINE_BYTES:
            raise SnapshotMalformed(reason="line-too-long")
    if rest:
        raise SnapshotCutOff(reason="unfinished-line")


def _unpacked(source: BinaryIO) -> Iterator[bytes]:
    unpacker = zstd.ZstdDecompressor()
    begun = False
    while not unpacker.eof:
        packed = source.read(_PIECE_BYTES) if unpacker.needs_input else b""
        if unpacker.needs_input and not packed:
            raise SnapshotCutOff(reason="unfinished-frame")
        try:
            piece = unpacker.decompress(packed, _PIECE_BYTES)
        except zstd.ZstdError as error:
            if begun:
                raise SnapshotAltered(reason="frame") from error
            raise SnapshotMalformed(reason="frame") from error
        begun = begun or bool(piece)
        if piece:
            yield piece
    if unpacker.unused_data or source.read(1):
        raise SnapshotAltered(reason="more-follows")


def _parsed_line(line: bytes, number: int) -> dict[str, Any]:
    try:
        said = parsed(line[:-1])
    except (ValueError, RecursionError) as error:
        raise SnapshotMalformed(line=number) from error
    if not isinstance(said, dict):
        raise SnapshotMalformed(line=number)
    return said


def _read_header(line: bytes, known: Collection[str]) -> SnapshotHeader:
    said = _parsed_line(line, 1)
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
