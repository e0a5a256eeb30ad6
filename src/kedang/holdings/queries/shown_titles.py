"""Titles of a page of records as a list may show them: personal values covered, names of customers by permission.

A title comes from a file name or a subject line and may name anybody. What the appraisal would find in it is covered,
and every name of a customer to whom the record is linked; the names of those whom the asker may see stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from kedang.access.covering import Part, covered
from kedang.appraisal.findings import find_personal_data
from kedang.appraisal.name_shapes import cell_is_name
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, key_of
from kedang.holdings.adapters.names import case_name, customer_name
from kedang.holdings.errors import RecordDestroyed
from kedang.holdings.models import Customer, Link, Record
from kedang.records.content import Finding, FindingCategory

LONGEST = 200  # code points of a title that a list shows; a subject line can be a letter
NAMES_OF_A_RECORD = 20  # linked customers whose names are looked for; a list of customers has thousands
SHORTEST_ALIAS = 3  # code points of a company's name by which a title calls it
_NAME_KINDS = {"person": FindingCategory.PERSON_NAME, "organisation": FindingCategory.ORGANISATION_NAME}
_NAMES = frozenset(_NAME_KINDS.values())
_PIECE = re.compile(r"[^\s0-9_\-—.（）()【】\[\]+,，、~“”‘’\"'《》:：;；/\\|]{2,14}")
_NO_NAMES = frozenset({"终稿", "定稿", "白板", "商务函", "年资料"})
"""Words of file names that have the shape of a name."""


def shown_titles(
    archive: Archive, records: Sequence[Record], *, seen: QuerySet[Customer]
) -> Mapping[str, tuple[Part, ...]]:
    """The title of each record by its id, in parts; no parts for one that has been destroyed.

    `seen` are the customers whose names the asker may read (`customers_seen`). The texts of the records are not
    opened, only their titles.
    """
    return titles_with_names(archive, records, names_by_record(archive, records, seen=seen))


def titles_with_names(
    archive: Archive, records: Sequence[Record], known: Mapping[str, Sequence[KnownName]]
) -> Mapping[str, tuple[Part, ...]]:
    """The same for whoever has the names already."""
    own = case_name(archive)
    return {
        record.id: _covered(title_of(archive, record), known.get(record.id, ()), own) for record in records
    }


def shown_names(
    archive: Archive, named: Sequence[tuple[str, str]], *, seen: QuerySet[Customer]
) -> list[tuple[Part, ...]]:
    """Names of files, each with the id of its record (empty: it has none), covered as titles are."""
    known = _names_of(archive, [record for record, _ in named if record], seen)
    own = case_name(archive)
    return [_covered(name, known.get(record, ()), own) for record, name in named]


def title_of(archive: Archive, record: Record) -> str:
    """The title as it is, with every value in it; empty when the record has been destroyed."""
    if record.state == DESTROYED:
        return ""
    try:
        key = key_of(archive, record)
    except RecordDestroyed:
        return ""
    title = str(archive.open(key, record.id, "record.sealed", record.sealed)["title"])
    return title if len(title) <= LONGEST else title[:LONGEST] + "…"


@dataclass(frozen=True, slots=True)
class KnownName:
    """A customer's name that may stand in a title."""

    name: str
    kind: FindingCategory
    may_be_seen: bool


def names_by_record(
    archive: Archive, records: Sequence[Record], *, seen: QuerySet[Customer]
) -> dict[str, list[KnownName]]:
    """The names of each record's first customers, NAMES_OF_A_RECORD at most, by its id."""
    return _names_of(archive, [record.id for record in records], seen)


def _names_of(
    archive: Archive, record_ids: Sequence[str], seen: QuerySet[Customer]
) -> dict[str, list[KnownName]]:
    links = Link.objects.filter(case_id=archive.case_id, record_id__in=record_ids)
    place = Window(RowNumber(), partition_by=[F("record_id")], order_by=[F("customer_id").asc()])
    pairs = list(
        links.annotate(place=place)
        .filter(place__lte=NAMES_OF_A_RECORD)
        .values_list("record_id", "customer_id")
        .distinct()
    )
    rows = Customer.objects.in_bulk({customer for _, customer in pairs})
    visible = set(seen.filter(id__in=list(rows)).values_list("id", flat=True))
    names = {
        one: KnownName(customer_name(archive, row), _NAME_KINDS[row.kind], one in visible)
        for one, row in rows.items()
        if row.key_page
    }
    found: dict[str, list[KnownName]] = {}
    for record, customer in pairs:
        if customer in names:
            found.setdefault(record, []).append(names[customer])
    return found


def _covered(title: str, known: Iterable[KnownName], own: str) -> tuple[Part, ...]:
    """The parts of one title; names that may be seen, and that of the case, open what is found at their place."""
    known = [one for one in known if len(one.name) > 1]
    names = (own, *(one.name for one in known if one.may_be_seen))
    readable = [span for name in names for span in _places(title, name)]
    findings = [
        one
        for one in (*find_personal_data(title).findings, *_lone_names(title))
        if one.category not in _NAMES or not _may_be_read(title, one, readable, names)
    ]
    findings += [
        Finding(one.kind, start, end, 1.0)
        for one in known
        if not one.may_be_seen
        for start, end in _places(title, one.name)
    ]
    return covered(title, findings)


def _may_be_read(
    title: str, found: Finding, readable: Iterable[tuple[int, int]], names: Iterable[str]
) -> bool:
    """Whether a name lies within one that may be read, or is how one of these is called for short."""
    value = title[found.start : found.end]
    return any(start <= found.start and found.end <= end for start, end in readable) or (
        len(value) >= SHORTEST_ALIAS and any(value in name for name in names)
    )


def _lone_names(title: str) -> Iterator[Finding]:
    """Names of persons between brackets, quotation marks, dashes: in a file name no sentence tells of them."""
    for piece in _PIECE.finditer(title):
        if piece.group() not in _NO_NAMES and cell_is_name(piece.group(), certain=False):
            yield Finding(FindingCategory.PERSON_NAME, *piece.span(), 0.8)


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(re.escape(name), text)) if name else iter(())
