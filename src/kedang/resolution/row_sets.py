"""A table split into row sets 行集, one for each customer in it and one for nobody, and put together again.

A row goes into exactly one set as it stands: its number and its cells with their types, or of a delimited text
its bytes. Rows are gathered by owner while they pass; when so many wait that memory is full, every set gets what
waits for it as its next chunk, and gathering begins anew. So chunks of one *turn* hold rows between two numbers,
and the table comes back turn by turn: never more than one turn is in memory, however long the table is.

Format of a row and of a chunk: docs/formats/row-set.md.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from kedang.records.sheets import Cell, Cells, Formula
from kedang.resolution.errors import RowSetDamaged
from kedang.resolution.named_rows import NamedInRow

CHUNK_VERSION = 1
NAMING_VERSION = 2
"""Of a chunk that also says whom its rows name."""
MAGIC = b"KDRS"
TURN_BYTES = 48 * 1024 * 1024  # of rows that wait, what Python needs for each counted in
ROW_BYTES = 160  # what a row takes in memory beside its own bytes
NAMED_BYTES = 600  # what one who is named in a row takes in memory
_HEAD = struct.Struct(">4sB3x")
_ROW = struct.Struct(">QI")
_NAMING = struct.Struct(">I")
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder()
_NAMED = msgspec.msgpack.Decoder(list[tuple[int, tuple[NamedInRow, ...]]])
_PLAIN = (str, bool, int, float, bytes)
_FORMULA, _MOMENT, _DAY, _TIME, _SPAN = "f", "m", "d", "t", "s"

NumberedRow = tuple[int, bytes]
"""The row's number in its table, from 1, and the row as `encode_cells` writes it or the bytes of a line."""
NamingRow = tuple[int, tuple[NamedInRow, ...]]
"""A row's number, and whom it names."""


def encode_cells(cells: Cells) -> bytes:
    """The cells of a row with their types."""
    return _ENCODER.encode([_plain(cell) for cell in cells])


def decode_cells(row: bytes) -> Cells:
    """The cells as they were encoded.

    Raises:
        RowSetDamaged: no such row.
    """
    try:
        cells = _DECODER.decode(row)
        return tuple(_typed(cell) for cell in cells)
    except (msgspec.MsgspecError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise RowSetDamaged(because="row") from error


def _plain(cell: Cell) -> object:
    """The cell as msgpack has it: what it has no type for is a list of a letter and what it says."""
    if cell is None or isinstance(cell, _PLAIN):
        return cell
    if isinstance(cell, Formula):
        said = [_FORMULA, cell.text, _plain(cell.value)]
        return [*said, cell.kind, cell.reach, cell.group] if cell.kind else said
    if isinstance(cell, datetime):
        return [_MOMENT, cell.isoformat()]
    if isinstance(cell, date):
        return [_DAY, cell.isoformat()]
    if isinstance(cell, time):
        return [_TIME, cell.isoformat()]
    return [_SPAN, cell.days, cell.seconds, cell.microseconds]


def _typed(cell: Any) -> Cell:
    if not isinstance(cell, list):
        if cell is None or isinstance(cell, _PLAIN):
            return cell
        raise TypeError("no cell")
    kind, said = cell[0], cell[1:]
    return _READ[kind](said)


_READ: dict[str, Callable[[list[Any]], Cell]] = {
    _FORMULA: lambda said: Formula(str(said[0]), _typed(said[1]), *map(str, said[2:])),
    _MOMENT: lambda said: datetime.fromisoformat(said[0]),
    _DAY: lambda said: date.fromisoformat(said[0]),
    _TIME: lambda said: time.fromisoformat(said[0]),
    _SPAN: lambda said: timedelta(*said),
}


def encode_chunk(rows: Iterable[NumberedRow], named: Sequence[NamingRow] = ()) -> bytes:
    """Some rows of one set, ascending, as they are sealed; `named` for those whom nothing else remembers."""
    if named:
        said = _ENCODER.encode(named)
        pieces = [_HEAD.pack(MAGIC, NAMING_VERSION), _NAMING.pack(len(said)), said]
    else:
        pieces = [_HEAD.pack(MAGIC, CHUNK_VERSION)]
    for number, row in rows:
        pieces += (_ROW.pack(number, len(row)), row)
    return b"".join(pieces)


def decode_chunk(payload: bytes) -> Iterator[NumberedRow]:
    """The rows of a chunk; every release reads all earlier versions.

    Raises:
        RowSetDamaged: no such chunk.
    """
    at, last = _first_row(payload), 0
    while at < len(payload):
        if at + _ROW.size > len(payload):
            raise RowSetDamaged(because="cut")
        number, length = _ROW.unpack_from(payload, at)
        at += _ROW.size
        if number <= last or at + length > len(payload):
            raise RowSetDamaged(because="row")
        yield number, payload[at : at + length]
        at, last = at + length, number


def named_in_chunk(payload: bytes) -> Mapping[int, tuple[NamedInRow, ...]]:
    """Whom rows of a chunk name, by the row's number, as far as it was kept beside them.

    Raises:
        RowSetDamaged: no such chunk.
    """
    end = _first_row(payload)
    if end == _HEAD.size:
        return {}
    try:
        return dict(_NAMED.decode(payload[_HEAD.size + _NAMING.size : end]))
    except msgspec.MsgspecError as error:
        raise RowSetDamaged(because="named") from error


def _first_row(payload: bytes) -> int:
    """Where the rows of a chunk begin."""
    head = payload[: _HEAD.size]
    if head == _HEAD.pack(MAGIC, CHUNK_VERSION):
        return _HEAD.size
    if head != _HEAD.pack(MAGIC, NAMING_VERSION) or len(payload) < _HEAD.size + _NAMING.size:
        raise RowSetDamaged(because="head")
    begin = _HEAD.size + _NAMING.size + int(_NAMING.unpack_from(payload, _HEAD.size)[0])
    if begin > len(payload):
        raise RowSetDamaged(because="cut")
    return begin


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one owner gets of one table in one turn."""

    table: int
    owner: str
    """Empty for nobody."""
    turn: int
    rows: int
    payload: bytes


class Splitting:
    """Rows gathered by table and owner; full turns are handed out as they come."""

    def __init__(self, turn_bytes: int = TURN_BYTES) -> None:
        self._turn_bytes = turn_bytes
        self._waiting: dict[tuple[int, str], list[NumberedRow]] = {}
        self._named: dict[tuple[int, str], list[NamingRow]] = {}
        self._bytes = 0
        self._turn = 0

    def add(
        self, table: int, owner: str, row: NumberedRow, named: tuple[NamedInRow, ...] | None = None
    ) -> bool:
        """One more row of a table, numbers ascending; whether the turn is full and wants handing out."""
        self._waiting.setdefault((table, owner), []).append(row)
        self._bytes += len(row[1]) + ROW_BYTES
        if named:
            self._named.setdefault((table, owner), []).append((row[0], named))
            self._bytes += NAMED_BYTES * len(named)
        return self._bytes >= self._turn_bytes

    def turn(self) -> Iterator[Chunk]:
        """What waits, chunk by chunk; nothing waits afterwards."""
        for (table, owner), rows in self._waiting.items():
            payload = encode_chunk(rows, self._named.get((table, owner), ()))
            yield Chunk(table, owner, self._turn, len(rows), payload)
        self._turn += bool(self._waiting)
        self._waiting.clear()
        self._named.clear()
        self._bytes = 0


def joined(turns: Iterable[Iterable[bytes]]) -> Iterator[NumberedRow]:
    """The rows of one table in order, given the chunks of each turn.

    Raises:
        RowSetDamaged: a row stands in two sets, or turns overlap.
    """
    last = 0
    for chunks in turns:
        rows = [row for payload in chunks for row in decode_chunk(payload)]
        rows.sort(key=lambda row: row[0])
        for row in rows:
            if row[0] <= last:
                raise RowSetDamaged(because="order")
            last = row[0]
            yield row
