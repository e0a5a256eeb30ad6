"""Rows behind what extraction reads of a table: read like those before them, some thousand at a time.

What columns mean is known from the rows that were read: their headers and the first rows below go before each
batch, and whom the batch names is found as everywhere. A line of headers in the middle begins another table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kedang.appraisal.findings import find_personal_data
from kedang.extraction.assembly import TextAssembly
from kedang.extraction.limits import Limits
from kedang.pipeline.column_words import overrides_said
from kedang.pipeline.kept_mentions import founding_of
from kedang.pipeline.table_messages import HeadsRead
from kedang.records.sheets import Sheet
from kedang.resolution.columns import begins_section
from kedang.resolution.links import Own, link_keys, may_link_by_name
from kedang.resolution.mentions import Mention, mentions_of_rows
from kedang.resolution.named_rows import NamedInRow, NamedRow

SAMPLE_ROWS = 200  # as many as columns are told by
LONGEST_CELL = 300  # characters; what is longer is running text and ties nobody


class RowsBehind:
    """Takes the rows of a file's tables in order; says whom those name that extraction has not read."""

    def __init__(self, heads: HeadsRead, own: Own) -> None:
        self._heads = heads
        self._left = list(heads.tables)
        self._overrides = overrides_said(heads.columns)
        self._own = own
        self._table = 0
        self._name = ""
        self._first = 1
        self._behind = 1
        self._headers: Sequence[str] = ()
        self._sample: list[Sequence[str]] = []
        self._rows: list[tuple[int, Sequence[str]]] = []
        self._named: list[NamedRow] = []

    def begin(self, table: int, sheet: Sheet) -> None:
        """The next table: what of it was read is known by its name."""
        self._read_batch()
        read = next((one for one in self._left if one.name.strip() == sheet.name.strip()), None)
        if read is not None:
            self._left.remove(read)
        self._table, self._name = table, sheet.name
        self._first = read.first_row if read is not None else sheet.header_row + 1
        self._behind = self._first + (read.rows if read is not None else 0)
        self._headers, self._sample = sheet.headers, []

    def wants(self, number: int) -> bool:
        """Whether a row stands below the headers."""
        return number >= self._first

    def take(self, number: int, cells: Sequence[str]) -> None:
        """The next row below the headers."""
        said = tuple(cell if len(cell) <= LONGEST_CELL else "" for cell in cells)
        if (self._sample or self._rows) and begins_section(self._headers, said):
            self._read_batch()
            self._headers, self._sample = said, []
            return
        if number >= self._behind:
            self._rows.append((number, said))
        elif len(self._sample) < SAMPLE_ROWS and (any(said) or not self._sample):
            self._sample.append(said)

    def named(self) -> tuple[NamedRow, ...]:
        """Whom the rows behind name that have come since this was asked last."""
        self._read_batch()
        found, self._named = tuple(self._named), []
        return found

    def _read_batch(self) -> None:
        if not self._rows:
            return
        rows = [*self._sample, *(cells for _, cells in self._rows)]
        assembly = TextAssembly(Limits())
        assembly.write_rows(self._name, self._headers, rows, first_row=1)
        extraction = assembly.extraction()
        findings = find_personal_data(extraction.text, extraction.tables).findings
        mentions = mentions_of_rows(
            extraction,
            findings,
            title=self._heads.title,
            is_personal=self._heads.is_personal,
            overrides=self._overrides,
        )
        by_row: dict[int, list[NamedInRow]] = {}
        for mention in mentions:
            if mention.row is not None and mention.row[1] >= len(self._sample):
                by_row.setdefault(mention.row[1] - len(self._sample), []).extend(self._tied_by(mention))
        for place, named in sorted(by_row.items()):
            if named:
                self._named.append(NamedRow(self._table, self._rows[place][0], tuple(named)))
        missing = SAMPLE_ROWS - len(self._sample)
        self._sample += [cells for _, cells in self._rows if any(cells)][:missing]
        self._rows = []

    def _tied_by(self, mention: Mention) -> Iterator[NamedInRow]:
        keys = link_keys(mention)
        if keys and not self._own.is_own(mention):
            yield NamedInRow(
                mention.kind,
                mention.role,
                founding_of(mention, self._own),
                may_link_by_name(mention),
                mention.raw,
                tuple((key.kind, key.value) for key in keys),
            )
