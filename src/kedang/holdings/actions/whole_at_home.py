"""Whether the home's own objects are whole, asked by threads before an object in a copy gives way to one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from kedang.holdings.actions.snapshotting import kept_here
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot, blocks_name, is_whole
from kedang.holdings.models import Snapshot
from kedang.preservation.copy_plans import CopyObject, ObjectKind
from kedang.preservation.snapshot_blocks import BlockObject
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.pack import verify_pack


def judge_of_home(
    archive: Archive, row: Snapshot, blocks: Iterable[BlockObject]
) -> Callable[[CopyObject], bool]:
    """Says whether the home's own object is whole; the keys it needs are those of now."""
    known = {blocks_name(one.id): one for one in blocks}
    return partial(_is_whole, archive, dict(archive.epoch_keys), kept_here(archive, row), known)


def _is_whole(
    archive: Archive,
    epoch_keys: dict[int, bytes],
    snapshot: KeptSnapshot,
    blocks: Mapping[str, BlockObject],
    entry: CopyObject,
) -> bool:
    store, case, one = archive.store, archive.case_id, entry.name.partition("/")[2]
    try:
        if entry.kind is ObjectKind.PACK:
            return not verify_pack(store, PackId(one), case)
        if entry.kind is ObjectKind.KEY_PAGE:
            epoch = ring.page_epoch(store.read(entry.name))
            ring.read_page(store, epoch_keys[epoch], page=KeyPageId(one), case=case, epoch=epoch)
            return True
        if entry.kind is ObjectKind.BLOCKS:
            return is_whole(store, blocks[entry.name])
        snapshot.outline()
    except (KedangError, KeyError):
        return False
    return True
