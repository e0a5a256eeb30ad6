"""The model that was learnt of a case's answers, sealed so that it ends with any record that it was learnt of."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist

from kedang.appraisal.learning import LearntClasses, Told, words_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, require_as_written
from kedang.holdings.adapters.pair_keys import pair_key
from kedang.holdings.models import Correction, LearntModel, Record
from kedang.pipeline.derived import Derived
from kedang.records.content import Family, Format, RecordClass
from kedang.records.ids import CaseId

_COLUMN = "learntmodel.sealed"


def answered(case: CaseId) -> dict[str, str]:
    """The class that a person has last said of each record, newest first."""
    rows = Correction.objects.filter(case_id=case, undone=None).exclude(said_class="")
    found: dict[str, str] = {}
    for record, said in rows.order_by("-ordinal").values_list("record_id", "said_class"):
        found.setdefault(record, said)
    return found


def told_of(record: Record, derived: Derived | None) -> Told:
    """What the model is told of a record: its words, and what the signs alone say."""
    if derived is None:
        form = Format(record.media_type, Family(record.family), record.format_name)
        return Told(words_of("", (), "", form), RecordClass.OTHER, 0.0)
    words = words_of(derived.name, derived.folders, derived.extraction.text, derived.format)
    if derived.appraisal is None:
        return Told(words, RecordClass.OTHER, 0.0)
    return Told(words, derived.appraisal.record_class, derived.appraisal.class_confidence)


def seal_learnt(archive: Archive, row: LearntModel, model: LearntClasses) -> bytes:
    """The model under the keys of all its records together."""
    return archive.seal(_key(archive, row), row.id, _COLUMN, model.to_json())


def open_learnt(archive: Archive) -> tuple[LearntModel, LearntClasses] | None:
    """The model of the case; None when none has been learnt, or one of its records is no more."""
    row = LearntModel.objects.filter(case_id=archive.case_id).first()
    if row is None:
        return None
    require_as_written(MARKS[LearntModel], archive, row)
    try:
        key = _key(archive, row)
    except (KeyError, ObjectDoesNotExist):
        return None
    return row, LearntClasses.from_json(archive.open(key, row.id, _COLUMN, row.sealed))


def _key(archive: Archive, row: LearntModel) -> bytes:
    """Whichever of the records is destroyed, nobody makes this key again."""
    pages = Record.objects.filter(case_id=archive.case_id, id__in=row.records).values_list("key_page", "id")
    found = list(pages)
    if len(found) != len(row.records):
        raise KeyError(row.id)
    return pair_key(archive, *found)
