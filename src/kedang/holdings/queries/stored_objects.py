"""Sealed objects checked one by one: packs, key pages, snapshots, index parts. What is wrong is named."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence, Set
from itertools import chain
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot, blocks_name, is_whole, snapshot_name
from kedang.holdings.intake.indexing import opened_part, part_path
from kedang.holdings.models import (
    Customer,
    IndexPart,
    KeptComparison,
    KeyPage,
    NameList,
    Pack,
    Record,
    RowChunk,
    RowSet,
    Segment,
    Snapshot,
    Source,
    SplitTable,
)
from kedang.holdings.queries.faults import (
    COUNT_DIFFERS,
    INDEX_INCOMPLETE,
    KEY_MISSING,
    Verification,
)
from kedang.preservation.errors import SnapshotIncomplete
from kedang.preservation.snapshots import Outline
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.errors import ObjectShort
from kedang.vault.pack import PackFault, pack_name, read_places, stored_bytes, verify_pack
from kedang.vault.store import BlobStore

INDEX = "index"
Blobs = dict[int, int]
"""Length by offset."""


class IndexedBlobs(dict[str, Blobs]):
    """The blobs of these packs, read from their indexes when they are asked for.

    None where an index is not whole or the pack is not among them.
    """

    def __init__(self, archive: Archive, packs: Container[str]) -> None:
        super().__init__()
        self._archive = archive
        self._packs = packs

    def __missing__(self, pack: str) -> Blobs:
        self[pack] = _indexed(self._archive, pack) if pack in self._packs else {}
        return self[pack]


def _indexed(archive: Archive, pack: str) -> Blobs:
    try:
        return read_places(archive.store, PackId(pack), archive.case_id)
    except (KedangError, ValueError):  # no object has a name that is damaged
        return {}


def check_pack(archive: Archive, row: Pack, found: Verification, *, deep: bool) -> None:
    """Whether a kept pack is as its row and its own index say; with `deep`, whether every byte is."""
    pack, name = PackId(row.id), pack_name(PackId(row.id))
    found.packs += 1
    try:
        read_places(archive.store, pack, archive.case_id)
        size = archive.store.size(name)
        faults = verify_pack(archive.store, pack, archive.case_id) if deep else ()
    except KedangError as error:
        found.add(error.code, row.id, name=name, records=records_in_pack(archive, row.id))
        return
    if size != stored_bytes(row.size_bytes, row.blobs):
        found.add(COUNT_DIFFERS, row.id, name=name)
    _add_faults(archive, row, found, faults)


def check_rest_of_pack(archive: Archive, row: Pack, found: Verification, opened: Set[int]) -> None:
    """Whether every byte of a pack is as it was written but the blobs at the offsets `opened`, which were opened.

    Its index has been found whole before: it need not be read again when all blobs were opened.
    """
    if len(opened) == row.blobs:
        return
    pack = PackId(row.id)
    try:
        faults = verify_pack(archive.store, pack, archive.case_id, opened=opened)
    except KedangError as error:
        found.add(error.code, row.id, name=pack_name(pack), records=records_in_pack(archive, row.id))
        return
    _add_faults(archive, row, found, faults)


def _add_faults(archive: Archive, row: Pack, found: Verification, faults: Sequence[PackFault]) -> None:
    if faults:
        holders = [fault.entry.record for fault in faults if fault.entry]
        records = records_of_holders(archive, holders)
        found.add(faults[0].code, row.id, name=pack_name(PackId(row.id)), records=records)


def check_page(archive: Archive, row: KeyPage, found: Verification) -> None:
    """Whether a key page opens and holds as many keys as its row says."""
    found.pages += 1
    name = ring.page_name(KeyPageId(row.stored))
    if row.epoch not in archive.epoch_keys:
        found.add(KEY_MISSING, row.stored, name=name, records=records_of_page(archive, row.id))
        return
    try:
        page = ring.read_page(
            archive.store,
            archive.epoch_keys[row.epoch],
            page=KeyPageId(row.stored),
            case=archive.case_id,
            epoch=row.epoch,
        )
    except KedangError as error:
        found.add(error.code, row.stored, name=name, records=records_of_page(archive, row.id))
        return
    if len(page.keys) != row.entries:
        found.add(COUNT_DIFFERS, row.stored, name=f"keypage/{row.id}")


def check_snapshot(archive: Archive, row: Snapshot, found: Verification) -> None:
    """Whether a snapshot whose key lives opens from its first byte to its last, and every block is as it was written."""
    name = snapshot_name(row.id)
    try:
        size = archive.store.size(name)
        outline = read_outline(archive, row, archive.store)
    except (KedangError, KeyError) as error:
        found.add(error.code if isinstance(error, KedangError) else KEY_MISSING, row.id, name=name)
        return
    if size != row.size_bytes:
        found.add(ObjectShort.code, row.id, name=name)
    for one in outline.objects:
        if not is_whole(archive.store, one):
            found.add(SnapshotIncomplete.code, one.id, name=blocks_name(one.id))


def read_outline(archive: Archive, row: Snapshot, store: BlobStore) -> Outline:
    """What a snapshot in a store is besides rows; every byte of it has been opened, none of its blocks."""
    key = archive.key(row.key_page, row.id)
    return KeptSnapshot(store, archive.case_id, row.id, key).outline()


def check_part(archive: Archive, row: IndexPart, found: Verification) -> None:
    """Whether an index part is whole in every page and holds the words of just the records that say so."""
    name = f"{INDEX}/{row.file}"
    held = Record.objects.filter(case_id=archive.case_id, indexed_part=row.id)
    places = list(held.values_list("indexed_row", flat=True))
    try:
        if not part_path(archive, row.file).is_file():
            found.add(INDEX_INCOMPLETE, row.id, name=name)
            return
        with opened_part(archive, row) as part:
            there = {one for one in part.ordinals() if one < row.records}
            if part.is_intact() and len(places) == row.records - row.removed and there == set(places):
                return
    except (KedangError, KeyError):
        pass
    found.add(INDEX_INCOMPLETE, row.id, name=name)


def holders_of_page(archive: Archive, page: str) -> set[str]:
    """The holders whose rows say that a page has their keys."""
    case = archive.case_id
    rows: list[tuple[Any, str]] = [
        (Record, "id"),
        (Segment, "key_id"),
        (Customer, "id"),
        (Source, "id"),
        (IndexPart, "file"),
        (NameList, "id"),
        (KeptComparison, "id"),
        (Snapshot, "id"),
        (SplitTable, "id"),
        (RowSet, "id"),
    ]
    found = {
        str(one)
        for model, holder in rows
        for one in model.objects.filter(case_id=case, key_page=page).values_list(holder, flat=True)
    }
    return found | ({case} if archive.case.key_page == page else set())


def records_in_pack(archive: Archive, pack: str) -> Sequence[str]:
    """The records of which something lies in a pack."""
    case = archive.case_id
    rows = Record.objects.filter(case_id=case)
    ranges = Segment.objects.filter(case_id=case, pack=pack)
    sets = RowSet.objects.filter(id__in=RowChunk.objects.filter(case_id=case, pack=pack).values("row_set"))
    return _ids(
        sets.values_list("record_id", flat=True).distinct(),
        SplitTable.objects.filter(case_id=case, pack=pack).values_list("record_id", flat=True),
        rows.filter(content_pack=pack).values_list("id", flat=True),
        rows.filter(derived_pack=pack).values_list("id", flat=True),
        ranges.values_list("record_id", flat=True).distinct(),
        ranges.exclude(owner=None).values_list("owner_id", flat=True).distinct(),
    )


def records_of_page(archive: Archive, page: str) -> Sequence[str]:
    """The records whose key, or that of one of whose ranges, a page holds."""
    case = archive.case_id
    ranges = Segment.objects.filter(case_id=case, key_page=page)
    return _ids(
        RowSet.objects.filter(case_id=case, key_page=page).values_list("record_id", flat=True).distinct(),
        SplitTable.objects.filter(case_id=case, key_page=page).values_list("record_id", flat=True),
        Record.objects.filter(case_id=case, key_page=page).values_list("id", flat=True),
        ranges.values_list("record_id", flat=True).distinct(),
        ranges.exclude(owner=None).values_list("owner_id", flat=True).distinct(),
    )


def records_of_holders(archive: Archive, holders: Sequence[str]) -> Sequence[str]:
    """The records that blobs belong to, given the ids that the blobs are bound to."""
    case, found = archive.case_id, list[Iterable[Any]]()
    for start in range(0, len(holders), 400):
        some = holders[start : start + 400]
        ranges = Segment.objects.filter(case_id=case, key_id__in=some)
        found.append(RowSet.objects.filter(id__in=some).values_list("record_id", flat=True).distinct())
        found.append(SplitTable.objects.filter(id__in=some).values_list("record_id", flat=True))
        found.append(Record.objects.filter(case_id=case, id__in=some).values_list("id", flat=True))
        found.append(ranges.values_list("record_id", flat=True).distinct())
        found.append(ranges.exclude(owner=None).values_list("owner_id", flat=True).distinct())
    return _ids(*found)


def _ids(*queries: Iterable[Any]) -> Sequence[str]:
    return tuple(sorted({str(one) for one in chain(*queries)}))
