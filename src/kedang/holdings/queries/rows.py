"""Rows of tables that an order of destruction names, and those that are one customer's alone.

A row's number is its place in the table, 1 for the first row below the headers: what a person counts on the
screen, whatever stands above the headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.column_meanings import overrides_of
from kedang.holdings.adapters.contents import derived_of
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.errors import RowsMalformed, RowsUnknown
from kedang.holdings.models import CustomerKey, Record
from kedang.pipeline.derived import Derived
from kedang.records.content import Table
from kedang.records.ids import CustomerId
from kedang.resolution.links import Candidate, KeyKind, Linked, LinkKey, decide, link_keys, may_link_by_name
from kedang.resolution.mentions import Mention, mentions_of

DELIMITED = frozenset({"csv", "tsv"})
"""Formats whose rows are ranges of bytes."""
MOST_ROWS = 1_000_000  # as many as a table is read with
_SPAN = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?")


@dataclass(frozen=True, slots=True)
class NamedRows:
    """What a person has typed: a reference and the numbers of rows."""

    reference: str
    rows: tuple[int, ...]


def parse_rows(written: str) -> NamedRows:
    """`REF:3,7-9` read.

    Raises:
        RowsMalformed: it is not written so.
    """
    reference, colon, spans = written.rpartition(":")
    found: set[int] = set()
    for span in spans.replace("，", ",").split(","):
        match = _SPAN.fullmatch(span.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not (colon and reference and 0 < first <= last <= MOST_ROWS):
            raise RowsMalformed()
        found.update(range(first, last + 1))
    return NamedRows(reference.strip(), tuple(sorted(found)))


def is_delimited(record: Record) -> bool:
    """Whether rows of the record can go one by one."""
    return record.format_name in DELIMITED


def require_rows(archive: Archive, record: Record, rows: Sequence[int]) -> None:
    """Nothing when the record has a table with all these rows.

    Raises:
        RowsUnknown: it has none, or fewer.
    """
    table = table_of(derived_of(archive, record))
    there = len(table.rows) if table else 0
    if not rows or max(rows) > there:
        raise RowsUnknown(record=record.id, rows=there)


def table_of(derived: Derived | None) -> Table | None:
    """The first table; a delimited text has no other."""
    return derived.extraction.tables[0] if derived and derived.extraction.tables else None


def rows_of_customer(archive: Archive, record: Record, customer: str) -> tuple[int, ...]:
    """The rows that certainly speak of this customer and, as far as can be told, of no other."""
    derived = derived_of(archive, record)
    if table_of(derived) is None or derived is None or derived.appraisal is None:
        return ()
    by_row: dict[int, list[Mention]] = {}
    overrides = overrides_of(archive, record.id)
    for mention in mentions_of(derived.extraction, derived.appraisal, overrides=overrides):
        if mention.row is not None and mention.row[0] == 0:
            by_row.setdefault(mention.row[1], []).append(mention)
    keys = {row: [_keys(archive, one) for one in some] for row, some in by_row.items()}
    known = _Known(archive, (key for some in keys.values() for one in some for key in one))
    return tuple(
        row + 1
        for row, some in sorted(by_row.items())
        if known.speaks_only_of(customer, zip(some, keys[row], strict=True))
    )


def _keys(archive: Archive, mention: Mention) -> tuple[LinkKey, ...]:
    """What the mention may be tied by, as the database has it."""
    recogniser = archive.recogniser()
    return tuple(
        LinkKey(key.kind, recogniser.mention(key.kind.value, key.value).hex()) for key in link_keys(mention)
    )


class _Known:
    """The customers that hold any of some keys, with all that they hold."""

    def __init__(self, archive: Archive, keys: Iterable[LinkKey]) -> None:
        rows = CustomerKey.objects.filter(case_id=archive.case_id)
        marks = sorted({bytes.fromhex(key.value) for key in keys})
        holders: set[str] = set()
        for start in range(0, len(marks), 400):
            some = rows.filter(fingerprint__in=marks[start : start + 400])
            holders.update(some.values_list("customer_id", flat=True))
        held: dict[str, set[LinkKey]] = {one: set() for one in holders}
        for batch in in_batches(sorted(holders)):
            columns = ("customer_id", "kind", "fingerprint")
            for customer, kind, mark in rows.filter(customer_id__in=batch).values_list(*columns):
                held[customer].add(LinkKey(KeyKind(kind), bytes(mark).hex()))
        self._candidates = [Candidate(CustomerId(one), frozenset(keys)) for one, keys in sorted(held.items())]
        self._by_key: dict[LinkKey, list[Candidate]] = {}
        for candidate in self._candidates:
            for key in candidate.keys:
                self._by_key.setdefault(key, []).append(candidate)

    def speaks_only_of(self, customer: str, mentions: Iterable[tuple[Mention, tuple[LinkKey, ...]]]) -> bool:
        """Whether a mention is certainly the customer, and none is or may be another."""
        certain = False
        for mention, keys in mentions:
            candidates = self._holding(keys)
            if not candidates:
                continue
            decision = decide(keys, candidates, by_name=may_link_by_name(mention))
            if isinstance(decision, Linked):
                if decision.customer != customer:
                    return False
                certain = True
            elif any(one.customer != customer for one in candidates):
                return False
        return certain

    def _holding(self, keys: Iterable[LinkKey]) -> list[Candidate]:
        found = {one.customer: one for key in keys for one in self._by_key.get(key, ())}
        return [found[one] for one in sorted(found)]


def numbers_said(rows: Sequence[int]) -> str:
    """Row numbers as a person writes them: 3,7-9."""
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in _runs(rows))


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    begun: tuple[int, int] | None = None
    for row in rows:
        if begun is not None and row == begun[1] + 1:
            begun = (begun[0], row)
        else:
            if begun is not None:
                yield begun
            begun = (row, row)
    if begun is not None:
        yield begun


def merged(named: Iterable[tuple[str, Sequence[int]]]) -> Mapping[str, tuple[int, ...]]:
    """The rows by record; the same record may be named more than once."""
    found: dict[str, set[int]] = {}
    for record, rows in named:
        found.setdefault(record, set()).update(rows)
    return {record: tuple(sorted(rows)) for record, rows in found.items()}
