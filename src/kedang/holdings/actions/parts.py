"""Index parts made again without the words of what is destroyed, beside the old ones, under new keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kedang.access.part import Entry, remove_part
from kedang.access.part import IndexPart as WordsPart
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.intake.indexing import part_path
from kedang.holdings.intake.plain import IndexedRow, read_indexed
from kedang.holdings.models import EpochChange, IndexPart, NewPart, Ordered, Record

BATCH = 400
Texts = Callable[[IndexedRow], tuple[str, ...]]
"""What is searched of a record from the switch on."""


def begin_parts(archive: Archive, change: EpochChange, parts: Sequence[IndexPart]) -> None:
    """The intent to make these parts again, each under a new key; in the caller's transaction."""
    files = {part.id: archive.new_id() for part in parts}
    pages = archive.write_pages({file: archive.new_key() for file in files.values()})
    archive.keep_pages(pages)
    NewPart.objects.bulk_create(
        [
            guarded(
                archive,
                NewPart(
                    case_id=archive.case_id,
                    change=change,
                    part_id=part.id,
                    old_file=part.file,
                    file=files[part.id],
                    key_page=pages[files[part.id]].id,
                    records=0,
                ),
            )
            for part in parts
        ]
    )


def make_parts(
    archive: Archive, change: EpochChange, dead: set[str], texts: Texts, *, progress: Progress
) -> None:
    """The words of every living record of the parts; goes on where it was interrupted."""
    for new in NewPart.objects.filter(change=change).select_related("part"):
        progress.stage("words", new.part.records)
        while _add(archive, new, dead, texts):
            progress.advance(BATCH, 0)


def _add(archive: Archive, new: NewPart, dead: set[str], texts: Texts) -> bool:
    """One more batch of rows; whether there was any."""
    there = IndexPart.objects.get(case_id=archive.case_id, id=new.part_id).records
    end = min(new.records + BATCH, there)
    if end <= new.records:
        return False
    rows = Record.objects.filter(
        case_id=archive.case_id, indexed_part=new.part_id, indexed_row__gte=new.records, indexed_row__lt=end
    ).order_by("indexed_row")
    part = WordsPart(part_path(archive, new.file), archive.key(new.key_page, new.file))
    try:
        part.add(
            Entry.of(record.indexed_row or 0, *texts(record))
            for record in read_indexed(rows)
            if record.id not in dead
        )
    finally:
        part.close()
    rewrite(archive, [new], records=end)
    return True


def swap_parts(archive: Archive, change: EpochChange, dead: set[str], texts: Texts) -> None:
    """The parts point to their new files, in the transaction of the switch; late rows are added first."""
    for new in NewPart.objects.filter(change=change).select_related("part"):
        while _add(archive, new, dead, texts):
            pass
        gone = Ordered.objects.filter(order__change=change, kind="record").exclude(outcome="restricted")
        removed = Record.objects.filter(
            case_id=archive.case_id, indexed_part=new.part_id, id__in=gone.values("subject")
        ).count()
        rewrite(
            archive,
            [IndexPart.objects.get(id=new.part_id)],
            file=new.file,
            key_page=new.key_page,
            removed=new.part.removed + removed,
        )


def end_parts(archive: Archive, change: EpochChange) -> None:
    """The old files are deleted; their keys are gone already."""
    rows = NewPart.objects.filter(change=change)
    for file in rows.values_list("old_file", flat=True):
        remove_part(part_path(archive, file))
    rows.delete()
