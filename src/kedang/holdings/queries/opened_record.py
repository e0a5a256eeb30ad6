"""One record opened for somebody who may read it: its text in stretches, covered, with its facts marked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from kedang.access.covering import Covered, Part, covered
from kedang.appraisal.findings import find_personal_data
from kedang.appraisal.said_facts import CERTAIN
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, derived_of
from kedang.holdings.adapters.descriptions import facts_held
from kedang.holdings.adapters.names import customer_name, own_names
from kedang.holdings.models import Customer, Link, Record
from kedang.pipeline.derived import Derived
from kedang.pipeline.errors import PlaceNotTold
from kedang.pipeline.page_messages import PageRequest
from kedang.records.content import Fact, Family, Finding, FindingCategory, Place, Table, TextSource

NAMES_OF_A_RECORD = 200
UNSURE_ENDS = frozenset({"KD-E103", "KD-E107", "KD-E109"})
"""Not all of the text was read: nobody knows what stands on the other pages."""
MOST_LEARNT = 2_000  # values of a record that are looked for in its path


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text as it is shown."""

    text: str
    """Empty when it is covered."""
    start: int
    end: int
    category: str = ""
    """Of what is covered."""
    fact: int = 0
    """Number of the fact that it is part of, from 1; 0 for none."""


@dataclass(slots=True)
class OpenedRecord:
    """What was read of a record, and which stretches of it a person may see uncovered."""

    archive: Archive
    record: Record
    derived: Derived | None
    opened: tuple[tuple[int, int], ...] = field(default=())
    """Names of customers whom the person may see, and of the company itself."""
    names: frozenset[str] = field(default=frozenset(), repr=False)
    """The same names as they are."""
    facts: Sequence[Fact] = field(default=(), repr=False)
    """What was read from it, and what persons have said instead."""

    @property
    def text(self) -> str:
        """All of the text."""
        return self.derived.extraction.text if self.derived else ""

    @property
    def findings(self) -> Sequence[Finding]:
        """Its personal data."""
        appraisal = self.derived.appraisal if self.derived else None
        return appraisal.findings if appraisal else ()

    @property
    def tables(self) -> Sequence[Table]:
        """Its tables whose rows have a place in the text."""
        found = self.derived.extraction.tables if self.derived else ()
        return [table for table in found if len(table.row_starts) == len(table.rows)]

    @property
    def judged(self) -> bool:
        """Whether anybody has looked for personal data in it; without that nothing of it is shown."""
        return self.derived is not None and self.derived.appraisal is not None

    @property
    def pages(self) -> int:
        """How many pages can be drawn; 0 for what is shown as text."""
        if self.derived is None or not self.judged:
            return 0
        family, scanned = self.derived.format.family, self.derived.extraction.text_source is TextSource.OCR
        if family in (Family.PDF, Family.IMAGE) or (family is Family.OFD and scanned):
            return self.derived.extraction.pages or 0
        return 0

    def parts(self, start: int, end: int) -> tuple[Part, ...]:
        """A stretch of the text, covered."""
        near = [one for one in self.findings if one.start < end and one.end > start]
        return covered(self.text, near, opened=self.opened, within=(start, end))

    def pieces(self, start: int, end: int) -> list[Piece]:
        """A stretch of the text, covered, with the facts in it marked."""
        facts = [
            (number, one.start, one.end)
            for number, one in enumerate(self.facts, start=1)
            if one.start < end and one.end > start
        ]
        return [piece for part in self.parts(start, end) for piece in _marked(part, facts)]

    def whole(self, start: int, end: int) -> list[Piece]:
        """The stretch uncovered: somebody has revealed it."""
        return [Piece(self.text[start:end], start, end)]

    def page_stretch(self, page: int) -> tuple[int, int]:
        """Where the text of a page (from 1) stands; an empty stretch when nothing was read on it."""
        places: Sequence[Place] = self.derived.extraction.places if self.derived else ()
        for place in places:
            if place.kind == "page" and place.label == str(page):
                return place.start, place.end
        return (0, len(self.text)) if self.pages == 1 and not places else (0, 0)

    def page_request(self, page: int, *, whole: bool = False) -> PageRequest:
        """What is asked of a drawing process for a page (from 1).

        Raises:
            PlaceNotTold: not all of the record has been read, so nobody knows what stands on the page.
        """
        if self.derived is None or not self.judged:
            raise PlaceNotTold(record=self.record.id, page=page)
        extraction = self.derived.extraction
        unsure = self.record.awaits_ocr or UNSURE_ENDS & {problem.code for problem in extraction.problems}
        if unsure and not whole:
            raise PlaceNotTold(record=self.record.id, page=page)
        start, end = self.page_stretch(page)
        hidden = [
            self.text[one.start : one.end] for one in self.parts(start, end) if isinstance(one, Covered)
        ]
        facts = [
            self.text[one.start : one.end] if start <= one.start and one.end <= end else ""
            for one in self.facts
        ]
        return PageRequest(
            self.derived.format,
            page - 1,
            recognised=extraction.text_source is TextSource.OCR,
            whole=whole,
            hidden=tuple(hidden),
            readable=tuple({self.text[start:end] for start, end in self.opened}),
            marked=tuple(facts),
        )

    def fact_parts(self, fact: Fact) -> tuple[Part, ...]:
        """The value of a fact, covered: as it stands in the text, or as a person has said it."""
        if fact.confidence < CERTAIN:
            return self.parts(fact.start, fact.end)
        return self.value_parts(fact.kind, fact.value)

    def value_parts(self, kind: str, value: str) -> tuple[Part, ...]:
        """A value of a kind of fact that stands in no text, covered."""
        category = _COVERED_KINDS.get(kind)
        if category is None or value in self.names or not value:
            return self.covered_words(value)
        return (Covered(category, 0, len(value)),)

    def covered_words(self, words: str) -> tuple[Part, ...]:
        """A path or a name of the record, covered by what is found in it and by what is hidden in the text."""
        known = {
            self.text[one.start : one.end]: one.category
            for one in self.findings[:MOST_LEARNT]
            if one.end - one.start > 1 and not self._is_open(one)
        }
        learnt = [
            Finding(category, start, end, 1.0)
            for value, category in known.items()
            for start, end in (*_places(words, value), *(_common(words, value) if category in _NAMES else ()))
        ]
        seen = {self.text[start:end] for start, end in self.opened}
        found = [
            one
            for one in find_personal_data(words).findings
            if not any(words[one.start : one.end] in name for name in seen)
        ]
        return covered(words, [*found, *learnt])

    def _is_open(self, finding: Finding) -> bool:
        return any(start <= finding.start and finding.end <= end for start, end in self.opened)


_COVERED_KINDS = {
    "party": FindingCategory.ORGANISATION_NAME,
    "invoice_number": FindingCategory.INVOICE_NUMBER,
}
"""Kinds of facts whose values are personal as such: elsewhere than in their text nothing tells that they are."""


def opened_record(archive: Archive, record: Record, *, seen: QuerySet[Customer]) -> OpenedRecord:
    """The record opened; `seen` are the customers whose names may be read (`customers_seen`)."""
    return opened_with_names(archive, record, _names_seen(archive, record, seen))


def opened_with_names(archive: Archive, record: Record, seen: Iterable[str]) -> OpenedRecord:
    """The same for whoever knows the names of its customers that may be read."""
    derived = None if record.state == DESTROYED else derived_of(archive, record)
    found = OpenedRecord(archive, record, derived)
    if derived is not None:
        names = {*own_names(archive), *seen}
        found.names = frozenset(names)
        if derived.appraisal is not None:
            found.facts = facts_held(archive, record, derived.appraisal.facts)
        found.opened = tuple(sorted(span for name in names for span in _places(found.text, name)))
    return found


def _names_seen(archive: Archive, record: Record, seen: QuerySet[Customer]) -> Iterator[str]:
    linked = Link.objects.filter(case_id=archive.case_id, record=record).values("customer_id")
    for row in seen.filter(id__in=linked).exclude(key_page="")[:NAMES_OF_A_RECORD]:
        yield customer_name(archive, row)


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(re.escape(name), text)) if len(name) > 1 else iter(())


def _common(words: str, name: str) -> Iterator[tuple[int, int]]:
    """Where at least three characters of a name stand: file names shorten those of firms."""
    for at in range(len(words) - _SHORTENED + 1):
        if words[at : at + _SHORTENED] in name:
            yield at, at + _SHORTENED


_SHORTENED = 3
_NAMES = frozenset({FindingCategory.ORGANISATION_NAME, FindingCategory.PERSON_NAME})


def _marked(part: Part, facts: Sequence[tuple[int, int, int]]) -> Iterator[Piece]:
    """The part cut where facts begin and end."""
    if isinstance(part, Covered):
        fact = next((number for number, start, end in facts if start <= part.start < end), 0)
        yield Piece("", part.start, part.end, part.category.value, fact)
        return
    at = part.start
    for number, start, end in sorted(facts, key=lambda one: one[1:]):
        left, right = max(start, at), min(end, part.end)
        if left >= right:
            continue
        if left > at:
            yield Piece(part.text[at - part.start : left - part.start], at, left)
        yield Piece(part.text[left - part.start : right - part.start], left, right, fact=number)
        at = right
    if at < part.end:
        yield Piece(part.text[at - part.start :], at, part.end)
