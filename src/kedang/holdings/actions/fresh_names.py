"""Names sealed again under fresh keys: of customers, of sources with what was refused from them, of the case."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Model

from kedang.holdings.actions.fresh_contents import seal_places
from kedang.holdings.actions.fresh_pairs import ties_of_customers
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.models import (
    Agent,
    Box,
    Case,
    ColumnMeaning,
    Copy,
    Customer,
    Gate,
    Job,
    KeptComparison,
    KeyPlace,
    NameList,
    Occurrence,
    OldPage,
    Order,
    Reveal,
    SavedView,
    SealingAnew,
    Source,
    Token,
    Upload,
)

AT_ONCE = 500
KEYED: Sequence[tuple[type[Model], str]] = ((Customer, "customer.sealed"), (Source, "source.sealed"))
"""Tables whose rows have keys of their own, and the name of their sealed column."""
DERIVED: Sequence[type[Model]] = (NameList, KeptComparison)
"""Tables whose rows are made again when they are asked for."""
OF_THE_CASE: Sequence[tuple[type[Model], str]] = (
    (Agent, "agent.sealed"),
    (Order, "order.sealed"),
    (Copy, "copy.sealed"),
    (KeyPlace, "key_place.sealed"),
    (Reveal, "reveal.sealed"),
    (ColumnMeaning, "column_meaning.sealed"),
    (Box, "box.sealed"),
    (SavedView, "saved_view.sealed"),
    (Upload, "upload.sealed"),
    (Gate, "gate.sealed"),
    (Token, "token.sealed"),
)
"""Tables whose rows are sealed under the key of the case's columns."""


def seal_names(archive: Archive, anew: SealingAnew) -> int:
    """One more batch of customers or sources; how many, 0 when none is left. What is derived of them goes."""
    old = OldPage.objects.filter(anew=anew).values("page")
    for derived in DERIVED:
        derived._default_manager.filter(case_id=archive.case_id, key_page__in=old).delete()
    for model, column in KEYED:
        rows = list(
            model._default_manager.filter(case_id=archive.case_id, key_page__in=old).order_by("id")[:AT_ONCE]
        )
        if rows:
            _seal_batch(archive, model, rows, column)
            return len(rows)
    return 0


def _seal_batch(archive: Archive, model: type[Model], read: Sequence[Model], column: str) -> None:
    keys = {str(row.pk): archive.new_key() for row in read}
    pages = archive.write_pages(keys)
    with transaction.atomic():
        archive.keep_pages(pages)
        rows = list(model._default_manager.select_for_update().filter(pk__in=list(keys)))
        ties = ties_of_customers(archive, list(keys)) if model is Customer else None
        both = {}
        for row in rows:
            require_as_written(MARKS[model], archive, row)
            holder = str(row.pk)
            old = archive.key(getattr(row, "key_page"), holder)  # noqa: B009 - every keyed table has one
            both[holder] = (old, keys[holder])
            said = archive.open(old, holder, column, getattr(row, "sealed"))  # noqa: B009
            for name, value in (
                ("key_page", pages[holder].id),
                ("sealed", archive.seal(keys[holder], holder, column, said)),
            ):
                setattr(row, name, value)
            guarded(archive, row)
        update_rows(model, rows, ("key_page", "sealed", "mac"))
        if model is Source:
            refused = Occurrence.objects.filter(
                case_id=archive.case_id, record=None, source_id__in=list(both)
            )
            seal_places(archive, refused, both, "source_id")
        if ties is not None:
            ties.seal_again()


def seal_case(archive: Archive) -> None:
    """What is sealed for the case as a whole, under a key of its own; the case key itself goes on beside it.

    Fingerprints, MACs and the ledger's signature are derived from the case key: it opens nothing any more.
    """
    holder, key, old = archive.new_id(), archive.new_key(), archive.case_key()
    pages = archive.write_pages({archive.case_id: archive.root_key(), holder: key})
    with transaction.atomic():
        archive.keep_pages(pages)
        for model, column in OF_THE_CASE:
            rows = list(model._default_manager.filter(case_id=archive.case_id).exclude(sealed=b""))
            for row in rows:
                _seal_again(archive, row, column, old, key)
            update_rows(model, rows, ("sealed", "mac"))
        _seal_jobs(archive, old, key)
        case = Case.objects.select_for_update().get(id=archive.case_id)
        _seal_again(archive, case, "case.sealed", old, key, columns_key=holder, key_page=pages[holder].id)
        case.save(update_fields=["sealed", "columns_key", "key_page", "mac"])
    archive.case.refresh_from_db()


def _seal_jobs(archive: Archive, old: bytes, key: bytes) -> None:
    """What was asked of jobs and what they found; their rows change all the time and have no MAC."""
    rows = list(Job.objects.filter(case_id=archive.case_id))
    for row in rows:
        row.sealed = archive.seal(
            key, row.id, "job.sealed", archive.open(old, row.id, "job.sealed", row.sealed)
        )
        if row.outcome:
            found = archive.open(old, row.id, "job.outcome", row.outcome)
            row.outcome = archive.seal(key, row.id, "job.outcome", found)
    Job.objects.bulk_update(rows, ["sealed", "outcome"])


def _seal_again(archive: Archive, row: Model, column: str, old: bytes, key: bytes, **values: object) -> None:
    require_as_written(MARKS[type(row)], archive, row)
    said = archive.open(old, str(row.pk), column, getattr(row, "sealed"))  # noqa: B009
    for name, value in {**values, "sealed": archive.seal(key, str(row.pk), column, said)}.items():
        setattr(row, name, value)
    guarded(archive, row)
