"""Verification: rows, packs, keys, ledger, numbers and index, against each other.

Each check stands by itself, so that a round of fixity takes them one by one and a damaged row does not keep
the others from being made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import TypeVar

from django.db.models import Q

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import UNREADABLE
from kedang.holdings.adapters.kept_snapshots import SNAPSHOTS, snapshot_name
from kedang.holdings.intake.plain import RecordRow
from kedang.holdings.models import IndexPart, KeyPage, Occurrence, Pack, Record, Segment, Snapshot
from kedang.holdings.queries import kept_rows
from kedang.holdings.queries.balance import balance_of
from kedang.holdings.queries.beside import beside
from kedang.holdings.queries.faults import (
    BALANCE,
    BLOB_MISSING,
    KEY_MISSING,
    NOT_EMPTIED,
    ROW_ALTERED,
    UNREADABLE_ROWS,
    Verification,
)
from kedang.holdings.queries.kept_row_sets import RowSetsCheck
from kedang.holdings.queries.ledger_wholeness import check_ledger
from kedang.holdings.queries.opened_contents import Opening, opening
from kedang.holdings.queries.stored_objects import (
    Blobs,
    check_pack,
    check_page,
    check_part,
    check_rest_of_pack,
    check_snapshot,
)
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.pack import pack_name

Row = TypeVar("Row")
WORTH_A_PROCESS = 500  # records; below, starting one costs more than it takes off


def verify_case(archive: Archive, *, deep: bool, progress: Progress) -> Verification:
    """Everything wrong in a case. `deep` opens every byte; without it, ids and digests of objects only."""
    found = Verification()
    records = Record.objects.filter(case_id=archive.case_id).count()
    progress.stage("verify", records)
    with beside(partial(_check_books, archive, deep=deep), worthwhile=records >= WORTH_A_PROCESS) as books:
        packs, blobs = _verify_packs(archive, found)
        told = {fault.subject for fault in found.faults}
        with opening(archive, found) if deep else nullcontext() as opened:
            records_check = partial(check_records, archive, found, blobs, progress, opened=opened)
            checked(found, "records", records_check)
            _verify_other_objects(archive, found, packs, deep=deep)
            sets = RowSetsCheck(archive, found, blobs, deep)
            checked(found, "row-sets", sets.check)
            if opened is not None:
                for pack, offsets in sets.opened.items():
                    opened.opened[pack] |= offsets
            found.take(books())  # meanwhile threads digest what is large
            if opened is not None:
                checked(found, "records", opened.finish)
        for row in packs:
            if opened is not None and (
                blobs.get(row.id) or row.id not in told
            ):  # else its index is not whole
                done = opened.opened[row.id]
                checked(found, row.id, partial(check_rest_of_pack, archive, row, found, done))
    return found


def _check_books(archive: Archive, found: Verification, *, deep: bool) -> None:
    """Everything but stored objects and records."""
    check_rows_of_archive(archive, found)
    for name, check in BOOKS.items():
        checked(found, name, partial(check, archive, found))
    if deep:
        checked(found, "names", partial(kept_rows.check_names, archive, found))


def checked(found: Verification, name: str, check: Callable[[], object]) -> None:
    """Make one check; when rows that it reads cannot be read, that is a fault by itself."""
    try:
        check()
    except KedangError as error:
        found.add(error.code, name, name=f"books/{name}")
    except (LookupError, *UNREADABLE):
        found.add(UNREADABLE_ROWS, name, name=f"books/{name}")


def check_rows_of_archive(archive: Archive, found: Verification) -> None:
    """The MACs of every table but that of records."""
    for model in kept_rows.guarded_tables():
        checked(found, model.__name__.lower(), partial(kept_rows.check_rows, archive, model, found))


def check_balance(archive: Archive, found: Verification) -> None:
    """Received is kept, refused and open together."""
    if not balance_of(archive.case_id).holds:
        found.add(BALANCE, archive.case_id)


def _verify_packs(archive: Archive, found: Verification) -> tuple[list[Pack], dict[str, Blobs]]:
    """Indexes of packs; the packs, and the blobs of every kept one by offset."""
    blobs: dict[str, Blobs] = {}

    def pack(row: Pack) -> None:
        blobs[row.id] = check_pack(archive, row, found, deep=False)

    packs = list(_readable(found, "pack", Pack.objects.filter(case_id=archive.case_id, state="kept")))
    for row in packs:
        checked(found, row.id, partial(pack, row))
    return packs, blobs


def _verify_other_objects(
    archive: Archive, found: Verification, packs: Iterable[Pack], *, deep: bool
) -> None:
    """Key pages, snapshots, index parts. What nobody has committed is counted, not faulted."""
    case = archive.case_id
    pages = list(_readable(found, "keypage", KeyPage.objects.filter(case_id=case)))
    for page in pages:
        checked(found, page.id, partial(check_page, archive, page, found))
    here = set(archive.store.names(SNAPSHOTS))  # older ones lie in copies only
    for one in _readable(found, "snapshot", Snapshot.objects.filter(case_id=case, dropped=None)):
        if deep and snapshot_name(one.id) in here:
            checked(found, one.id, partial(check_snapshot, archive, one, found))
    for part in _readable(found, "indexpart", IndexPart.objects.filter(case_id=case)):
        checked(found, part.id, partial(check_part, archive, part, found))
    names = {pack_name(PackId(row.id)) for row in packs}
    found.unreferenced += sum(name not in names for name in archive.store.names("packs"))
    stored = {ring.page_name(KeyPageId(page.stored)) for page in pages}
    found.unreferenced += sum(name not in stored for name in archive.store.names(ring.KIND))


def _readable(found: Verification, table: str, rows: Iterable[Row]) -> list[Row]:
    """The rows of a small table; a fault when they cannot be read."""
    try:
        return list(rows)
    except UNREADABLE:
        found.add(UNREADABLE_ROWS, table)
        return []


def check_records(
    archive: Archive,
    found: Verification,
    blobs: Mapping[str, Blobs],
    progress: Progress,
    *,
    opened: Opening | None = None,
    within: Q | None = None,
) -> None:
    """Every record, or those `within`: its row, its key, whether its blobs lie where it says, and what `opened` finds."""
    for row in kept_rows.altered_records(archive, within):
        found.records += 1
        if isinstance(row, str):
            found.add(ROW_ALTERED, row, name=f"record/{row}", records=(row,))
            continue
        if _is_in_place(archive, row, blobs, found) and opened is not None:
            opened.open(row)
        progress.advance(1, row.padded_bytes)


def _is_in_place(
    archive: Archive, record: RecordRow, blobs: Mapping[str, Blobs], found: Verification
) -> bool:
    """Whether a record has its key and its blobs; not asked of what has been destroyed."""
    if kept_rows.is_destroyed(record):
        _verify_destroyed(archive, record, found)
        return False
    name = f"record/{record.id}"
    if not kept_rows.has_key(archive, record.key_page, record.id):
        found.add(KEY_MISSING, record.id, name=name, records=(record.id,))
        return False
    places = []
    if record.derived_length:  # nothing is derived of what could only be kept
        places.append((record.derived_pack, record.derived_offset, record.derived_length))
    if record.mentions_length:
        places.append((record.derived_pack, record.mentions_offset, record.mentions_length))
    if record.segments:
        places += _segment_places(archive, record, found)
    else:
        places.append((record.content_pack, record.content_offset, record.content_length))
    for pack, offset, length in places:
        if pack not in blobs or blobs[pack].get(offset) != length:
            found.add(BLOB_MISSING, record.id, name=name, records=(record.id,))
            return False
    return True


def _verify_destroyed(archive: Archive, record: RecordRow, found: Verification) -> None:
    """Nothing is left of it that could be opened or that says what it was."""
    segments = Segment.objects.filter(case_id=archive.case_id)
    left = segments.filter(record_id=record.id).exists()
    ranges = segments.filter(owner_id=record.id).exclude(key_id="").exists()
    places = Occurrence.objects.filter(case_id=archive.case_id, record_id=record.id)
    if record.sealed or record.key_page or left or ranges or places.exclude(sealed=b"").exists():
        found.add(NOT_EMPTIED, record.id, name=f"record/{record.id}", records=(record.id,))


def _segment_places(archive: Archive, record: RecordRow, found: Verification) -> list[tuple[str, int, int]]:
    """Where the ranges of a container are; they are as many as were sealed."""
    rows = Segment.objects.filter(case_id=archive.case_id, record_id=record.id)
    lines = list(rows.values_list("key_id", "pack", "offset", "length"))
    if len(lines) != record.segments:
        found.add(ROW_ALTERED, record.id, name=f"record/{record.id}", records=(record.id,))
    # a destroyed range is reclaimed with its pack
    return [(pack, offset, length) for key, pack, offset, length in lines if key]


BOOKS: Mapping[str, Callable[[Archive, Verification], None]] = {
    "balance": check_balance,
    "database": kept_rows.check_database,
    "forms": kept_rows.check_forms,
    "epochs": kept_rows.check_epochs,
    "mentions": kept_rows.check_mentions,
    "customer-keys": kept_rows.check_customer_keys,
    "order": kept_rows.check_order,
    "references": kept_rows.check_references,
    "keys": kept_rows.check_keys,
    "numbers": kept_rows.check_numbers,
    "ledger": check_ledger,
}
"""Checks that look at more than one row; by the names that a round knows them by."""
