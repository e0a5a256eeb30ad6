"""Snapshots as they lie in a store, here or in a copy: opened, read, and found whole or not."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from blake3 import blake3

from kedang.preservation.errors import SnapshotIncomplete
from kedang.preservation.snapshot_blocks import Block, BlockObject
from kedang.preservation.snapshots import Outline, SnapshotReader
from kedang.records.ids import CaseId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.errors import ObjectMissing, ObjectShort
from kedang.vault.store import BlobStore, StoredRange
from kedang.vault.stream import open_stream

SNAPSHOTS = "snapshots"
BLOCKS = "blocks"
MARKS = "marks"
"""The table of sealed fingerprints: holder and sealed value."""
TABLES = (
    "case",
    "agent",
    "membership",
    "gate",
    "token",
    "source",
    "accession",
    "pack",
    "record",
    "segment",
    "series",
    "occurrence",
    "question",
    "correction",
    "review",
    "reviewbatch",
    "customer",
    "link",
    "proposal",
    "judgement",
    "audit",
    "columnmeaning",
    "splittable",
    "rowset",
    "rowchunk",
    "checkpoint",
    "witness",
    "epochchange",
    "order",
    "ordered",
    "copy",
    "snapshot",
    "keyplace",
    "reveal",
    "box",
    "folder",
    "savedview",
)
"""In the order in which rows can be inserted. Leaves lie in bundles of their own; key pages, index parts and
leases are of one home only."""
AHEAD_BYTES = 4 << 20  # read at once: blocks that follow each other mostly lie behind each other
WINDOWS = 8  # objects of which something that was read ahead is kept
PIECE_BYTES = 4 << 20


def snapshot_name(snapshot: str) -> str:
    """The name of a snapshot's object."""
    return f"{SNAPSHOTS}/{snapshot}"


def blocks_name(one: str) -> str:
    """The name of an object of blocks."""
    return f"{BLOCKS}/{one}"


def snapshot_binding(case: CaseId, snapshot: str) -> Binding:
    """Whose blob a snapshot is."""
    return Binding(case, snapshot, Role.SNAPSHOT)


def block_binding(case: CaseId, one: str, part: int) -> Binding:
    """Whose blob a block is: its object's, so that none passes for another."""
    return Binding(case, one, Role.BLOCK, part)


@dataclass(slots=True)
class KeptSnapshot:
    """One snapshot in one store."""

    store: BlobStore
    case: CaseId
    id: str
    key: bytes = field(repr=False)
    _windows: OrderedDict[str, tuple[int, bytes]] = field(default_factory=OrderedDict, repr=False)
    """Of objects of blocks: what was read of each last, and from where on."""

    def opened(self) -> BinaryIO:
        """The bytes of the snapshot itself, each checked before it is given."""
        name = snapshot_name(self.id)
        source = StoredRange(self.store, name, 0, self.store.size(name))
        return open_stream(self.key, source, binding=snapshot_binding(self.case, self.id))

    def reader(self) -> SnapshotReader:
        """A reader of its rows, those in blocks among them.

        Raises, now or while it reads:
            SnapshotIncomplete: the store has not all of them.
            SnapshotMalformed, SnapshotNewer, SnapshotCutOff, SnapshotAltered, BlobDamaged: what they say.
        """
        return SnapshotReader(self.opened(), tables=(*TABLES, MARKS), open_block=self._open_block)

    def outline(self) -> Outline:
        """What it is besides rows: read to its end, its blocks unopened."""
        with self.opened() as source:
            return SnapshotReader(source, tables=(*TABLES, MARKS)).outline()

    def _open_block(self, block: Block) -> bytes:
        try:
            sealed = self._sealed(block)
        except (ObjectMissing, ObjectShort) as error:
            raise SnapshotIncomplete(object=block.object) from error
        return open_bytes(block.key, sealed, binding=block_binding(self.case, block.object, block.part))

    def _sealed(self, block: Block) -> bytes:
        name = blocks_name(block.object)
        start, window = self._windows.get(block.object, (0, b""))
        at = block.offset - start
        if at < 0 or at + block.size_bytes > len(window):
            there = self.store.size(name) - block.offset
            start, at = block.offset, 0
            window = self.store.read(name, start, max(min(AHEAD_BYTES, there), block.size_bytes))
            self._windows[block.object] = start, window
            if len(self._windows) > WINDOWS:
                self._windows.popitem(last=False)
        return window[at : at + block.size_bytes]


def absent(store: BlobStore, objects: Iterable[BlockObject]) -> Iterator[BlockObject]:
    """Those of the objects that a store has not, or not at their length."""
    for one in objects:
        with suppress(ObjectMissing):
            if store.size(blocks_name(one.id)) == one.size_bytes:
                continue
        yield one


def is_whole(store: BlobStore, one: BlockObject) -> bool:
    """Whether every byte of an object of blocks is as it was written."""
    digest, name = blake3(), blocks_name(one.id)
    try:
        if store.size(name) != one.size_bytes:
            return False
        for at in range(0, one.size_bytes, PIECE_BYTES):
            digest.update(store.read(name, at, min(PIECE_BYTES, one.size_bytes - at)))
    except (ObjectMissing, ObjectShort):
        return False
    return digest.hexdigest() == one.digest
