"""The books: received = kept + refused + open, counted in occurrences."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from kedang.holdings.models import Occurrence, Question
from kedang.records.ids import CaseId


@dataclass(frozen=True, slots=True)
class Balance:
    """Where everything that was received is now."""

    received: int
    kept: int
    refused: dict[str, int]
    """By code."""
    open: int
    records: int
    """Distinct contents among what was kept."""
    questions: dict[str, int]
    """Open ones, by code."""

    @property
    def duplicates(self) -> int:
        """Kept occurrences beyond the first of each record."""
        return self.kept - self.records

    @property
    def refused_count(self) -> int:
        """How many were refused, for whatever reason."""
        return sum(self.refused.values())

    @property
    def holds(self) -> bool:
        """Whether the books balance."""
        return self.received == self.kept + self.refused_count + self.open


def balance_of(case_id: CaseId, accession_id: str | None = None) -> Balance:
    """The balance of one accession, or of the whole case."""
    occurrences = Occurrence.objects.filter(case_id=case_id)
    questions = Question.objects.filter(case_id=case_id, state="open")
    if accession_id is not None:
        occurrences = occurrences.filter(accession_id=accession_id)
        records = occurrences.exclude(record=None).values("record_id")
        questions = questions.filter(record_id__in=records)
    counted = {
        (state, code): count
        for state, code, count in occurrences.values_list("state", "code").annotate(count=Count("id"))
    }
    return Balance(
        received=occurrences.count(),
        kept=sum(count for (state, _), count in counted.items() if state == "kept"),
        refused={code: count for (state, code), count in sorted(counted.items()) if state == "refused"},
        open=sum(count for (state, _), count in counted.items() if state == "open"),
        records=occurrences.exclude(record=None).values("record_id").distinct().count(),
        questions=dict(questions.order_by("code").values_list("code").annotate(count=Count("id"))),
    )
