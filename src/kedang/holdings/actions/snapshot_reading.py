"""What every table of a snapshot is read with: what tells rows again, which blocks are known, what writes new ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from kedang.holdings.actions.block_writing import Blocks, KnownBlocks, PackedBlock
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.preservation.snapshot_blocks import Block
from kedang.preservation.snapshots import Written
from kedang.vault.marks import fingerprint

AHEAD = 8  # blocks that wait to be packed and sealed
_ENCODER = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Reading:
    """What every table is read with."""

    archive: Archive
    schema: str
    known: KnownBlocks
    blocks: Blocks

    def known_block(self, table: str, mark: bytes) -> Block | None:
        """The block of the last snapshot that has just these rows."""
        return self.known.by_mark.get((table, mark))

    def mark(self, table: str, columns: Sequence[str], told: Sequence[Sequence[Any]]) -> bytes:
        """What tells these rows again, wherever they were read from."""
        value = table.encode() + b"\0" + _ENCODER.encode((self.schema, columns, told))
        return fingerprint(self.archive.mac_key(), "snapshot block", value)


Coming: TypeAlias = Written | tuple[str, Future[Block] | PackedBlock]


def in_order(entries: Iterable[Coming], progress: Progress) -> Iterator[Written]:
    """The entries, those that are being written when they are: some wait while the next are read."""
    waiting: deque[Coming] = deque()
    for entry in entries:
        waiting.append(entry)
        if len(waiting) >= AHEAD:
            yield _come(waiting.popleft(), progress)
    while waiting:
        yield _come(waiting.popleft(), progress)


def _come(entry: Coming, progress: Progress) -> Written:
    table, said = entry
    if isinstance(said, PackedBlock):
        raise TypeError("a block that nobody writes")
    found = said.result() if isinstance(said, Future) else said
    progress.advance(found.rows, 0)
    return table, found
