"""Sources, customers and records by numbers that name nobody, for those who give permissions and see no record."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Customer, Record, Source


def source_lines(archive: Archive) -> Sequence[Source]:
    """All sources of the case, in the order in which they were registered."""
    return list(Source.objects.filter(case_id=archive.case_id).order_by("ordinal"))


def numbers_of_customers(archive: Archive, ids: Collection[str]) -> list[int]:
    """The numbers of customers."""
    rows = Customer.objects.filter(case_id=archive.case_id, id__in=ids).order_by("number")
    return list(rows.values_list("number", flat=True))


def numbers_of_records(archive: Archive, ids: Collection[str]) -> list[str]:
    """档号 of records where they have one, else the beginning of their ids."""
    rows = Record.objects.filter(case_id=archive.case_id, id__in=ids).values_list("id", "reference_code")
    return [code or one[:12] for one, code in rows]
