"""Records as the finding aid describes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from kedang.catalogue.rows import CatalogueRow
from kedang.disposition.explanation import explain
from kedang.disposition.schedule import shipped_schedule
from kedang.disposition.stored import reckoning_from_json
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, derived_of, key_of
from kedang.holdings.adapters.descriptions import facts_held
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.names import customer_name
from kedang.holdings.models import Customer, Link, Question, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.paths import Paths, paths_by_record
from kedang.pipeline.derived import Derived
from kedang.records.content import RecordClass, Sensitivity, TextSource
from kedang.records.ids import RecordId

BATCH = 300


class FindingAid:
    """The catalogue of a case: rows in the order things were received, details of the row just given."""

    def __init__(
        self,
        archive: Archive,
        *,
        only: Sequence[str] | None = None,
        seen: QuerySet[Customer] | None = None,
    ) -> None:
        """Of these records `only`, in their order; of customers only those `seen` are named. None: all."""
        self._archive, self._only, self._seen = archive, only, seen
        self._current: tuple[Record, Derived | None] | None = None

    def count(self) -> int:
        """How many rows there are."""
        if self._only is not None:
            return len(self._only)
        return Record.objects.filter(case_id=self._archive.case_id).count()

    def rows(self) -> Iterator[CatalogueRow]:
        """A row for every record."""
        archive = self._archive
        paths = Paths(archive)
        rows = Record.objects.filter(case_id=archive.case_id).order_by("first_order")
        whole = rows.values_list("id", flat=True).iterator(chunk_size=2000)
        ids = iter(self._only) if self._only is not None else whole
        while some := list(islice(ids, BATCH)):
            records = {record.id: record for here in with_ids(Record, some) for record in here}
            beside = _Beside(archive, paths, some, self._seen)
            for record_id in some:
                record = records[record_id]
                derived = _living(archive, record)
                self._current = (record, derived)
                yield _row(archive, record, derived, beside)

    def details(self, row: CatalogueRow) -> dict[str, Any]:
        """Text, facts, findings, reasons and reckoning of the row that was given last."""
        if self._current is None or self._current[0].id != row.record_id:
            raise ValueError("details are asked for while their row is the last one given")
        return _details(self._archive, *self._current)


def described(archive: Archive, record: Record) -> dict[str, Any]:
    """One record with everything that is known of it."""
    derived = _living(archive, record)
    beside = _Beside(archive, Paths(archive), [record.id])
    return _row(archive, record, derived, beside).cells() | _details(archive, record, derived)


class _Beside:
    """What stands in other tables about some records, fetched at once."""

    def __init__(
        self, archive: Archive, paths: Paths, record_ids: list[str], seen: QuerySet[Customer] | None = None
    ) -> None:
        case = archive.case_id
        self.paths = paths_by_record(archive, paths, record_ids)
        self.codes: dict[str, list[str]] = {}
        questions = Question.objects.filter(case_id=case, record_id__in=record_ids, state="open")
        for record_id, code in questions.order_by("code").values_list("record_id", "code"):
            self.codes.setdefault(record_id, []).append(code)
        self.customers: dict[str, list[str]] = {}
        merged = Forwarding.of(case)
        links = Link.objects.filter(case_id=case, record_id__in=record_ids)
        theirs = {(record, merged.head(one)) for record, one in links.values_list("record_id", "customer_id")}
        heads = Customer.objects.in_bulk({head for _, head in theirs})
        if seen is not None:
            visible = set(seen.filter(id__in=list(heads)).values_list("id", flat=True))
            theirs = {(record, head) for record, head in theirs if head in visible}
        names = {one: customer_name(archive, row) for one, row in heads.items()}
        for record, head in sorted(theirs, key=lambda one: heads[one[1]].number):
            self.customers.setdefault(record, []).append(names[head])


def _living(archive: Archive, record: Record) -> Derived | None:
    """What was read and concluded of a record; nothing of one that has been destroyed."""
    return None if record.state == DESTROYED else derived_of(archive, record)


def _row(archive: Archive, record: Record, derived: Derived | None, beside: _Beside) -> CatalogueRow:
    title = ""
    if record.state != DESTROYED:
        title = archive.open(key_of(archive, record), record.id, "record.sealed", record.sealed)["title"]
    return CatalogueRow(
        reference_code=record.reference_code or "",
        record_id=RecordId(record.id),
        occurrences=tuple(beside.paths.get(record.id, ())),
        sha256=derived.sha256 if derived else "",
        media_type=record.media_type,
        size_bytes=derived.size_bytes if derived else 0,
        record_class=RecordClass(record.record_class),
        class_confidence=record.class_permille / 1000,
        accounting=record.accounting,
        sensitivity=Sensitivity(record.sensitivity),
        date=record.record_date,
        title=str(title),
        customers=tuple(beside.customers.get(record.id, ())),
        findings=record.finding_counts,
        retention_rule=(record.retention_rule,) if record.retention_rule else (),
        retention_until=_until(record),
        state=record.state,
        question_codes=tuple(beside.codes.get(record.id, ())),
        pages=record.pages,
        text_source=TextSource(record.text_source),
    )


def _until(record: Record) -> str:
    if record.retention_kind in ("permanent", "undetermined"):
        return record.retention_kind
    return record.retention_until.isoformat() if record.retention_until else ""


def _details(archive: Archive, record: Record, derived: Derived | None) -> dict[str, Any]:
    """Text, facts, findings, reasons and the reckoning."""
    appraisal = derived.appraisal if derived else None
    reckoning = dict(record.reckoning)
    if reckoning:
        read = reckoning_from_json(record.reckoning)
        reckoning["said"] = {
            language: list(explain(read, language, schedule=shipped_schedule())) for language in ("zh", "en")
        }
    return {
        "text": derived.extraction.text if derived else "",
        "format": record.format_name,
        "accounting_kind": record.accounting_kind,
        "metadata": [list(pair) for pair in derived.extraction.metadata] if derived else [],
        "facts": [
            {
                "kind": fact.kind,
                "value": fact.value,
                "start": fact.start,
                "end": fact.end,
                "confidence": fact.confidence,
            }
            for fact in (facts_held(archive, record, appraisal.facts) if appraisal else ())
        ],
        "findings": [
            {
                "category": finding.category.value,
                "start": finding.start,
                "end": finding.end,
                "confidence": finding.confidence,
            }
            for finding in (appraisal.findings if appraisal else ())
        ],
        "class_reasons": [
            {"zh": reason.zh, "en": reason.en, "weight": reason.weight}
            for reason in (appraisal.reasons if appraisal else ())
        ],
        "reckoning": reckoning,
    }
