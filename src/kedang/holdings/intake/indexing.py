"""Words into encrypted index parts. Derived: what is lost here is made again from the sealed texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import transaction
from django.db.models import Max, QuerySet

from kedang.access.errors import PartStale, PartUnreadable
from kedang.access.part import MAX_RECORDS, Entry, IndexPart
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_of, key_of
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.intake.plain import IndexedRow, SealedRecord, read_indexed
from kedang.holdings.models import IndexPart as PartRow
from kedang.holdings.models import Record
from kedang.records.errors import KedangError

BATCH = 4_000  # records of a commit, of few words
BATCH_WORDS = 2_500_000  # characters of a commit: some 500 business papers; more are slower to put in order
INDEXED_CODE_POINTS = 2_000_000  # of one record; far above any document that people read


def part_path(archive: Archive, file: str) -> Path:
    """The file of a part."""
    return archive.home.index / f"{file}.part"


@contextmanager
def opened_part(archive: Archive, row: PartRow) -> Iterator[IndexPart]:
    """The part, open for adding."""
    part = IndexPart(part_path(archive, row.file), archive.key(row.key_page, row.file))
    try:
        yield part
    finally:
        part.close()


def index_records(archive: Archive, *, progress: Progress) -> int:
    """Index every record that is not indexed yet, in order; how many that were."""
    unindexed = Record.objects.filter(case_id=archive.case_id, indexed_part=None, awaits_ocr__in=[False])
    waiting = unindexed.exclude(key_page="").order_by("first_order")
    # "in": so that SQLite finds the index that has them in order; no key page: destroyed
    _drop_damaged(archive)
    total = waiting.count()
    if not total:
        return 0
    archive.home.index.mkdir(exist_ok=True, mode=0o700)
    progress.stage("index", total)
    done = 0
    after = b""
    wanted = BATCH
    while batch := list(read_indexed(waiting.filter(first_order__gt=after)[:wanted])):
        row = _part_with_room(archive)
        entries = _entries(archive, row, batch[: MAX_RECORDS - row.records])
        some = batch[: len(entries)]
        if not _index(archive, row, some, entries, waiting):
            continue
        after = bytes(some[-1].first_order)
        wanted = min(BATCH, 2 * len(some))  # few are read that the next commit has no room for
        done += len(some)
        progress.advance(len(some), 0)
    return done


def _entries(archive: Archive, row: PartRow, records: Iterable[IndexedRow]) -> list[Entry]:
    """The words of the records behind those of the part, of the first few when they have many."""
    entries: list[Entry] = []
    characters = 0
    for ordinal, record in enumerate(records, start=row.records):
        entries.append(Entry.of(ordinal, *texts_of(archive, record)))
        characters += len(entries[-1].words)
        if characters >= BATCH_WORDS:
            break
    return entries


def _index(
    archive: Archive,
    row: PartRow,
    records: list[IndexedRow],
    entries: list[Entry],
    waiting: QuerySet[Record],
) -> bool:
    """The words first, then the rows that say where they are: a crash between does it once more.

    False when a destruction has made the part again meanwhile, or a title was corrected: nothing is indexed, and the
    records may have gone.
    """
    with opened_part(archive, row) as part:
        part.add(entries)
    for record, entry in zip(records, entries, strict=True):
        record.indexed_part = row.id
        record.indexed_row = entry.ordinal
    with transaction.atomic():
        if PartRow.objects.select_for_update().get(id=row.id).file != row.file:
            return False
        if _have_changed(records, waiting):
            return False
        update_rows(Record, records, ("indexed_part", "indexed_row"))
        rewrite(archive, [row], records=row.records + len(records))
    return True


def _have_changed(records: list[IndexedRow], waiting: QuerySet[Record]) -> bool:
    """Whether a title is another one than when the rows were read; a record that has gone is none."""
    first, last = records[0].first_order, records[-1].first_order
    known = waiting.filter(first_order__gte=first, first_order__lte=last)
    now = dict(known.values_list("id", "sealed"))
    return any(now.get(one.id, one.sealed) != one.sealed for one in records)


def index_again(archive: Archive, record: Record) -> None:
    """The words of an indexed record as its row says them now, at their place in their part.

    A part that cannot be read is left: the next intake makes it again from the rows.

    Raises:
        PartBusy: another process writes the part.
    """
    row = PartRow.objects.filter(id=record.indexed_part).first()
    if row is None or record.indexed_row is None or not part_path(archive, row.file).is_file():
        return
    with suppress(PartUnreadable, PartStale), opened_part(archive, row) as part:
        part.add([Entry.of(record.indexed_row, *texts_of(archive, record))])


def texts_of(archive: Archive, record: SealedRecord, key: bytes | None = None) -> tuple[str, ...]:
    """What is searched of a record: its title, its file name, its text."""
    derived = derived_of(archive, record, key)
    key = key or key_of(archive, record)
    title = archive.open(key, record.id, "record.sealed", record.sealed)["title"]
    if derived is None:
        return (str(title),)
    subjects = tuple(value for name, value in derived.extraction.metadata if name in SEARCHED_METADATA)
    return (
        str(title),
        derived.name,
        *subjects,
        derived.extraction.text[:INDEXED_CODE_POINTS],
    )


SEARCHED_METADATA = frozenset({"subject", "from", "to", "cc", "title", "author"})


def _part_with_room(archive: Archive) -> PartRow:
    """The newest part while it has room, else a new one under a key of its own."""
    case = archive.case_id
    row = PartRow.objects.filter(case_id=case).order_by("-ordinal").first()
    if row is not None and row.records < MAX_RECORDS:
        return row
    key, part_id = archive.new_key(), archive.new_id()
    pages = archive.write_pages({part_id: key})
    with transaction.atomic():
        archive.keep_pages(pages)
        last = PartRow.objects.filter(case_id=case).aggregate(last=Max("ordinal"))["last"]
        made = PartRow(
            id=part_id,
            file=part_id,
            case_id=case,
            ordinal=(last or 0) + 1,
            key_page=pages[part_id].id,
        )
        guarded(archive, made).save(force_insert=True)
    return made


def _drop_damaged(archive: Archive) -> None:
    """Parts that a power cut left unreadable or short are forgotten; their records are indexed again."""
    for row in PartRow.objects.filter(case_id=archive.case_id):
        if not is_whole(archive, row):
            with transaction.atomic():
                Record.objects.filter(case_id=archive.case_id, indexed_part=row.id).update(
                    indexed_part=None, indexed_row=None
                )
                row.delete()
            part_path(archive, row.file).unlink(missing_ok=True)


def is_whole(archive: Archive, row: PartRow) -> bool:
    """Whether the part opens and holds as many records as its row says."""
    if not part_path(archive, row.file).is_file():
        return False
    try:
        with opened_part(archive, row) as part:
            return len(part) >= row.records - row.removed
    except (KedangError, KeyError):
        return False
