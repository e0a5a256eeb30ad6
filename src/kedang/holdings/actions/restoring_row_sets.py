"""Row sets of a retired table put back from a copy whose snapshot does not know them, or not that it was retired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from kedang.holdings.actions.taking_over import Sealed
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.models import Customer, KeyPage, Record, RowChunk, RowSet, SplitTable
from kedang.holdings.queries.row_sets import RETIRED, split_of
from kedang.records.ids import KeyPageId, PackId
from kedang.resolution.row_sets import decode_chunk
from kedang.vault import ring
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.pack import PackEntry, Pointer, read_blob, read_index, stored_packs
from kedang.vault.store import BlobStore

KeepPack = Callable[[str], None]
"""Notes the row of a pack."""


def restore_sets(
    archive: Archive, store: BlobStore, record: Record, rest: Sealed, keep_pack: KeepPack, *, now: datetime
) -> None:
    """The row sets of a table that was retired since the snapshot, in the caller's transaction."""
    split = split_of(archive, record)
    if split is not None:
        rewrite(archive, [split], state=RETIRED)
        return
    offset, length = rest.said["row_sets"]
    pointer = Pointer(PackId(rest.pack), offset, length)
    binding = Binding(archive.case_id, record.id, Role.ROW_SET, 0)
    listed = msgspec.json.decode(open_bytes(rest.key, read_blob(store, pointer), binding=binding))
    sets = {one: (table, customer, rows) for one, table, customer, rows, _ in listed["sets"]}
    pages = _pages_of(archive, {listed["split"]["id"], *sets})
    split = _split(archive, record, listed["split"], pages, now=now)
    keep_pack(split.pack)
    guarded(archive, split).save(force_insert=True)
    insert_rows(RowSet, list(_sets(archive, split, sets, pages)))
    chunks = list(_chunks(archive, store, split, {one for one in sets if one in pages}, pages, keep_pack))
    insert_rows(RowChunk, chunks)


def _pages_of(archive: Archive, holders: set[str]) -> dict[str, str]:
    """The page that has the key of each holder that has one."""
    found: dict[str, str] = {}
    for row in KeyPage.objects.filter(case_id=archive.case_id).order_by("id"):
        keys = ring.read_page(
            archive.store,
            archive.epoch_keys[row.epoch],
            page=KeyPageId(row.stored),
            case=archive.case_id,
            epoch=row.epoch,
        ).keys
        found.update((one, row.id) for one in keys if one in holders)
    return found


def _split(
    archive: Archive, record: Record, said: dict[str, Any], pages: dict[str, str], *, now: datetime
) -> SplitTable:
    return SplitTable(
        id=said["id"],
        case_id=archive.case_id,
        record=record,
        state=RETIRED,
        tables=said["tables"],
        rows=said["rows"],
        owned=said["owned"],
        turns=said["turns"],
        made=datetime.fromisoformat(said["made"]),
        checked=now,
        confirmed=now,
        key_page=pages[said["id"]],
        pack=said["pack"],
        offset=said["offset"],
        length=said["length"],
    )


def _sets(
    archive: Archive,
    split: SplitTable,
    sets: dict[str, tuple[int, str | None, int]],
    pages: dict[str, str],
) -> Iterator[RowSet]:
    """A row for each set; without a key, and without its customer, for what was destroyed."""
    rows = Customer.objects.filter(case_id=archive.case_id)
    known = set(rows.values_list("id", flat=True).iterator(chunk_size=2000))
    for one, (table, customer, count) in sets.items():
        yield guarded(
            archive,
            RowSet(
                id=one,
                case_id=archive.case_id,
                split=split,
                record_id=split.record_id,
                table=table,
                customer_id=customer if one in pages and customer in known else None,
                rows=count,
                key_page=pages.get(one, ""),
            ),
        )


def _chunks(
    archive: Archive,
    store: BlobStore,
    split: SplitTable,
    living: set[str],
    pages: dict[str, str],
    keep_pack: KeepPack,
) -> Iterator[RowChunk]:
    """A row for each blob of these sets that the copy has."""
    for pack in list(stored_packs(store)):
        entries = [
            one
            for one in read_index(store, pack, archive.case_id)
            if one.role is Role.ROW_SET and one.record in living
        ]
        if entries:
            keep_pack(pack)
        yield from (_chunk(archive, store, split, one, pages[one.record]) for one in entries)


def _chunk(archive: Archive, store: BlobStore, split: SplitTable, entry: PackEntry, page: str) -> RowChunk:
    binding = Binding(archive.case_id, entry.record, Role.ROW_SET, entry.part)
    payload = open_bytes(archive.key(page, entry.record), read_blob(store, entry.pointer), binding=binding)
    row = RowChunk(
        case_id=archive.case_id,
        row_set_id=entry.record,
        split=split,
        turn=entry.part,
        rows=sum(1 for _ in decode_chunk(payload)),
        pack=entry.pointer.pack,
        offset=entry.pointer.offset,
        length=entry.pointer.length,
    )
    return guarded(archive, row)
