"""The register of sources, the uploads that go on, and what came of each thing that was received, for screens."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from kedang.access.covering import Part
from kedang.access.deciding import Scope
from kedang.holdings.actions.jobs import wanted_of
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.names import SourceNames, occurrence_names, source_names
from kedang.holdings.models import (
    Accession,
    Customer,
    Job,
    Occurrence,
    Question,
    Record,
    Source,
    Upload,
)
from kedang.holdings.queries.shown_titles import shown_names


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody may know of what was received: his records, and refusals, which have none."""

    records: QuerySet[Record]
    customers: QuerySet[Customer]
    scopes: Sequence[Scope]

    @property
    def everything(self) -> bool:
        """Whether nothing is kept from him."""
        return any(scope.whole for scope in self.scopes)

    def of(self, occurrences: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
        """Those among the occurrences that he may know of."""
        if self.everything:
            return occurrences
        whole = [
            scope.sources for scope in self.scopes if scope == Scope(sources=scope.sources) and scope.sources
        ]
        sources = frozenset[str]().union(*whole)
        return occurrences.filter(
            Q(record__in=self.records.values("id")) | Q(record=None, source_id__in=sources)
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """How much was received, and where it is."""

    received: int = 0
    kept: int = 0
    refused: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source as the register shows it."""

    id: str
    ordinal: int
    kind: str
    state: str
    signed: datetime | None
    names: SourceNames
    tally: Tally
    last: Accession | None
    late: int
    """Accessions that were opened after the gate of collecting was closed."""
    uploads: int
    """That have not been given to be taken in yet."""


def source_lines(archive: Archive, seen: Seen) -> list[SourceLine]:
    """Every source of the case, in the order in which they were registered."""
    return [_line(archive, seen, one) for one in _sources(archive)]


def _sources(archive: Archive) -> Iterable[Source]:
    return Source.objects.filter(case_id=archive.case_id).order_by("ordinal")


def source_line(archive: Archive, seen: Seen, source: Source) -> SourceLine:
    """One source."""
    return _line(archive, seen, source)


def _line(archive: Archive, seen: Seen, source: Source) -> SourceLine:
    case = archive.case_id
    accessions = Accession.objects.filter(case_id=case, source=source).order_by("-ordinal")
    uploads = Upload.objects.filter(case_id=case, source=source, state="receiving")
    return SourceLine(
        id=source.id,
        ordinal=source.ordinal,
        kind=source.kind,
        state=source.state,
        signed=source.signed,
        names=source_names(archive, source),
        tally=_tally(seen.of(Occurrence.objects.filter(case_id=case, source=source))),
        last=accessions.first(),
        late=accessions.filter(late=True).count(),
        uploads=uploads.exclude(uploadedfile=None).distinct().count(),
    )


def _tally(occurrences: QuerySet[Occurrence]) -> Tally:
    counted = dict(occurrences.values_list("state").annotate(count=Count("id")).order_by())
    return Tally(
        sum(counted.values()), counted.get("kept", 0), counted.get("refused", 0), counted.get("open", 0)
    )


@dataclass(frozen=True, slots=True)
class AccessionLine:
    """One accession of a source, with what came of it."""

    id: str
    ordinal: int
    opened: datetime
    closed: datetime | None
    late: bool
    tally: Tally


def accession_lines(archive: Archive, seen: Seen, source: Source) -> list[AccessionLine]:
    """The accessions of a source, newest first."""
    rows = Accession.objects.filter(case_id=archive.case_id, source=source).order_by("-ordinal")
    return [accession_line(archive, seen, row) for row in rows]


def accession_line(archive: Archive, seen: Seen, row: Accession) -> AccessionLine:
    """One accession."""
    found = seen.of(Occurrence.objects.filter(case_id=archive.case_id, accession=row))
    return AccessionLine(row.id, row.ordinal, row.opened, row.closed, row.late, _tally(found))


def accession_with_id(archive: Archive, accession_id: str) -> Accession | None:
    """One accession of the case, with its source."""
    rows = Accession.objects.filter(case_id=archive.case_id, id=accession_id)
    return rows.select_related("source").first()


def source_of_job(archive: Archive, job_id: str) -> str:
    """The name of the source that a taking-in is of; empty when it is not known yet."""
    job = Job.objects.get(case_id=archive.case_id, id=job_id)
    wanted = wanted_of(archive, job)
    if "upload" in wanted:
        sources = Source.objects.filter(case_id=archive.case_id, upload=wanted["upload"])
    else:
        mark = archive.recogniser().source(os.fsencode(wanted["path"]))
        sources = Source.objects.filter(case_id=archive.case_id, place_fingerprint=mark)
    source = sources.first()
    return source_names(archive, source).name if source else str(wanted.get("source", ""))


@dataclass(frozen=True, slots=True)
class UploadLine:
    """One upload that has not been given yet."""

    id: str
    began: datetime
    agent: str
    files: int


def upload_lines(archive: Archive, source: Source) -> list[UploadLine]:
    """The uploads into a source that are still being received and hold files, newest first."""
    rows = Upload.objects.filter(case_id=archive.case_id, source=source, state="receiving")
    counted = rows.annotate(files=Count("uploadedfile")).filter(files__gt=0).order_by("-began")
    return [UploadLine(*values) for values in counted.values_list("id", "began", "agent", "files")]


ALL, REFUSED, UNREAD_ONES, OPEN = "all", "refused", "unread", "open"
SHOWN = (ALL, REFUSED, UNREAD_ONES, OPEN)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one thing that was received."""

    id: str
    name: tuple[Part, ...]
    state: str
    code: str
    """Why it was refused."""
    record: str
    """Empty when it was refused, or when its record is not shown to whoever asks."""
    reference_code: str
    twin: bool
    """Whether its bytes had been received before."""
    depth: int
    questions: tuple[str, ...]
    """Codes of open questions that say it could not be read wholly."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One page of outcomes, and how many there are of each kind."""

    lines: tuple[Outcome, ...]
    counts: dict[str, int]
    pages: int


PAGE = 100
_UNREAD = re.compile("^KD-[EW]")  # of extraction, and of parsing processes that were lost


def outcomes_of(archive: Archive, seen: Seen, accession: Accession, show: str, page: int) -> Outcomes:
    """What came of each thing of an accession, in the order in which it was received."""
    everything = seen.of(Occurrence.objects.filter(case_id=archive.case_id, accession=accession))
    asked = Question.objects.filter(case_id=archive.case_id, state="open")
    unread = asked.filter(code__regex=_UNREAD.pattern).values("record_id")
    shown = {
        ALL: everything,
        REFUSED: everything.filter(state="refused"),
        UNREAD_ONES: everything.filter(record_id__in=unread),
        OPEN: everything.filter(state="open"),
    }
    counts = {name: rows.count() for name, rows in shown.items()}
    chosen = shown[show].select_related("record", "source").order_by("order_key")
    rows = list(chosen[(page - 1) * PAGE : page * PAGE])
    return Outcomes(_outcomes(archive, seen, rows), counts, max(1, -(-counts[show] // PAGE)))


def _outcomes(archive: Archive, seen: Seen, rows: list[Occurrence]) -> tuple[Outcome, ...]:
    ids = [row.record_id for row in rows if row.record_id]
    asked: dict[str, list[str]] = {}
    questions = Question.objects.filter(case_id=archive.case_id, record_id__in=ids, state="open")
    for record, code in questions.order_by("code").values_list("record_id", "code").distinct():
        if _UNREAD.match(code):
            asked.setdefault(record, []).append(code)
    places = Occurrence.objects.filter(case_id=archive.case_id, record_id__in=ids)
    counted = dict(places.values_list("record_id").annotate(count=Count("id")).order_by())
    names = shown_names(
        archive,
        [(row.record_id or "", occurrence_names(archive, row).name) for row in rows],
        seen=seen.customers,
    )
    return tuple(
        Outcome(
            id=row.id,
            name=name,
            state=row.state,
            code=row.code,
            record=row.record_id or "",
            reference_code=(row.record.reference_code or "") if row.record else "",
            twin=counted.get(row.record_id or "", 0) > 1,
            depth=row.depth,
            questions=tuple(asked.get(row.record_id or "", ())),
        )
        for row, name in zip(rows, names, strict=True)
    )
