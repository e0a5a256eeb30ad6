"""One open archive, read as a person at a screen reads it."""

from __future__ import annotations

from pathlib import Path
from unicodedata import normalize

from bench.case import opened
from kedang.holdings.adapters.contents import key_of, original_bytes
from kedang.holdings.intake.indexing import texts_of
from kedang.holdings.models import Record
from kedang.holdings.queries.description import described
from kedang.holdings.queries.searching import open_index, search_records

HITS = 20


class Reader:
    """Calls that a screen makes."""

    def __init__(self, home: Path, page_rows: int) -> None:
        self._archive = opened(home)
        self._case = self._archive.case_id
        self._page_rows = page_rows
        self._index = open_index(self._archive)
        rows = Record.objects.filter(case_id=self._case, indexed_row__isnull=False)
        self.ids = list(rows.order_by("first_order").values_list("id", flat=True))

    def open(self, record_id: str) -> int:
        """The description, text included, and the original bytes."""
        record = Record.objects.get(case_id=self._case, id=record_id)
        described(self._archive, record)
        return sum(map(len, original_bytes(self._archive, record)))

    def page(self, record_id: str) -> list[str]:
        """The titles of a page of records from this one on."""
        first = Record.objects.values_list("first_order", flat=True).get(id=record_id)
        rows = Record.objects.filter(
            case_id=self._case, awaits_ocr__in=[False], first_order__gte=first
        ).order_by("first_order")[: self._page_rows]
        archive = self._archive
        return [
            archive.open(key_of(archive, row), row.id, "record.sealed", row.sealed)["title"] for row in rows
        ]

    def search(self, words: str) -> int | None:
        """The first hits, opened and marked; how many there are, None when more than are counted."""
        found = search_records(self._archive, f'"{words}"', limit=HITS, index=self._index)
        return found.total if found.exact else None

    def text(self, record_id: str) -> str:
        """The record's text."""
        return texts_of(self._archive, Record.objects.get(id=record_id))[-1]

    def recall(self, queries: list[str]) -> dict[str, int | float]:
        """Records that hold the queries, by reading every text, and how many of them the index counts."""
        totals = {words: self.search(words) for words in queries}
        found = {words: total for words, total in totals.items() if total is not None}
        holding = dict.fromkeys(found, 0)
        for record in Record.objects.filter(case_id=self._case).iterator(chunk_size=500):
            texts = [normalize("NFKC", text) for text in texts_of(self._archive, record)]
            for words in holding:
                holding[words] += any(words in text for text in texts)
        both = sum(min(found[words], holding[words]) for words in holding)
        return {
            "queries": len(found),
            "queries with more hits than are counted, left out": len(totals) - len(found),
            "records that hold them": sum(holding.values()),
            "found": sum(found.values()),
            "recall": both / max(1, sum(holding.values())),
        }
