"""The rows of a first snapshot, made by several processes at the same time: each takes a large table, or the rest.

They read the database as it is at one instant, and hand back rows packed; what is sealed and written, this process
does. One share that is not whole, and none counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeAlias

import msgspec
from django.db import connection

from kedang.holdings.actions.block_writing import BlockPacker, BlockWriter, KnownBlocks, PackedBlock
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.snapshot_reading import Coming, Reading, in_order
from kedang.holdings.actions.snapshot_tables import entries_of, header_of, schema_name
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.forking import forked, usual_processes
from kedang.holdings.adapters.kept_snapshots import MARKS, TABLES
from kedang.holdings.models import Record
from kedang.preservation.snapshot_lines import RowsLine
from kedang.preservation.snapshots import SnapshotHeader, Written

MANY_RECORDS = 2_000  # for fewer, starting processes takes as long as it saves
LARGE = ("question", "occurrence", "record", MARKS)
"""Tables that grow with the records: each is a share of its own, the largest last."""
SHARES = (tuple(table for table in TABLES if table not in LARGE), *((table,) for table in LARGE))


class ShareMissing(Exception):
    """A process could not make its share; this one has to make all of them, and meets the fault itself."""


class _Headed(msgspec.Struct, tag=True):
    header: SnapshotHeader


class _Packed(msgspec.Struct, tag=True):
    table: str
    block: PackedBlock


class _AsLine(msgspec.Struct, tag=True):
    table: str
    line: RowsLine


class _Whole(msgspec.Struct, tag=True):
    """All of a share was told."""


_Told: TypeAlias = _Headed | _Packed | _AsLine | _Whole
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder[_Told](_Told)


@dataclass(frozen=True, slots=True)
class SharedWorks:
    """How the rows are to be made."""

    processes: int
    now: datetime
    begun: Callable[[], object]
    """Called as soon as the processes are forked: before, no thread may be there."""


def processes_for(archive: Archive, known: KnownBlocks) -> int:
    """How many are to make the rows of a snapshot; 1: this one alone, which knows most of them already."""
    if known.by_mark or connection.in_atomic_block:
        return 1
    records = Record.objects.filter(case_id=archive.case_id)[:MANY_RECORDS].count()
    return usual_processes() if records == MANY_RECORDS else 1


def shared_rows(
    archive: Archive, blocks: BlockWriter, works: SharedWorks, progress: Progress
) -> tuple[SnapshotHeader, list[Written]]:
    """Of what a snapshot is, and its rows, as other processes make them.

    Raises:
        ShareMissing: something is missing; nothing that was written counts.
    """
    found = _Found(blocks, progress)
    made = [partial(_made, archive, share) for share in SHARES]
    with forked(
        [*made, partial(_headed, archive, works.now)], processes=works.processes, at_one_instant=True
    ) as told:
        works.begun()
        for table, said in in_order(found.coming(told), progress):
            found.rows[table].append((table, said))
    if found.header is None or found.whole < len(SHARES):
        raise ShareMissing
    return found.header, [entry for counted in found.header.tables for entry in found.rows[counted.table]]


@dataclass(slots=True)
class _Found:
    """What was told so far."""

    blocks: BlockWriter
    progress: Progress
    header: SnapshotHeader | None = None
    whole: int = 0
    """Shares all of which was told."""
    rows: dict[str, list[Written]] = field(default_factory=lambda: defaultdict(list))

    def coming(self, told: Iterable[tuple[int, bytes]]) -> Iterator[Coming]:
        """The rows as they are told; blocks are being written then."""
        for _, said in told:
            match _DECODER.decode(said):
                case _Headed(header):
                    self.header = header
                    self.progress.stage("snapshot", sum(one.rows for one in header.tables))
                case _Whole():
                    self.whole += 1
                case _AsLine(table, line):
                    yield table, line
                case _Packed(table, block):
                    yield table, self.blocks.take(block)


def _headed(archive: Archive, now: datetime) -> Iterator[bytes]:
    yield _ENCODER.encode(_Headed(header_of(archive.case_id, now)))


def _made(archive: Archive, share: Sequence[str]) -> Iterator[bytes]:
    reading = Reading(archive, schema_name(), KnownBlocks(), BlockPacker())
    for table, said in entries_of(reading, share):
        if isinstance(said, PackedBlock):
            yield _ENCODER.encode(_Packed(table, said))
        elif isinstance(said, RowsLine):
            yield _ENCODER.encode(_AsLine(table, said))
        else:
            raise TypeError("a block that is known here alone")
    yield _ENCODER.encode(_Whole())
