"""What persons have said of the columns of a record or of a source, opened."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import ColumnMeaning, Occurrence
from kedang.pipeline.column_words import overrides_said
from kedang.resolution.columns import Overrides

COLUMN = "column_meaning.sealed"
Words = tuple[tuple[str, str], ...]


def words_of_source(archive: Archive, source: str) -> Words:
    """Header and meaning of all that holds for every table of a source."""
    rows = ColumnMeaning.objects.filter(case_id=archive.case_id, source_id=source, alone=False)
    return _words(archive, rows.order_by("decided", "id"))


def words_of_record(archive: Archive, record: str) -> Words:
    """The same of one record: of its sources, and what was said of it alone."""
    sources = Occurrence.objects.filter(case_id=archive.case_id, record_id=record).values("source_id")
    about = Q(source_id__in=sources, alone=False) | Q(record_id=record, alone=True)
    rows = ColumnMeaning.objects.filter(about, case_id=archive.case_id)
    return _words(archive, rows.order_by("decided", "id"))


def overrides_of(archive: Archive, record: str) -> Overrides:
    """The corrections that hold for a record, by column key."""
    return overrides_said(words_of_record(archive, record))


def _words(archive: Archive, rows: Iterable[ColumnMeaning]) -> Words:
    """The later word takes the place of the earlier; an empty meaning takes it back."""
    found: dict[str, str] = {}
    for row in rows:
        said = archive.open(archive.case_key(), row.id, COLUMN, row.sealed)
        found[str(said["column"])] = str(said["meaning"])
    return tuple((key, meaning) for key, meaning in found.items() if meaning)
