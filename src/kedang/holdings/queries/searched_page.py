"""A page of what a search finds among the records that a person may read, with figures by facet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from kedang.access.covering import Covered
from kedang.access.index import COUNT_BOUND, Hit
from kedang.access.marking import mark_hits, snippet
from kedang.access.query import Expression, Filter, parse_query
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_index import Opened
from kedang.holdings.browsing_errors import CursorMalformed
from kedang.holdings.errors import RecordDestroyed
from kedang.holdings.models import Customer, Record
from kedang.holdings.queries.facets import Cell, Counted
from kedang.holdings.queries.filtering import FIELDS, admission
from kedang.holdings.queries.opened_record import opened_record
from kedang.holdings.queries.searching import records_of_hits
from kedang.holdings.queries.wanted import CELL_COLUMNS, OUTSIDE, Wanted, cell_columns, cell_of
from kedang.records.ids import IndexPartId

CELLS_AT_ONCE = 900  # rows of a part asked for in one question


@dataclass(frozen=True, slots=True)
class SnippetPiece:
    """A stretch of the text around hits: text, or the category of what is covered."""

    text: str
    category: str = ""
    hit: bool = False


@dataclass(frozen=True, slots=True)
class SearchedPage:
    """The hits of one page."""

    records: tuple[Record, ...]
    total: int
    exact: bool
    """Otherwise there are more than are counted."""
    incomplete: bool
    """Part of the index must be made again first."""
    counted: Counted | None
    """None when there are too many hits to count by facet."""
    following: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: the words, and the condition that the asker's grants make on records."""

    typed: str
    readable: Q
    wanted: Wanted
    today: date


def search_page(archive: Archive, opened: Opened, asked: Asked, *, after: str, limit: int) -> SearchedPage:
    """At most `limit` of the hits, newest first. None outside `asked.readable` is found, counted or looked at.

    Raises:
        NothingToSearch, QuoteOpen, BracketOpen …: the query cannot be read. CursorMalformed.
    """
    query = parse_query(asked.typed, fields=FIELDS)
    index, parts = opened
    wanted = asked.readable & asked.wanted.condition(archive.case_id, today=asked.today)
    admit = admission(archive, query.filters, wanted)
    start = _hit(after, parts)
    found = index.search(parts, query.expression, limit=limit, after=start, admit=admit)
    all_of_it = index.search(parts, query.expression, limit=0, admit=admit) if start else found
    rows = records_of_hits(archive, found.hits, wanted)
    there = [(hit, rows[hit.part, hit.ordinal]) for hit in found.hits if (hit.part, hit.ordinal) in rows]
    more = found.total > len(found.hits)
    return SearchedPage(
        records=tuple(record for _, record in there),
        total=all_of_it.total,
        exact=all_of_it.exact,
        incomplete=bool(found.unread),
        counted=_counted(archive, opened, query.expression, query.filters, asked),
        following=f"{found.hits[-1].part}.{found.hits[-1].ordinal}" if more and found.hits else "",
    )


def _hit(cursor: str, parts: Sequence[IndexPartId]) -> Hit | None:
    if not cursor:
        return None
    part, _, ordinal = cursor.partition(".")
    if part not in parts or not (ordinal.isascii() and ordinal.isdigit()):
        raise CursorMalformed()
    return Hit(IndexPartId(part), int(ordinal))


def _counted(
    archive: Archive, opened: Opened, expression: Expression, filters: Sequence[Filter], asked: Asked
) -> Counted | None:
    """The hits by cells, whatever is chosen of the facets in them; None when they are too many."""
    index, parts = opened
    outside = asked.wanted.only(OUTSIDE).condition(archive.case_id, today=asked.today)
    admit = admission(archive, filters, asked.readable & outside)
    if not index.search(parts, expression, limit=0, admit=admit).exact:
        return None
    hits = index.search(parts, expression, limit=COUNT_BOUND, admit=admit).hits
    return Counted(_cells(archive, hits, asked.today))


def _cells(archive: Archive, hits: Iterable[Hit], today: date) -> Counter[Cell]:
    by_part: dict[str, list[int]] = {}
    for hit in hits:
        by_part.setdefault(hit.part, []).append(hit.ordinal)
    found: Counter[Cell] = Counter()
    rows = Record.objects.filter(case_id=archive.case_id).annotate(**cell_columns(today=today))
    for part, ordinals in by_part.items():
        for start in range(0, len(ordinals), CELLS_AT_ONCE):
            some = rows.filter(indexed_part=part, indexed_row__in=ordinals[start : start + CELLS_AT_ONCE])
            found.update(cell_of(cell) for cell in some.values_list(*CELL_COLUMNS))
    return found


def words_of(typed: str) -> Expression:
    """The words of a search, for marking them.

    Raises:
        NothingToSearch, QuoteOpen …: it cannot be read.
    """
    return parse_query(typed, fields=FIELDS).expression


def shown_snippet(
    archive: Archive, record: Record, expression: Expression, *, seen: QuerySet[Customer]
) -> tuple[SnippetPiece, ...]:
    """The stretch of the record's text with the most hits, covered; nothing when the words stand elsewhere in it."""
    try:
        opened = opened_record(archive, record, seen=seen)
    except RecordDestroyed:
        return ()
    if not opened.judged or not mark_hits(opened.text, expression, limit=1):
        return ()
    around = snippet(opened.text, expression)
    hits = [(hit.start, hit.end) for hit in around.hits]
    return tuple(
        piece
        for part in opened.parts(around.start, around.end)
        for piece in (
            [SnippetPiece("", part.category.value)]
            if isinstance(part, Covered)
            else _cut(part.text, part.start, hits)
        )
    )


def _cut(text: str, start: int, hits: Sequence[tuple[int, int]]) -> Iterator[SnippetPiece]:
    """The text in pieces, such as are hits and such as are not."""
    at = start
    for left, right in hits:
        left, right = max(left, at), min(right, start + len(text))
        if left >= right:
            continue
        if left > at:
            yield SnippetPiece(_flat(text[at - start : left - start]))
        yield SnippetPiece(_flat(text[left - start : right - start]), hit=True)
        at = right
    if at < start + len(text):
        yield SnippetPiece(_flat(text[at - start :]))


def _flat(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")
