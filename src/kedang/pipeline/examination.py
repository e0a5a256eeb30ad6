"""One thing's way from bytes to a summary: recognise, extract, appraise, mentions. Pure, without keys."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Iterable, Sequence

from kedang.accession.limits import Limits as AccessionLimits
from kedang.accession.members import is_container, open_members
from kedang.accession.ranges import segment_ranges
from kedang.appraisal.appraise import AppraisalOptions, appraise
from kedang.appraisal.facts import latest_dates
from kedang.appraisal.findings import PersonModel
from kedang.extraction.extract import extract
from kedang.extraction.limits import Limits as ExtractionLimits
from kedang.extraction.recognition import recognise
from kedang.extraction.row_ranges import row_ranges
from kedang.pipeline.column_words import overrides_said
from kedang.pipeline.contents import content_of, digest_of, without
from kedang.pipeline.derived import DERIVED_VERSION, Derived, decode, encode
from kedang.pipeline.items import Item
from kedang.pipeline.keeping import Stopwatch, keep, of_fixity, read_item
from kedang.pipeline.kept_mentions import encode_mentions, founding_of
from kedang.pipeline.messages import (
    Examined,
    MentionKeys,
    OcrRequest,
    RangeOf,
    RowsRequest,
    RowsTaken,
    Summary,
    WorkerSetup,
)
from kedang.pipeline.scanned import PageReader
from kedang.records.content import Appraisal, Content, Extraction, Family, Format
from kedang.records.errors import KedangError
from kedang.resolution.columns import Overrides
from kedang.resolution.links import Own, link_keys, may_link_by_name
from kedang.resolution.mentions import Mention, mentions_of

ALWAYS_CONTAINERS = frozenset({Family.ARCHIVE, Family.MAILBOX})
"""Families that are containers even when nothing can be listed: what is missing must be said."""


def _name_model() -> PersonModel:
    """The model, in this process only when it is wanted: it brings an inference engine with it."""
    loaded = importlib.import_module("kedang.appraisal.name_model")
    persons: PersonModel = loaded.name_model().persons
    return persons


class Examiner:
    """Examines items one by one within one worker process."""

    def __init__(self, setup: WorkerSetup) -> None:
        self._process_key = setup.process_key
        self._understand = setup.understand
        self._appraisal = AppraisalOptions(person_model=_name_model() if setup.name_model else None)
        self._own = Own.of(setup.own_names, setup.own_numbers)
        self._columns = overrides_said(setup.columns)
        self._extraction = ExtractionLimits()
        self._accession = AccessionLimits()
        self._pages = PageReader(self._extraction)

    def examine(self, item: Item, *, only_digest: bool = False) -> Examined:
        """What the item is and holds; refused when its bytes cannot be had."""
        if only_digest or not self._understand:
            return keep(item, self._process_key)
        watch = Stopwatch()
        try:
            content, fixity = read_item(item, self._process_key)
        except KedangError as error:
            return Examined(ticket=item.ticket, refused=error.code)
        watch.lap("read")
        return self._understood(item, content, of_fixity(item, fixity, watch), watch)

    def read_pages(self, request: OcrRequest) -> Examined:
        """The record again, with the text of the pages that had none."""
        watch = Stopwatch()
        base = decode(request.derived)
        content = content_of(request.item, self._process_key)
        extraction = self._pages.read(content, base.format, base.extraction)
        watch.lap("ocr")
        return self._appraised(
            request.item, base.format, extraction, bytes.fromhex(base.sha256), base.size_bytes, watch
        )

    def without_rows(self, request: RowsRequest) -> RowsTaken:
        """Which bytes the rows are, and what the rest is, read as the same format."""
        base = decode(request.derived)
        content = content_of(request.item, self._process_key)
        known = row_ranges(content, base.format, limits=self._extraction)
        if not known or request.rows[-1] >= len(known):
            return RowsTaken()
        ranges = tuple(known[row] for row in request.rows)
        rest = without(content, ranges)
        extraction = extract(rest, base.format, limits=self._extraction)
        digest = digest_of(rest)
        said = overrides_said(request.columns)
        appraised = self._appraised(
            request.item, base.format, extraction, digest, rest.size_bytes, Stopwatch(), said
        )
        return RowsTaken(ranges, appraised)

    def _understood(self, item: Item, content: Content, examined: Examined, watch: Stopwatch) -> Examined:
        found = recognise(content, name=item.name)
        watch.lap("recognise")
        extraction = extract(content, found, limits=self._extraction)
        watch.lap("extract")
        appraised = self._appraised(item, found, extraction, examined.sha256, examined.size_bytes, watch)
        holds = self._holds_members(content, found)
        ranges = (
            segment_ranges(
                content,
                found.name,
                self._accession,
                recognise=lambda member: recognise(member).name,
            )
            if holds
            else ()
        )
        watch.lap("containers")
        return Examined(
            ticket=item.ticket,
            sha256=examined.sha256,
            blake3=examined.blake3,
            size_bytes=examined.size_bytes,
            format=found,
            is_container=holds,
            ranges=tuple(RangeOf(r.offset, r.length, r.path) for r in ranges),
            summary=appraised.summary,
            derived=appraised.derived,
            mentions=appraised.mentions,
            seconds=watch.seconds,
        )

    def _appraised(
        self,
        item: Item,
        found: Format,
        extraction: Extraction,
        digest: bytes,
        size_bytes: int,
        watch: Stopwatch,
        columns: Overrides | None = None,
    ) -> Examined:
        appraisal = appraise(extraction, found, name=item.name, folders=item.folders, options=self._appraisal)
        watch.lap("appraise")
        derived = encode(
            Derived(
                version=DERIVED_VERSION,
                name=item.name,
                folders=item.folders,
                sha256=digest.hex(),
                size_bytes=size_bytes,
                format=found,
                extraction=extraction,
                appraisal=appraisal,
            )
        )
        said = self._columns if columns is None else columns
        mentions = mentions_of(extraction, appraisal, path=(*item.folders, item.name), overrides=said)
        summary = summary_of(extraction, appraisal, mentions, self._own)
        watch.lap("summarise")
        kept = encode_mentions(mentions, self._own)
        watch.lap("mentions")
        return Examined(
            ticket=item.ticket,
            sha256=digest,
            size_bytes=size_bytes,
            format=found,
            summary=summary,
            derived=derived,
            mentions=kept,
            seconds=watch.seconds,
        )

    def _holds_members(self, content: Content, found: Format) -> bool:
        if not is_container(found.name):
            return False
        if found.family in ALWAYS_CONTAINERS:
            return True
        return any(True for _ in open_members(content, found.name, limits=self._accession))


def summary_of(
    extraction: Extraction, appraisal: Appraisal, mentions: Sequence[Mention], own: Own
) -> Summary:
    """What goes into the record's row."""
    counts = Counter(finding.category.value for finding in appraisal.findings)
    return Summary(
        record_class=appraisal.record_class.value,
        class_permille=round(appraisal.class_confidence * 1000),
        accounting=appraisal.accounting,
        accounting_kind=appraisal.accounting_kind or "",
        sensitivity=appraisal.sensitivity.value,
        record_date=appraisal.record_date.isoformat() if appraisal.record_date else "",
        title=appraisal.title,
        text_source=extraction.text_source.value,
        pages=extraction.pages,
        awaits_ocr=bool(extraction.ocr_pages),
        trigger_dates=latest_dates(appraisal.facts),
        finding_counts=dict(counts),
        problems=extraction.problems + appraisal.problems,
        mentions=mention_keys(mentions, own),
    )


def mention_keys(mentions: Sequence[Mention], own: Own) -> tuple[MentionKeys, ...]:
    """Everybody named in the record who may be a customer and has something to be tied by."""
    return numbered_keys(enumerate(mentions), own)


def numbered_keys(mentions: Iterable[tuple[int, Mention]], own: Own) -> tuple[MentionKeys, ...]:
    """The same of mentions that have their numbers."""
    found = []
    for number, mention in mentions:
        keys = link_keys(mention)
        if not keys or own.is_own(mention):
            continue
        found.append(
            MentionKeys(
                number=number,
                party_kind=mention.kind.value,
                founding=founding_of(mention, own),
                by_name=may_link_by_name(mention),
                keys=tuple((key.kind.value, key.value) for key in keys),
            )
        )
    return tuple(found)
