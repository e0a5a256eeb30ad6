"""What stands beside records in a list: names of sources and of customers, and how many questions are open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count, QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.names import customer_name, source_names
from kedang.holdings.models import Customer, Occurrence, Question, Record, Source


def names_of_sources(archive: Archive, source_ids: Iterable[str]) -> dict[str, str]:
    """What each source is called, or whose desk it is."""
    rows = Source.objects.filter(case_id=archive.case_id, id__in=list(source_ids)).order_by("ordinal")
    names = {row.id: source_names(archive, row) for row in rows}
    return {one: said.name or said.desk for one, said in names.items()}


def is_source_of(case: str, source: str, records: QuerySet[Record]) -> bool:
    """Whether one of the records was found in the source."""
    places = Occurrence.objects.filter(case_id=case, source_id=source, record__in=records.values("id"))
    return places.exists()


def names_of_customers(
    archive: Archive, customer_ids: Iterable[str], seen: QuerySet[Customer]
) -> dict[str, str]:
    """What each of those customers is called whom the asker may see."""
    rows = seen.filter(id__in=list(customer_ids)).exclude(key_page="")
    return {row.id: customer_name(archive, row) for row in rows}


def open_questions_by_record(case: str, record_ids: Sequence[str]) -> Mapping[str, int]:
    """How many questions about each record are open."""
    rows = Question.objects.filter(case_id=case, record_id__in=record_ids).exclude(state="answered")
    return dict(rows.values_list("record_id").annotate(count=Count("id")).order_by())
