"""Words into encrypted index parts. Derived: what is lost here is made again from the sealed texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from kedang.access.part import MAX_RECORDS, Entry, IndexPart
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_of, key_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.models import IndexPart as PartRow
from kedang.holdings.models import KeyPage, Record
from kedang.records.errors import KedangError

BATCH = 400
READ_FIELDS = (
    "id",
    "case_id",
    "first_order",
    "key_page",
    "derived_pack",
    "derived_offset",
    "derived_length",
    "sealed",
)
INDEXED_CODE_POINTS = 2_000_000  # of one record; far above any document that people read


def part_path(archive: Archive, part_id: str) -> Path:
    """The file of a part."""
    return archive.home.index / f"{part_id}.part"


@contextmanager
def opened_part(archive: Archive, row: PartRow) -> Iterator[IndexPart]:
    """The part, open for adding."""
    part = IndexPart(part_path(archive, row.id), archive.key(row.key_page, row.id))
    try:
        yield part
    finally:
        part.close()


def index_records(archive: Archive, *, progress: Progress, clock: Callable[[], datetime]) -> int:
    """Index every record that is not indexed yet, in order; how many that were."""
    waiting = Record.objects.filter(
        case_id=archive.case_id, indexed_part=None, awaits_ocr__in=[False]
    ).order_by("first_order")  # "in": so that SQLite finds the index that has them in order
    _drop_damaged(archive)
    total = waiting.count()
    if not total:
        return 0
    archive.home.index.mkdir(exist_ok=True, mode=0o700)
    progress.stage("index", total)
    done = 0
    after = b""
    while batch := list(waiting.filter(first_order__gt=after).only(*READ_FIELDS)[:BATCH]):
        row = _part_with_room(archive, now=clock())
        some = batch[: MAX_RECORDS - row.records]
        _index(archive, row, some)
        after = bytes(some[-1].first_order)
        done += len(some)
        progress.advance(len(some), 0)
    return done


def _index(archive: Archive, row: PartRow, records: list[Record]) -> None:
    """The words first, then the rows that say where they are: a crash between does it once more."""
    first = row.records
    with opened_part(archive, row) as part:
        part.add(Entry.of(first + place, *texts_of(archive, record)) for place, record in enumerate(records))
    for place, record in enumerate(records):
        record.indexed_part = row.id
        record.indexed_row = first + place
    row.records = first + len(records)
    with transaction.atomic():
        update_rows(records, ("indexed_part", "indexed_row"))
        row.save(update_fields=["records"])


def texts_of(archive: Archive, record: Record) -> tuple[str, ...]:
    """What is searched of a record: its title, its file name, its text."""
    derived = derived_of(archive, record)
    title = archive.open(key_of(archive, record), record.id, "record.sealed", record.sealed)["title"]
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


def _part_with_room(archive: Archive, *, now: datetime) -> PartRow:
    """The newest part while it has room, else a new one under a key of its own."""
    case = archive.case_id
    row = PartRow.objects.filter(case_id=case).order_by("-ordinal").first()
    if row is not None and row.records < MAX_RECORDS:
        return row
    key, part_id = archive.new_key(), archive.new_id()
    pages = archive.write_pages({part_id: key}, now=now)
    with transaction.atomic():
        KeyPage.objects.bulk_create(list(pages.values()))
        last = PartRow.objects.filter(case_id=case).aggregate(last=Max("ordinal"))["last"]
        return PartRow.objects.create(
            id=part_id,
            case_id=case,
            ordinal=(last or 0) + 1,
            key_page=pages[part_id].id,
        )


def _drop_damaged(archive: Archive) -> None:
    """Parts that a power cut left unreadable or short are forgotten; their records are indexed again."""
    for row in PartRow.objects.filter(case_id=archive.case_id):
        if not is_whole(archive, row):
            with transaction.atomic():
                Record.objects.filter(case_id=archive.case_id, indexed_part=row.id).update(
                    indexed_part=None, indexed_row=None
                )
                row.delete()
            part_path(archive, row.id).unlink(missing_ok=True)


def is_whole(archive: Archive, row: PartRow) -> bool:
    """Whether the part opens and holds as many records as its row says."""
    if not part_path(archive, row.id).is_file():
        return False
    try:
        with opened_part(archive, row) as part:
            return len(part) >= row.records
    except (KedangError, KeyError):
        return False
