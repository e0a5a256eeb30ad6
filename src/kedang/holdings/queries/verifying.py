"""Verification: rows, packs, keys, ledger, numbers and index, against each other.

Each check stands by itself, so that a round of fixity takes them one by one and a damaged row does not keep
the others from being made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import TypeVar

from django.db.models import Model, QuerySet

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.forking import usual_processes
from kedang.holdings.adapters.guarding import UNREADABLE
from kedang.holdings.adapters.kept_snapshots import SNAPSHOTS, snapshot_name
from kedang.holdings.adapters.looking_up import all_of_case, any_of_ids
from kedang.holdings.adapters.plain_rows import raw_lines
from kedang.holdings.intake.plain import StoredRecord
from kedang.holdings.models import IndexPart, KeyPage, Occurrence, Pack, Record, Segment, Snapshot
from kedang.holdings.queries import kept_rows
from kedang.holdings.queries.balance import balance_of
from kedang.holdings.queries.faults import (
    BALANCE,
    BLOB_MISSING,
    COUNT_DIFFERS,
    KEY_MISSING,
    NOT_EMPTIED,
    ROW_ALTERED,
    UNREADABLE_ROWS,
    Verification,
)
from kedang.holdings.queries.kept_row_sets import RowSetsCheck
from kedang.holdings.queries.ledger_wholeness import check_ledger
from kedang.holdings.queries.opened_contents import Opening, opening
from kedang.holdings.queries.shared_checks import Check, shared
from kedang.holdings.queries.stored_objects import (
    IndexedBlobs,
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
SLICE = 1000  # records that are checked at once, in one process; progress is told slice by slice
SLICE_BYTES = 1 << 26  # of contents that are opened at once
PACKS = 0  # the number of the check of packs


def verify_case(archive: Archive, *, deep: bool, progress: Progress) -> Verification:
    """Everything wrong in a case. `deep` opens every byte; without it, ids and digests of objects only."""
    found = Verification()
    packs = _readable(found, "pack", Pack.objects.filter(case_id=archive.case_id, state="kept"))
    slices = list[list[str]]()
    checked(found, "records", partial(_cut, archive, slices, deep=deep))
    records = sum(map(len, slices))
    progress.stage("verify", records)
    checks = _checks(archive, packs, slices, deep=deep)
    told: dict[int, Verification] = {}
    processes = usual_processes() if len(slices) > 1 else 1  # others are not worth starting for one slice
    with closing(shared(checks, processes=processes)) as parts:
        for number, part in parts:
            told[number] = part
            progress.advance(part.records, part.content_bytes)
    for _, part in sorted(told.items()):
        found.take(part)
    if deep:
        checked(found, "names", partial(kept_rows.check_names, archive, found))
        unsound = {fault.subject for fault in told[PACKS].faults if fault.code != COUNT_DIFFERS}
        for row in packs:
            if row.id not in unsound:  # there is no telling of a pack whose index is not whole
                done = found.opened.get(row.id, set())
                checked(found, row.id, partial(check_rest_of_pack, archive, row, found, done))
    return found


def _cut(archive: Archive, slices: list[list[str]], *, deep: bool) -> None:
    """The ids of all records in the order of the index, which is that of key pages and packs, in slices.

    Ids, because a place in an order is another's when a record is described anew meanwhile.
    """
    records = all_of_case(Record, archive.case_id).order_by("indexed_part", "indexed_row", "id")
    room = 0  # bytes of contents in the last slice
    for one, size in raw_lines(records.values_list("id", "padded_bytes")):
        if room <= 0 or len(slices[-1]) == SLICE:
            slices.append([])
            room = SLICE_BYTES
        slices[-1].append(str(one))
        room -= size if deep and isinstance(size, int) else 0  # else it is damaged, or nothing is opened


def _checks(
    archive: Archive, packs: Sequence[Pack], slices: Sequence[Sequence[str]], *, deep: bool
) -> list[Check]:
    """Every check of a case but those that need the findings of others; what takes longest is the last."""
    blobs = IndexedBlobs(archive, {row.id for row in packs})
    checks: list[Check] = [partial(_verify_packs, archive, packs)]
    checks += [partial(_verify_records, archive, blobs, some, deep=deep) for some in slices]
    checks.append(partial(_verify_other_objects, archive, deep=deep))
    checks.append(lambda found: checked(found, "row-sets", RowSetsCheck(archive, found, blobs, deep).check))
    checks += [partial(_verify_rows, archive, model) for model in kept_rows.guarded_tables()]
    checks += [partial(_verify_book, archive, name) for name in BOOKS]
    return checks


def _verify_rows(archive: Archive, model: type[Model], found: Verification) -> None:
    checked(found, model.__name__.lower(), partial(kept_rows.check_rows, archive, model, found))


def _verify_book(archive: Archive, name: str, found: Verification) -> None:
    checked(found, name, partial(BOOKS[name], archive, found))


def checked(found: Verification, name: str, check: Callable[[], object]) -> None:
    """Make one check; when rows that it reads cannot be read, that is a fault by itself."""
    try:
        check()
    except KedangError as error:
        found.add(error.code, name, name=f"books/{name}")
    except (LookupError, *UNREADABLE):
        found.add(UNREADABLE_ROWS, name, name=f"books/{name}")


def check_balance(archive: Archive, found: Verification) -> None:
    """Received is kept, refused and open together."""
    if not balance_of(archive.case_id).holds:
        found.add(BALANCE, archive.case_id)


def _verify_packs(archive: Archive, packs: Sequence[Pack], found: Verification) -> None:
    """Indexes of packs. What nobody has committed is counted, not faulted."""
    for row in packs:
        checked(found, row.id, partial(check_pack, archive, row, found, deep=False))
    names = {pack_name(PackId(row.id)) for row in packs}
    found.unreferenced += sum(name not in names for name in archive.store.names("packs"))


def _verify_other_objects(archive: Archive, found: Verification, *, deep: bool) -> None:
    """Key pages, snapshots, index parts. What nobody has committed is counted, not faulted."""
    case = archive.case_id
    pages = _readable(found, "keypage", KeyPage.objects.filter(case_id=case))
    for page in pages:
        checked(found, page.id, partial(check_page, archive, page, found))
    here = set(archive.store.names(SNAPSHOTS))  # older ones lie in copies only
    for one in _readable(found, "snapshot", Snapshot.objects.filter(case_id=case, dropped=None)):
        if deep and snapshot_name(one.id) in here:
            checked(found, one.id, partial(check_snapshot, archive, one, found))
    for part in _readable(found, "indexpart", IndexPart.objects.filter(case_id=case)):
        checked(found, part.id, partial(check_part, archive, part, found))
    stored = {ring.page_name(KeyPageId(page.stored)) for page in pages}
    found.unreferenced += sum(name not in stored for name in archive.store.names(ring.KIND))


def _readable(found: Verification, table: str, rows: Iterable[Row]) -> list[Row]:
    """The rows of a small table; a fault when they cannot be read."""
    try:
        return list(rows)
    except UNREADABLE:
        found.add(UNREADABLE_ROWS, table)
        return []


def _verify_records(
    archive: Archive, blobs: IndexedBlobs, ids: Sequence[str], found: Verification, *, deep: bool
) -> None:
    """The records of these ids; one that the database knows and does not find is a fault."""
    rows = Record.objects.filter(id__in=any_of_ids(ids)).order_by("id")  # as they are found
    if deep:
        with opening(archive, found) as opened:
            checked(found, "records", partial(check_records, archive, found, blobs, rows, opened=opened))
    else:
        checked(found, "records", partial(check_records, archive, found, blobs, rows))
    if found.records != len(ids):
        checked(found, "records", partial(_note_missing, ids, rows, found))


def _note_missing(ids: Sequence[str], rows: QuerySet[Record], found: Verification) -> None:
    for one in sorted(set(ids) - set(map(str, rows.values_list("id", flat=True)))):
        found.add(ROW_ALTERED, one, name=f"record/{one}", records=(one,))


def check_records(
    archive: Archive,
    found: Verification,
    blobs: IndexedBlobs,
    rows: QuerySet[Record],
    *,
    opened: Opening | None = None,
) -> None:
    """Each of these records: its row, its key, whether its blobs lie where it says, and what `opened` finds."""
    for row in kept_rows.altered_records(archive, rows):
        found.records += 1
        if isinstance(row, str):
            found.add(ROW_ALTERED, row, name=f"record/{row}", records=(row,))
            continue
        key = _key_in_place(archive, row, blobs, found)
        if key is not None and opened is not None:
            opened.open(row, key)
        found.content_bytes += row.padded_bytes


def _key_in_place(
    archive: Archive, record: StoredRecord, blobs: IndexedBlobs, found: Verification
) -> bytes | None:
    """A record's key, when it has one and its blobs lie where it says; not asked of what has been destroyed."""
    if kept_rows.is_destroyed(record):
        _verify_destroyed(archive, record, found)
        return None
    key = kept_rows.key_in(archive, record.key_page, record.id)
    if key is None:
        found.add(KEY_MISSING, record.id, name=f"record/{record.id}", records=(record.id,))
        return None
    if not all(blobs[pack].get(offset) == length for pack, offset, length in _places(archive, record, found)):
        found.add(BLOB_MISSING, record.id, name=f"record/{record.id}", records=(record.id,))
        return None
    return key


def _places(archive: Archive, record: StoredRecord, found: Verification) -> list[tuple[str, int, int]]:
    """Where a record's blobs lie: pack, offset and length."""
    places = []
    if record.derived_length:  # nothing is derived of what could only be kept
        places.append((record.derived_pack, record.derived_offset, record.derived_length))
    if record.mentions_length:
        places.append((record.derived_pack, record.mentions_offset, record.mentions_length))
    if record.segments:
        places += _segment_places(archive, record, found)
    else:
        places.append((record.content_pack, record.content_offset, record.content_length))
    return places


def _verify_destroyed(archive: Archive, record: StoredRecord, found: Verification) -> None:
    """Nothing is left of it that could be opened or that says what it was."""
    segments = Segment.objects.filter(case_id=archive.case_id)
    left = segments.filter(record_id=record.id).exists()
    ranges = segments.filter(owner_id=record.id).exclude(key_id="").exists()
    places = Occurrence.objects.filter(case_id=archive.case_id, record_id=record.id)
    if record.sealed or record.key_page or left or ranges or places.exclude(sealed=b"").exists():
        found.add(NOT_EMPTIED, record.id, name=f"record/{record.id}", records=(record.id,))


def _segment_places(
    archive: Archive, record: StoredRecord, found: Verification
) -> list[tuple[str, int, int]]:
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
