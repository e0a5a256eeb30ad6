"""Open questions, with what a person needs to answer them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Question, Record
from kedang.holdings.queries.paths import Paths, paths_by_record
from kedang.records.ids import CaseId


def open_questions(archive: Archive, *, limit: int) -> Iterator[dict[str, Any]]:
    """At most `limit` open questions, blocking ones first."""
    rows = list(
        Question.objects.filter(case_id=archive.case_id, state="open")
        .select_related("record")
        .order_by("-blocking", "code", "record__first_order")[:limit]
    )
    paths = paths_by_record(archive, Paths(archive), [row.record_id for row in rows])
    for row in rows:
        yield {
            "id": row.id,
            "code": row.code,
            "blocking": row.blocking,
            "record_id": row.record_id,
            "path": " | ".join(paths.get(row.record_id, [])),
            "facts": row.facts,
            "class": row.record.record_class,
        }


def open_rows(case: CaseId, records: QuerySet[Record]) -> QuerySet[Question]:
    """The open questions about these records."""
    return Question.objects.filter(case_id=case, state="open", record__in=records)
