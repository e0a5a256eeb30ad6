"""Row sets checked: their blobs lie where rows say, as many as say so, and open to the rows that were counted."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import RowChunk, RowSet, SplitTable
from kedang.holdings.queries.faults import BLOB_MISSING, COUNT_DIFFERS, KEY_MISSING, Verification
from kedang.holdings.queries.row_sets import CHUNK_COLUMNS, open_chunk, outline_of
from kedang.holdings.queries.stored_objects import IndexedBlobs
from kedang.records.errors import KedangError
from kedang.resolution.row_sets import decode_chunk


@dataclass(slots=True)
class RowSetsCheck:
    """Every row set, its chunks in the order of their packs."""

    archive: Archive
    found: Verification
    blobs: IndexedBlobs
    deep: bool

    def check(self) -> None:
        """Look at everything; what is wrong is named."""
        for split in SplitTable.objects.filter(case_id=self.archive.case_id).order_by("id"):
            self._check_split(split)
        counted = self._check_chunks()
        rows = RowSet.objects.filter(case_id=self.archive.case_id).exclude(key_page="")
        for one, record, count in rows.values_list("id", "record_id", "rows").iterator(chunk_size=2000):
            if counted.get(one, 0) != count:
                self._fault(COUNT_DIFFERS, one, f"rowset/{one}", record)

    def _check_split(self, split: SplitTable) -> None:
        name = f"splittable/{split.id}"
        if not self._lies(split.pack, split.offset, split.length):
            self._fault(BLOB_MISSING, split.id, name, split.record_id)
            return
        if not self.deep:
            return
        try:
            outline = outline_of(self.archive, split)
        except (KedangError, KeyError) as error:
            self._fault(_code(error), split.id, name, split.record_id)
            return
        self.found.note_opened(split.pack, split.offset)
        if len(outline.sheets) != split.tables:
            self._fault(COUNT_DIFFERS, split.id, name, split.record_id)

    def _check_chunks(self) -> dict[str, int]:
        """How many rows each set has, as its chunks say."""
        counted: defaultdict[str, int] = defaultdict(int)
        chunks = RowChunk.objects.filter(case_id=self.archive.case_id).exclude(row_set__key_page="")
        columns = ("id", "row_set__record_id", "rows", *CHUNK_COLUMNS)
        for line in chunks.order_by("pack", "offset").values_list(*columns).iterator(chunk_size=2000):
            one, record, count, *place = line
            counted[place[1]] += count
            name = f"rowchunk/{one}"
            if not self._lies(*place[3:]):
                self._fault(BLOB_MISSING, str(one), name, record)
            elif self.deep:
                self._open(str(one), name, record, count, place)
        return counted

    def _open(self, one: str, name: str, record: str, count: int, place: list[str | int]) -> None:
        try:
            rows = sum(1 for _ in decode_chunk(open_chunk(self.archive, place)))
        except (KedangError, KeyError) as error:
            self._fault(_code(error), one, name, record)
            return
        self.found.note_opened(str(place[3]), int(place[4]))
        if rows != count:
            self._fault(COUNT_DIFFERS, one, name, record)

    def _lies(self, pack: str, offset: int, length: int) -> bool:
        return self.blobs[pack].get(offset) == length

    def _fault(self, code: str, subject: str, name: str, record: str) -> None:
        self.found.add(code, subject, name=name, records=(record,))


def _code(error: Exception) -> str:
    return error.code if isinstance(error, KedangError) else KEY_MISSING
