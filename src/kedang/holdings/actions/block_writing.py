"""Blocks of rows on their way into the home: which are there already, and those that are sealed anew.

A block is sealed under a key of its own, which stands in the snapshots that refer to it and nowhere else: it ends
with the last of them. Whether a table still has the rows of a block is told by a keyed digest of their ids and MACs;
a row whose key or content has changed, or that has been emptied, has another MAC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol

from blake3 import blake3

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot, absent, block_binding, blocks_name
from kedang.preservation.snapshot_blocks import (
    Block,
    BlockObject,
    block_content,
    worth_keeping,
)
from kedang.preservation.snapshot_lines import RowsLine
from kedang.vault.blob import seal_bytes
from kedang.vault.store import ObjectWriter
from kedang.vault.suites import SALT_BYTES

OBJECT_BYTES = 32 << 20
"""An object ends when it has so many bytes."""
FIRST_OBJECTS, FIRST_BYTES = 4, 8 << 20
"""The first end earlier: what is on the disk goes into copies while the next are written."""


@dataclass(frozen=True, slots=True)
class KnownBlocks:
    """Blocks of the last snapshot that a new one may refer to."""

    by_mark: Mapping[tuple[str, bytes], Block] = field(default_factory=dict)
    """By table and mark."""
    objects: Mapping[str, BlockObject] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    """Tables that have any."""


def known_blocks(last: KeptSnapshot) -> KnownBlocks:
    """The blocks of a snapshot whose objects lie here, as far as they are worth keeping."""
    outline = last.outline()
    lacking = {one.id for one in absent(last.store, outline.objects)}
    used: dict[str, int] = {}
    for _, block in outline.blocks:
        used[block.object] = used.get(block.object, 0) + block.size_bytes
    kept = worth_keeping([one for one in outline.objects if one.id not in lacking], used)
    blocks = {(table, one.mark): one for table, one in outline.blocks if one.object in kept}
    objects = {one.id: one for one in outline.objects if one.id in kept}
    return KnownBlocks(blocks, objects, frozenset(table for table, _ in blocks))


@dataclass(frozen=True, slots=True)
class PackedBlock:
    """What a block is to hold, for another process to seal and write."""

    rows: int
    mark: bytes
    content: bytes = field(repr=False)


class Blocks(Protocol):
    """What makes blocks of rows."""

    def write(self, lines: Sequence[RowsLine], mark: bytes) -> Future[Block] | PackedBlock:
        """A block of these rows."""
        ...


class BlockPacker:
    """New blocks packed here and now, without a thread: a database is read faster where there never was one."""

    def write(self, lines: Sequence[RowsLine], mark: bytes) -> PackedBlock:
        """A block of these rows, not in any object yet."""
        return PackedBlock(_rows(lines), mark, block_content(lines))


@dataclass(slots=True)
class _Open:
    """The object that is being written."""

    id: str
    sink: ObjectWriter
    size: int = 0
    parts: int = 0
    digest: Any = field(default_factory=blake3)


@dataclass(slots=True)
class BlockWriter:
    """New blocks, packed, sealed and written by a thread while the next rows are read.

    When the `with` ends well its objects are on the disk; else the one that was open never was.
    """

    archive: Archive
    laid: Callable[[BlockObject], object] = lambda _object: None
    """Told of each object that is on the disk."""
    written: list[BlockObject] = field(default_factory=list)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _stack: ExitStack = field(default_factory=ExitStack)
    _object: _Open | None = None
    _last: BlockObject | None = None
    """The last one, while it is not on the disk."""

    def __enter__(self) -> BlockWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=kind is not None)
        self._stack.__exit__(kind, error, trace)
        if kind is None and self._last is not None:
            self.laid(self._last)

    def write(self, lines: Sequence[RowsLine], mark: bytes) -> Future[Block]:
        """A block of these rows; what the future says may be written into a snapshot."""
        return self._thread.submit(
            lambda: self._written(PackedBlock(_rows(lines), mark, block_content(lines)))
        )

    def take(self, packed: PackedBlock) -> Future[Block]:
        """A block that another process has packed."""
        return self._thread.submit(self._written, packed)

    def objects(self) -> list[BlockObject]:
        """All objects that were written; nothing may be written afterwards."""
        self._thread.submit(self._note).result()
        return self.written

    def _written(self, packed: PackedBlock) -> Block:
        to, key = self._object or self._begin(), self.archive.new_key()
        sealed = seal_bytes(
            key,
            packed.content,
            binding=block_binding(self.archive.case_id, to.id, to.parts),
            salt=self.archive.random_bytes(SALT_BYTES),
            suite=self.archive.suite,
        )
        block = Block(to.id, to.parts, to.size, len(sealed), packed.rows, key, packed.mark)
        to.sink.write(sealed)
        to.digest.update(sealed)
        to.size, to.parts = to.size + len(sealed), to.parts + 1
        if to.size >= (OBJECT_BYTES if len(self.written) >= FIRST_OBJECTS else FIRST_BYTES):
            self._note()
            self._stack.close()
            self.laid(self.written[-1])
            self._last = None
        return block

    def _begin(self) -> _Open:
        one = self.archive.new_id()
        self._object = _Open(one, self._stack.enter_context(self.archive.store.create(blocks_name(one))))
        return self._object

    def _note(self) -> None:
        if self._object is not None:
            to, self._object = self._object, None
            self._last = BlockObject(to.id, to.size, to.digest.hexdigest())
            self.written.append(self._last)


def _rows(lines: Sequence[RowsLine]) -> int:
    return sum(one.rows for one in lines)
