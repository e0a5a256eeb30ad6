"""A page of what a search finds among the records that a person may read, with figures by facet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from kedang.access.covering import Covered
from kedang.access.index import COUNT_BOUND, Hit, Hits
from kedang.access.marking import snippet
from kedang.access.query import Expression, parse_query
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_index import Opened
from kedang.holdings.adapters.looking_up import any_of
from kedang.holdings.browsing_errors import CursorMalformed
from kedang.holdings.errors import RecordDestroyed
from kedang.holdings.models import Record
from kedang.holdings.queries.facets import Cell, Counted
from kedang.holdings.queries.filtering import FIELDS, admission
from kedang.holdings.queries.opened_record import opened_with_names
from kedang.holdings.queries.searching import records_of_hits
from kedang.holdings.queries.wanted import CELL, CELL_COLUMNS, OUTSIDE, Wanted, cell_columns, cell_of
from kedang.records.ids import IndexPartId


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
    start = _hit(after, parts)
    outside = asked.readable & asked.wanted.only(OUTSIDE).condition(archive.case_id, today=asked.today)
    admit = admission(archive, query.filters, outside)
    every = index.search(parts, query.expression, limit=COUNT_BOUND, admit=admit)
    cells = _cells(archive, every.hits, asked.today) if every.exact else None
    if cells is not None:
        wanted = [hit for hit in every.hits if hit in cells and asked.wanted.fits(cells[hit])]
        begin = wanted.index(start) + 1 if start in wanted else 0
        found, rest = tuple(wanted[begin : begin + limit]), wanted[begin + limit :]
        rows = records_of_hits(archive, found, outside)
        return _page(found, rows, Hits((), len(wanted), True, every.order, every.unread), bool(rest), cells)
    if asked.wanted.only(CELL).chosen:
        outside &= asked.wanted.only(CELL).condition(archive.case_id, today=asked.today)
        admit = admission(archive, query.filters, outside)
        every = index.search(parts, query.expression, limit=limit, admit=admit)
    some = every
    if start is not None:
        some = index.search(parts, query.expression, limit=limit, after=start, admit=admit)
    found = some.hits[:limit]
    rows = records_of_hits(archive, found, outside)
    return _page(found, rows, every, some.total > len(found), None)


def _page(
    found: Sequence[Hit],
    rows: Mapping[tuple[str, int], Record],
    every: Hits,
    more: bool,
    cells: Mapping[Hit, Cell] | None,
) -> SearchedPage:
    return SearchedPage(
        records=tuple(rows[hit.part, hit.ordinal] for hit in found if (hit.part, hit.ordinal) in rows),
        total=every.total,
        exact=every.exact,
        incomplete=bool(every.unread),
        counted=Counted(Counter(cells.values())) if cells is not None else None,
        following=f"{found[-1].part}.{found[-1].ordinal}" if more and found else "",
    )


def _hit(cursor: str, parts: Sequence[IndexPartId]) -> Hit | None:
    if not cursor:
        return None
    part, _, ordinal = cursor.partition(".")
    if part not in parts or not (ordinal.isascii() and ordinal.isdigit()):
        raise CursorMalformed()
    return Hit(IndexPartId(part), int(ordinal))


def _cells(archive: Archive, hits: Iterable[Hit], today: date) -> dict[Hit, Cell]:
    """The cell of each hit, whatever is chosen of the facets in them."""
    by_part: dict[IndexPartId, list[int]] = {}
    for hit in hits:
        by_part.setdefault(hit.part, []).append(hit.ordinal)
    found: dict[Hit, Cell] = {}
    rows = Record.objects.filter(case_id=archive.case_id).annotate(**cell_columns(today=today))
    for part, ordinals in by_part.items():
        some = rows.filter(indexed_part=part, indexed_row__in=any_of(ordinals))
        for row, *cell in some.values_list("indexed_row", *CELL_COLUMNS):
            found[Hit(part, row)] = cell_of(cell)
    return found


def words_of(typed: str) -> Expression:
    """The words of a search, for marking them.

    Raises:
        NothingToSearch, QuoteOpen …: it cannot be read.
    """
    return parse_query(typed, fields=FIELDS).expression


def shown_snippet(
    archive: Archive, record: Record, expression: Expression, *, names: Iterable[str]
) -> tuple[SnippetPiece, ...]:
    """The stretch of the record's text with the most hits, covered; nothing when the words stand elsewhere in it.

    `names` are those of its customers whom the asker may see.
    """
    try:
        opened = opened_with_names(archive, record, names)
    except RecordDestroyed:
        return ()
    around = snippet(opened.text, expression)
    if not opened.judged or not around.hits:
        return ()
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
