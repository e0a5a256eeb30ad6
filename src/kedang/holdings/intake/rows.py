"""Rows made from arrivals and from what was examined; nothing here is saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from kedang.holdings.adapters.archive import Archive, said_bytes
from kedang.holdings.adapters.guarding import MENTION_COLUMNS, guard_all, mentions_mac
from kedang.holdings.adapters.record_columns import RECORD_SEALED
from kedang.holdings.intake.arrivals import Arrival
from kedang.holdings.intake.plain import (
    MentionRow,
    OccurrenceRow,
    QuestionRow,
    RecordRow,
    SegmentRow,
)
from kedang.holdings.models import Accession, Question, Record
from kedang.ledger.commitments import SALT_BYTES, content_commitment, salt_bound_to
from kedang.ledger.leaves import Event
from kedang.pipeline.messages import ColumnValue, Examined, MentionKeys, RangeOf, Sealed, Summary
from kedang.records.content import Family, Problem, RecordClass, Sensitivity, TextSource
from kedang.records.errors import code_texts
from kedang.vault.padding import padme

SORTING = "sorting"
NOT_EXAMINED = Summary(
    record_class=RecordClass.OTHER.value,
    class_permille=0,
    accounting=False,
    accounting_kind="",
    sensitivity=Sensitivity.PERSONAL.value,
    record_date="",
    title="",
    text_source=TextSource.NONE.value,
    pages=None,
    awaits_ocr=False,
    trigger_dates={},
    finding_counts={},
    problems=(),
    mentions=(),
)
"""Of what could not be examined: treated as personal until a person has looked at it."""


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """One range of a container on its way to be sealed."""

    length: int
    key_id: str
    key: bytes = field(repr=False)
    member_path: str


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """A record that is here already, or is being made in this batch."""

    record_id: str
    key_page: str
    """Empty while its page is not written."""
    is_container: bool
    commitment: bytes
    made: NewRecord | None = None
    """What it is made from, when that was not committed while it was looked up."""


@dataclass(slots=True)
class NewRecord:
    """A record being made: its row, its keys, and what still waits for the sealing process."""

    row: RecordRow
    key: bytes = field(repr=False)
    summary: Summary
    problem: str
    said: bytes = field(repr=False)
    """What its sealed column will hold."""
    segments: tuple[PlannedSegment, ...] = ()
    names: bytes = b""
    """The sealed names of the occurrence that it was made from."""
    lost: bool = False
    """The bytes changed before they were sealed; its occurrences are refused."""

    @property
    def is_container(self) -> bool:
        """Whether members will be received from it."""
        return self.row.is_container


def new_record(archive: Archive, arrival: Arrival, examined: Examined, mark: bytes) -> NewRecord:
    """The record of bytes that were not here before."""
    summary = examined.summary or NOT_EXAMINED
    found = examined.format
    salt = salt_of(examined, seed=archive.random_bytes(SALT_BYTES))
    row = RecordRow(
        id=archive.new_id(),
        case_id=archive.case_id,
        state=SORTING,
        fingerprint=mark,
        first_order=arrival.order_key,
        is_container=examined.is_container,
        media_type=found.media_type if found else "application/octet-stream",
        puid=(found.puid or "") if found else "",
        format_name=found.name if found else "",
        family=found.family.value if found else Family.OTHER.value,
        padded_bytes=padme(examined.size_bytes),
        commitment=content_commitment(examined.sha256, salt=bytes.fromhex(salt["salt"])),
    )
    describe(row, summary)
    key = archive.new_key()
    segments = tuple(_segments(archive, row.id, key, examined))
    row.segments = len(segments)
    title = summary.title or arrival.name
    said = said_bytes(title_and_salt(title, salt["salt"], [one.length for one in segments]) | salt)
    return NewRecord(row, key, summary, examined.problem, said, segments)


def salt_of(examined: Examined, *, seed: bytes) -> dict[str, Any]:
    """`salt` of a content's commitment; of long content also `fixity`, by which it can be checked faster.

    One that lies in ranges has none: a digest of the whole would outlive a range.
    """
    if not examined.blake3 or examined.ranges:
        return {"salt": seed.hex()}
    fixity = {"seed": seed.hex(), "blake3": examined.blake3.hex(), "sha256": examined.sha256.hex()}
    return {"salt": salt_bound_to(examined.blake3, seed=seed).hex(), "fixity": fixity}


def describe(row: RecordRow | Record, summary: Summary) -> None:
    """Write what a summary says into the record's clear columns."""
    row.pages = summary.pages
    row.text_source = summary.text_source
    row.awaits_ocr = summary.awaits_ocr
    row.record_class = summary.record_class
    row.class_permille = summary.class_permille
    row.accounting = summary.accounting
    row.accounting_kind = summary.accounting_kind
    row.sensitivity = summary.sensitivity
    row.record_date = date.fromisoformat(summary.record_date) if summary.record_date else None
    row.trigger_dates = summary.trigger_dates
    row.finding_counts = summary.finding_counts


def title_and_salt(title: str, salt: str, ranges: Sequence[int] = ()) -> dict[str, Any]:
    """What a record's sealed column holds; the salt is of its commitment.

    `ranges` are the sizes of the ranges of its bytes, in order: of one that is destroyed the size stays known.
    """
    said: dict[str, Any] = {"title": title, "salt": salt}
    return said | ({"ranges": list(ranges)} if ranges else {})


def _segments(archive: Archive, record_id: str, key: bytes, examined: Examined) -> Iterator[PlannedSegment]:
    """The container's bytes in order: ranges of members under keys of their own, the rest under its own."""
    if not examined.ranges:
        return
    at = 0
    for one in (*examined.ranges, RangeOf(examined.size_bytes, 0, ())):
        if one.offset > at:
            yield PlannedSegment(one.offset - at, record_id, key, "")
        if one.length:
            path = "/".join(map(str, one.member_path))
            yield PlannedSegment(one.length, archive.new_id(), archive.new_key(), path)
        at = one.offset + one.length


def place(archive: Archive, new: NewRecord, sealed: Sealed, pack: str) -> list[SegmentRow]:
    """Take over what the sealing process made of a record; the rows of its segments."""
    row = new.row
    row.sealed, new.names = sealed.columns
    if sealed.content is not None:
        row.content_pack = pack
        row.content_offset, row.content_length = sealed.content.offset, sealed.content.length
    if sealed.derived is not None:
        row.derived_pack = pack
        row.derived_offset, row.derived_length = sealed.derived.offset, sealed.derived.length
    if sealed.mentions is not None:
        row.mentions_offset, row.mentions_length = sealed.mentions.offset, sealed.mentions.length
    return [
        SegmentRow(
            case_id=archive.case_id,
            record_id=row.id,
            ordinal=ordinal,
            member_path=planned.member_path,
            key_id=planned.key_id,
            pack=pack,
            offset=at.offset,
            length=at.length,
        )
        for ordinal, (planned, at) in enumerate(zip(new.segments, sealed.segments, strict=True))
    ]


OCCURRENCE_SEALED = "occurrence.sealed"


def names_of(arrival: Arrival) -> dict[str, str]:
    """What an occurrence's sealed column holds."""
    return {
        "raw": arrival.raw_name.hex(),
        "name": arrival.name,
        "modified": arrival.modified.isoformat() if arrival.modified else "",
        "desk": arrival.desk,
    }


def columns_of(new: NewRecord, arrival: Arrival, occurrence_id: str) -> tuple[ColumnValue, ColumnValue]:
    """What the sealing process is to seal under a new record's key beside its parts."""
    return (
        ColumnValue(new.row.id, RECORD_SEALED, new.said),
        ColumnValue(occurrence_id, OCCURRENCE_SEALED, said_bytes(names_of(arrival))),
    )


def occurrence_row(
    archive: Archive,
    accession: Accession,
    arrival: Arrival,
    *,
    occurrence_id: str,
    sealed: bytes,
    desk: bytes,
    record_id: str | None,
    state: str,
    code: str = "",
) -> OccurrenceRow:
    """The occurrence of an arrival; `sealed` holds its names, `desk` is the fingerprint of its desk."""
    return OccurrenceRow(
        id=occurrence_id,
        case_id=archive.case_id,
        source_id=accession.source_id,
        accession_id=accession.id,
        parent_id=arrival.parent.occurrence if arrival.parent else None,
        record_id=record_id,
        order_key=arrival.order_key,
        depth=arrival.depth,
        ordinal=arrival.ordinal,
        place_fingerprint=arrival.place_fingerprint,
        stat_fingerprint=arrival.stat_fingerprint,
        desk_fingerprint=desk,
        version=arrival.version,
        state=state,
        code=code,
        sealed=sealed,
    )


def question_rows(
    archive: Archive, record_id: str, problems: tuple[Problem, ...], *, now: datetime
) -> list[QuestionRow]:
    """One open question for each code among the problems."""
    return questions_about(archive, [(record_id, problems)], now=now)


def questions_about(
    archive: Archive, problems: Iterable[tuple[str, tuple[Problem, ...]]], *, now: datetime
) -> list[QuestionRow]:
    """The same of many records, each with its problems."""
    texts = code_texts()
    rows = [
        QuestionRow(
            id=archive.new_id(),
            case_id=archive.case_id,
            record_id=record_id,
            code=problem.code,
            facts=problem.facts,
            blocking=texts[problem.code].blocking if problem.code in texts else True,
            raised=now,
        )
        for record_id, some in problems
        for problem in _first_of_each_code(some)
    ]
    guard_all(archive, Question, rows)
    return rows


def _first_of_each_code(problems: Iterable[Problem]) -> Iterable[Problem]:
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.code, problem)
    return first.values()


def questions_raised(archive: Archive, questions: list[QuestionRow]) -> list[Event]:
    """One event for each question."""
    return [
        Event(
            archive.agent,
            "question-raised",
            (f"question:{question.id}", f"record:{question.record_id}"),
            {"code": question.code, "blocking": question.blocking},
        )
        for question in questions
    ]


def mention_rows(archive: Archive, row: RecordRow | Record, summary: Summary) -> list[MentionRow]:
    """The fingerprints of everything that the record's mentions are called by, for which it vouches from now on."""
    return rows_of_keys(archive, row, summary.mentions)


def rows_of_keys(
    archive: Archive, row: RecordRow | Record, mentions_said: Iterable[MentionKeys]
) -> list[MentionRow]:
    """The same of mentions that were made anew."""
    recogniser = archive.recogniser()
    mentions = [
        MentionRow(
            case_id=archive.case_id,
            record_id=row.id,
            mention=mention.number,
            party_kind=mention.party_kind,
            founding=mention.founding,
            by_name=mention.by_name,
            kind=kind,
            fingerprint=recogniser.mention(kind, value),
        )
        for mention in mentions_said
        for kind, value in mention.keys
    ]
    row.mentions_mac = mentions_mac(archive, row.id, map(_mention_values, mentions))
    return mentions


_mention_values = attrgetter(*MENTION_COLUMNS)
