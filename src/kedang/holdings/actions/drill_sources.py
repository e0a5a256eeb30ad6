"""What a drill opens a copy with: the keys of its own pages, its newest snapshot, the content of its packs."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import derived_key
from kedang.holdings.adapters.kept_snapshots import SNAPSHOTS, KeptSnapshot
from kedang.holdings.errors import DrillWithoutSnapshot
from kedang.pipeline.contents import PIECE_BYTES
from kedang.preservation.snapshot_values import Value
from kedang.preservation.snapshots import Row, SnapshotHeader, SnapshotReader
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.blob import Binding, Role
from kedang.vault.pack import Pointer, blob_range
from kedang.vault.store import BlobStore
from kedang.vault.stream import open_stream

PAGES_IN_MEMORY = 64  # 3 MB of keys


@dataclass(slots=True)
class CopyKeys:
    """The key pages of a copy, opened with the epochs' keys of the sheet and nothing else."""

    store: BlobStore
    case: CaseId
    epoch_keys: Mapping[int, bytes] = field(repr=False)
    names: tuple[str, ...] = ()
    opened: int = 0
    _page_of: dict[bytes, str] = field(default_factory=dict, repr=False)
    _pages: OrderedDict[str, Mapping[str, bytes]] = field(default_factory=OrderedDict, repr=False)

    def __post_init__(self) -> None:
        self.names = tuple(self.store.names(ring.KIND))

    def open_all(self, progress: Progress) -> Iterator[tuple[str, str]]:
        """Open every page once; code and id of those that do not open."""
        for name in self.names:
            page = name.partition("/")[2]
            try:
                keys = self._opened(page)
            except KedangError as error:
                yield error.code, page
            else:
                self.opened += 1
                self._page_of.update(dict.fromkeys(map(bytes.fromhex, keys), page))
            progress.advance(1, 0)

    def __contains__(self, holder: str) -> bool:
        return bytes.fromhex(holder) in self._page_of

    def key(self, holder: str) -> bytes:
        """The key of a holder; KeyError when no page of the copy has it."""
        page = self._page_of[bytes.fromhex(holder)]
        keys = self._pages.get(page)
        if keys is None:
            keys = self._pages[page] = self._opened(page)
            if len(self._pages) > PAGES_IN_MEMORY:
                self._pages.popitem(last=False)
        return keys[holder]

    def leaves_key(self) -> bytes:
        """What opens the bundles of leaves, made of the case key that lies in the copy itself."""
        return derived_key(self.key(self.case), b"ledger leaves")

    def said(self, opened: bytes) -> dict[str, Any]:
        """The JSON object of an opened column."""
        said: dict[str, Any] = json.loads(opened)
        return said

    def content(
        self, row: Mapping[str, Value], ranges: Sequence[Mapping[str, Value]]
    ) -> Iterator[bytes | None]:
        """The original of a record piece by piece; None for a range that has been destroyed."""
        record = str(row["id"])
        if not row["segments"]:
            pointer = _pointer(row, "content_pack", "content_offset", "content_length")
            with self._stream(record, pointer, Binding(self.case, record, Role.CONTENT)) as stream:
                yield from _pieces(stream)
            return
        for one in ranges:
            holder = str(one["key_id"])
            if not holder or holder not in self:
                yield None
                continue
            binding = Binding(self.case, holder, Role.SEGMENT, int(str(one["ordinal"])))
            with self._stream(holder, _pointer(one, "pack", "offset", "length"), binding) as stream:
                yield from _pieces(stream)

    def _stream(self, holder: str, pointer: Pointer, binding: Binding) -> BinaryIO:
        return open_stream(self.key(holder), blob_range(self.store, pointer), binding=binding)

    def _opened(self, page: str) -> Mapping[str, bytes]:
        sealed = self.store.read(ring.page_name(KeyPageId(page)))
        epoch = ring.page_epoch(sealed)
        key = self.epoch_keys.get(epoch, bytes(32))  # of an epoch that has ended: it opens under no key
        return ring.open_page(key, sealed, page=KeyPageId(page), case=self.case, epoch=epoch).keys


@dataclass(frozen=True, slots=True)
class CopySnapshot:
    """A snapshot in a copy, read as often as it takes."""

    id: str
    keys: CopyKeys
    header: SnapshotHeader

    def rows(self) -> Iterator[Row]:
        """Its rows, in order; a fault of the whole shows at the end."""
        return iter(_reader(self.keys, self.id))


def newest_snapshot(keys: CopyKeys) -> CopySnapshot:
    """The newest snapshot of the copy whose key its ring has.

    Raises:
        DrillWithoutSnapshot: there is none.
    """
    best: CopySnapshot | None = None
    for name in keys.store.names(SNAPSHOTS):
        one = name.partition("/")[2]
        if one in keys:
            header = _reader(keys, one).header
            if best is None or header.taken > best.header.taken:
                best = CopySnapshot(one, keys, header)
    if best is None:
        raise DrillWithoutSnapshot()
    return best


def _reader(keys: CopyKeys, snapshot: str) -> SnapshotReader:
    return KeptSnapshot(keys.store, keys.case, snapshot, keys.key(snapshot)).reader()


def _pointer(row: Mapping[str, Value], pack: str, offset: str, length: str) -> Pointer:
    return Pointer(PackId(str(row[pack])), int(str(row[offset])), int(str(row[length])))


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE_BYTES):
        yield piece
