"""What the coordinator and its workers say to each other, and how it travels.

A message is one byte that names its type, then the msgpack of its fields. Nothing is unpickled: a hijacked
parser can send wrong values, which are checked against these types, but no code.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from multiprocessing.connection import Connection
from typing import Any

import msgspec

from kedang.pipeline.items import Item
from kedang.pipeline.page_messages import PageDrawn, PageRequest
from kedang.pipeline.paper_messages import PaperDone, PaperRequest
from kedang.pipeline.resolving_messages import (
    KeptSegment,
    LookWider,
    NamedRecords,
    ResolvedChunk,
    ResolveNow,
    ResolverSetup,
    Touched,
)
from kedang.pipeline.sealing_messages import ClosePack, OpenPack, PackClosed, SealerSetup
from kedang.pipeline.table_messages import HeadsRead, TableChunk
from kedang.records.content import Format, Problem

MESSAGE_BYTES = 256 * 1024 * 1024  # the text and tables of the largest workbooks take a fifth of it


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """Sent once, first: what a worker may use. The process key opens nothing but spool files: this run's, and those
    of the upload that is being taken in."""

    process_key: bytes
    work_folder: str
    own_names: tuple[str, ...]
    own_numbers: tuple[str, ...]
    name_model: bool
    understand: bool
    max_memory_bytes: int
    sources: tuple[bytes, ...] = ()
    """Folders or files outside the work folder that it may read."""
    listed: tuple[bytes, ...] = ()
    """Folders below which it may read names, and nothing else."""
    columns: tuple[tuple[str, str], ...] = ()
    """What persons have said of the columns of this source: header as it is compared, and meaning."""


@dataclass(frozen=True, slots=True)
class ExamineRequest:
    """Read, recognise, extract and appraise each item."""

    items: tuple[Item, ...]
    only_digest: bool = False
    """Do not parse: an earlier try to parse this item cost a worker."""


@dataclass(frozen=True, slots=True)
class MembersRequest:
    """List what a container holds, from the member after ordinal `start_after`."""

    item: Item
    format_name: str
    start_after: int
    depth: int
    bytes_left: int | None = None
    """What the received file it lies in may still unpack to; None for that file itself."""
    members_left: int = 0


@dataclass(frozen=True, slots=True)
class OcrRequest:
    """Recognise the text of the pages that have none, and appraise again with it."""

    item: Item
    derived: bytes


@dataclass(frozen=True, slots=True)
class RowsRequest:
    """Say which bytes some rows of a delimited text are, and examine what is left without them."""

    item: Item
    derived: bytes
    rows: tuple[int, ...]
    """0-based places in its table, ascending."""
    columns: tuple[tuple[str, str], ...] = ()
    """What persons have said of its columns."""


@dataclass(frozen=True, slots=True)
class TableRequest:
    """Give every row of the item's tables, in order; answered by TableChunks."""

    item: Item
    format: Format
    heads: HeadsRead | None = None
    """When its tables were read in part: say whom the rows behind name, too."""


@dataclass(frozen=True, slots=True)
class MentionKeys:
    """One mention: what it may be tied by, to be fingerprinted before it is stored."""

    number: int
    """Its place among all mentions of the record."""
    party_kind: str
    founding: int
    """When its keys become a customer's: 0 customer list, 1 other name in such a row (makes none by itself),
    2 contract party, 3 buyer; 9 never."""
    by_name: bool
    """Whether the bare name may tie it."""
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What of an appraisal goes into the record's row; the rest is in the sealed derived payload."""

    record_class: str
    class_permille: int
    accounting: bool
    accounting_kind: str
    sensitivity: str
    record_date: str
    title: str
    text_source: str
    pages: int | None
    awaits_ocr: bool
    trigger_dates: dict[str, str]
    """Latest date of each kind of fact, ISO 8601."""
    finding_counts: dict[str, int]
    problems: tuple[Problem, ...]
    mentions: tuple[MentionKeys, ...]


@dataclass(frozen=True, slots=True)
class RangeOf:
    """One contiguous byte range of a container and the member it holds (ordinals from the container down)."""

    offset: int
    length: int
    member_path: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Examined:
    """The outcome for one item: refused with a code, or read."""

    ticket: int
    refused: str = ""
    sha256: bytes = b""
    blake3: bytes = b""
    """Of large contents, else empty."""
    size_bytes: int = 0
    format: Format | None = None
    is_container: bool = False
    ranges: tuple[RangeOf, ...] = ()
    summary: Summary | None = None
    derived: bytes = b""
    mentions: bytes = b""
    """Who is named in it, as `kept_mentions` encodes them; empty for nobody."""
    problem: str = ""
    """Why the content could not be examined although its bytes could be read; empty when it was."""
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowsTaken:
    """The outcome for one RowsRequest: where each row is, and the outcome for the bytes without them."""

    ranges: tuple[tuple[int, int], ...] = ()
    """(offset, length), ascending; empty when it cannot be told for certain."""
    rest: Examined | None = None


@dataclass(frozen=True, slots=True)
class ReceivedMember:
    """One member of a container: its bytes, or the code of what kept them from being read."""

    ordinal: int
    raw_name: bytes
    name: str
    modified: datetime | None = None
    code: str = ""
    sha256: bytes = b""
    size_bytes: int = 0
    data: bytes | None = None
    spool: str | None = None


@dataclass(frozen=True, slots=True)
class MemberChunk:
    """Members in order; more follow until a chunk says `last`."""

    members: tuple[ReceivedMember, ...]
    last: bool
    bytes_left: int
    members_left: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of several small items of one request, in order."""

    examined: tuple[Examined, ...]


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """The value of one cell of the database, to be sealed for it alone."""

    row: str
    column: str
    value: bytes


@dataclass(frozen=True, slots=True)
class SealRequest:
    """One record's parts to be sealed into the current pack, and columns under its key."""

    ticket: int
    record_id: str
    key: bytes
    content: Item | None
    """None when the content is sealed already and only derived parts are new."""
    sha256: bytes = b""
    derived: bytes = b""
    segments: tuple[tuple[int, str, bytes], ...] = ()
    """For a range-sealed container: (length, key id, key) of each segment in order; together all its bytes."""
    columns: tuple[ColumnValue, ...] = ()
    mentions: bytes = b""
    blake3: bytes = b""
    """Of long content that is one blob, else empty."""


@dataclass(frozen=True, slots=True)
class SealBatch:
    """Several requests at once, answered by one SealedBatch."""

    requests: tuple[SealRequest, ...]


@dataclass(frozen=True, slots=True)
class BlobAt:
    """Where a sealed blob stands in the pack that the next flush closes."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """The outcome for one SealRequest. `changed` when the bytes are no longer those that were examined."""

    ticket: int
    changed: bool = False
    content: BlobAt | None = None
    derived: BlobAt | None = None
    segments: tuple[BlobAt, ...] = ()
    columns: tuple[bytes, ...] = ()
    mentions: BlobAt | None = None


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """The outcomes of one SealBatch."""

    sealed: tuple[Sealed, ...]


@dataclass(frozen=True, slots=True)
class ProveRequest:
    """Whether these bytes are really those that a parsing process has said: nothing is sealed."""

    ticket: int
    content: Item
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Proven:
    """The outcome for one ProveRequest."""

    ticket: int
    same: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker could not go on; the code says why."""

    code: str
    facts: dict[str, str | int | bool | None] = field(default_factory=dict)


_TYPES: tuple[type, ...] = (
    WorkerSetup, ExamineRequest, MembersRequest, OcrRequest, Examined, MemberChunk,
    SealerSetup, SealRequest, Sealed, OpenPack, ClosePack, PackClosed,
    Failed, ProveRequest, Proven, Outcomes, SealBatch, SealedBatch,
    RowsRequest, RowsTaken, TableRequest, TableChunk,
    ResolverSetup, NamedRecords, LookWider, Touched, ResolveNow, ResolvedChunk, KeptSegment,
    PageRequest, PageDrawn, PaperRequest, PaperDone,
)  # fmt: skip
_NUMBER = {kind: number for number, kind in enumerate(_TYPES)}
_ENCODER = msgspec.msgpack.Encoder()
_DECODERS: tuple[msgspec.msgpack.Decoder[Any], ...] = tuple(msgspec.msgpack.Decoder(kind) for kind in _TYPES)
_SHORT, _LONG = struct.Struct("!i"), struct.Struct("!Q")  # multiprocessing.connection.Connection
_BEGUN = bytes(_SHORT.size + 1)  # room for a frame's length and a message's number


def send(connection: Connection, message: object) -> None:
    """Send one message; blocks while the other side is not reading."""
    send_frame(connection, framed(message))


def framed(message: object) -> bytearray:
    """One message as it travels: as `Connection.send_bytes` would frame it."""
    frame = bytearray(_BEGUN)
    frame[_SHORT.size] = _NUMBER[type(message)]
    _ENCODER.encode_into(message, frame, len(_BEGUN))
    _SHORT.pack_into(frame, 0, len(frame) - _SHORT.size)
    return frame


def send_frame(connection: Connection, frame: bytearray) -> None:
    """Send what was framed, in one call where it can be: a thread waits for its turn after each."""
    rest, descriptor = memoryview(frame), connection.fileno()
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive(connection: Connection, *, seconds: float = inf) -> Any:
    """The next message, which is here wholly within so many seconds.

    Raises:
        EOFError: the other side has gone; OSError: it stands still or sends far too much.
        msgspec.ValidationError: what came is not a message; the sender cannot be trusted any more.
    """
    frame = _frame(connection.fileno(), time.monotonic() + seconds)
    return _DECODERS[frame[0]].decode(frame[1:])


def _frame(descriptor: int, until: float) -> memoryview:
    """One frame as `Connection.send_bytes` writes it; a sender that trickles does not keep us for ever."""
    (size,) = _SHORT.unpack(_exactly(descriptor, _SHORT.size, until))
    if size == -1:
        (size,) = _LONG.unpack(_exactly(descriptor, _LONG.size, until))
    if not 0 <= size <= MESSAGE_BYTES:
        raise OSError(errno.EMSGSIZE, "bad message length")
    return _exactly(descriptor, size, until)


def _exactly(descriptor: int, count: int, until: float) -> memoryview:
    buffer = memoryview(bytearray(count))
    left = buffer
    while left:
        got = os.readv(descriptor, (left,))
        if got == 0:
            raise EOFError
        left = left[got:]
        if left and time.monotonic() > until:
            raise OSError(errno.ETIMEDOUT, "a message trickles in")
    return buffer
