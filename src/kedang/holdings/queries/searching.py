"""Search over the encrypted index; every hit is opened and checked before it is shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q

from kedang.access.index import Hit, Order, SearchIndex
from kedang.access.marking import mark_hits, snippet
from kedang.access.part import IndexPart
from kedang.access.query import parse_query
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import key_of
from kedang.holdings.errors import RecordDestroyed
from kedang.holdings.intake.indexing import part_path, texts_of
from kedang.holdings.models import IndexPart as PartRow
from kedang.holdings.models import Record
from kedang.holdings.queries.filtering import FIELDS, admission
from kedang.records.errors import KedangError
from kedang.records.ids import IndexPartId


@dataclass(frozen=True, slots=True)
class Found:
    """One hit."""

    record_id: str
    reference_code: str
    title: str
    record_class: str
    state: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    """[start, end) of the hits in the snippet, in code points."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found."""

    hits: tuple[Found, ...]
    total: int
    exact: bool
    incomplete: bool
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The hits for a program."""
        return {
            "total": self.total,
            "exact": self.exact,
            "incomplete": self.incomplete,
            "seconds": round(self.seconds, 4),
            "hits": [
                {
                    "record_id": found.record_id,
                    "reference_code": found.reference_code,
                    "title": found.title,
                    "class": found.record_class,
                    "state": found.state,
                    "snippet": found.snippet,
                    "marks": found.marks,
                }
                for found in self.hits
            ],
        }


def open_index(archive: Archive) -> tuple[SearchIndex, list[IndexPartId]]:
    """The index of the case and its parts, newest first."""
    rows = PartRow.objects.filter(case_id=archive.case_id)

    def open_part(part_id: IndexPartId) -> IndexPart:
        file, page = rows.values_list("file", "key_page").get(id=part_id)
        try:
            key = archive.key(page, file)
        except (KeyError, ObjectDoesNotExist):
            made_again = rows.values_list("file", "key_page").get(id=part_id)
            if made_again[0] == file:
                raise
            file, key = made_again[0], archive.key(made_again[1], made_again[0])
        return IndexPart(part_path(archive, file), key)

    parts = rows.order_by("-ordinal").values_list("id", flat=True)
    return SearchIndex(open_part), [IndexPartId(part) for part in parts]


def search_records(
    archive: Archive,
    typed: str,
    *,
    limit: int,
    index: tuple[SearchIndex, list[IndexPartId]] | None = None,
    within: Q | None = None,
) -> Searched:
    """At most `limit` records that hold what was typed, newest first.

    `within`: the records that the asker may read, as a condition; others are neither found nor counted.

    Raises:
        NothingToSearch, QuoteOpen, BracketOpen …: the query cannot be read.
    """
    started = time.perf_counter()
    query = parse_query(typed, fields=FIELDS)
    search_index, parts = index if index is not None else open_index(archive)
    try:
        hits = search_index.search(
            parts,
            query.expression,
            limit=limit,
            order=Order.NEWEST,
            admit=admission(archive, query.filters, within),
        )
    finally:
        if index is None:
            search_index.close()
    records = records_of_hits(archive, hits.hits, within)
    there = filter(None, (records.get((hit.part, hit.ordinal)) for hit in hits.hits))
    return Searched(
        hits=tuple(filter(None, (_shown(archive, record, query.expression) for record in there))),
        total=hits.total,
        exact=hits.exact,
        incomplete=bool(hits.unread),
        seconds=time.perf_counter() - started,
    )


def records_of_hits(
    archive: Archive, hits: tuple[Hit, ...], within: Q | None = None
) -> dict[tuple[str, int], Record]:
    """The records of hits by part and row, such as lie `within`."""
    by_part: dict[str, list[int]] = {}
    for hit in hits:
        by_part.setdefault(hit.part, []).append(hit.ordinal)
    return {
        (part, record.indexed_row or 0): record
        for part, ordinals in by_part.items()
        for record in Record.objects.filter(
            within or Q(), case_id=archive.case_id, indexed_part=part, indexed_row__in=ordinals
        )
    }


def _shown(archive: Archive, record: Record, expression: Any) -> Found | None:
    """The hit; None when the record was destroyed between its row and its key."""
    try:
        return _found(archive, record, expression)
    except RecordDestroyed:
        return None
    except (KedangError, KeyError):
        now = Record.objects.get(id=record.id)
        if bytes(now.mac) == bytes(record.mac):
            raise
        return _found(archive, now, expression)  # it was sealed anew just now, without some of its rows


def _found(archive: Archive, record: Record, expression: Any) -> Found:
    title = archive.open(key_of(archive, record), record.id, "record.sealed", record.sealed)["title"]
    texts = texts_of(archive, record)
    best = next((text for text in reversed(texts) if mark_hits(text, expression)), texts[-1])
    shown = snippet(best, expression)
    return Found(
        record_id=record.id,
        reference_code=record.reference_code or "",
        title=str(title),
        record_class=record.record_class,
        state=record.state,
        snippet=shown.text.replace("\n", " ").replace("\t", " "),
        marks=tuple(
            (hit.start - shown.start, hit.end - shown.start)
            for hit in shown.hits
            if hit.start >= shown.start and hit.end <= shown.end
        ),
    )
