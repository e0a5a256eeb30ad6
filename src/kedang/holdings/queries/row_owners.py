"""Whose each row of a record's tables is: at most one customer's, else nobody's.

A row belongs to the customer whom it is about. Where it names several, the part in which they stand decides
(a list's own customer before a buyer, a buyer before who pays or receives), then who is named first. People
of the closing company, and those whom the words of a cell only mention, own no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from kedang.extraction.errors import ROWS_CUT, TEXT_CUT
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.column_meanings import words_of_record
from kedang.holdings.adapters.contents import derived_payload
from kedang.holdings.adapters.kept_mentions import mentions_payload
from kedang.holdings.adapters.links import open_link
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.models import CustomerKey, Link, MentionKey, Ordered, Record
from kedang.holdings.row_set_errors import NotSplit
from kedang.pipeline.derived import DERIVED_VERSION, Derived
from kedang.pipeline.table_messages import HeadsRead, TableRead
from kedang.records.content import Extraction, Format, RecordClass
from kedang.records.ids import CustomerId
from kedang.records.sheets import Sheet
from kedang.resolution.links import Candidate, KeyKind, Linked, LinkKey, decide

RANK: Mapping[str, int] = {
    part: rank
    for rank, part in enumerate(
        (
            "customer-list", "alias", "buyer", "contract-party", "payer", "receiver", "complainant", "payee",
            "recipient", "sender", "contact", "named", "seller",
        )
    )
}  # fmt: skip
"""Parts in which a customer owns the row, the foremost first."""
MENTIONS_AT_ONCE = 2000
LOOKUP = 400
ERASED = "erased"
"""Owner of rows that an order of destruction has named already: they go into no set."""
Place = tuple[int, int]
"""Table and row as extraction counts them, from 0."""


class _RowMention(msgspec.Struct, gc=False):
    at: int
    role: str
    row: tuple[int, int] | None = None


class _RowMentions(msgspec.Struct):
    mentions: list[_RowMention] = []


class TableHead(msgspec.Struct):
    """A table as extraction has it, without its rows."""

    name: str
    first_row: int


class _Problem(msgspec.Struct):
    code: str


class _Tables(msgspec.Struct):
    tables: list[TableHead] = []
    problems: list[_Problem] = []


class _Appraised(msgspec.Struct):
    title: str
    record_class: RecordClass


class _Heads(msgspec.Struct):
    name: str
    folders: tuple[str, ...]
    format: Format
    sha256: str
    size_bytes: int
    extraction: _Tables
    appraisal: _Appraised | None = None


class _TableRows(msgspec.Struct):
    name: str
    first_row: int
    row_starts: list[int]


class _Counted(msgspec.Struct):
    tables: list[_TableRows]


class _Rows(msgspec.Struct):
    extraction: _Counted


_MENTIONS = msgspec.json.Decoder(_RowMentions)
_HEADS = msgspec.json.Decoder(_Heads)
_ROWS = msgspec.json.Decoder(_Rows)


@dataclass(frozen=True, slots=True)
class Heads:
    """What is known of a record and its tables, without text and rows."""

    derived: Derived
    tables: tuple[TableHead, ...]
    read: HeadsRead | None = None
    """How far each table was read, when not all of them were read to the end."""


def heads_of(archive: Archive, record: Record) -> Heads:
    """The record's format and the heads of its tables.

    Raises:
        NotSplit: it could not be examined.
    """
    payload = derived_payload(archive, record)
    if not payload:
        raise NotSplit(record=record.id, because="unread")
    said = _HEADS.decode(payload)
    derived = Derived(
        DERIVED_VERSION,
        said.name,
        said.folders,
        said.sha256,
        said.size_bytes,
        said.format,
        Extraction(),
        None,
    )
    read = None
    if said.appraisal is not None and any(
        one.code in (TEXT_CUT, ROWS_CUT) for one in said.extraction.problems
    ):
        read = HeadsRead(
            tuple(
                TableRead(one.name, one.first_row, len(one.row_starts))
                for one in _ROWS.decode(payload).extraction.tables
            ),
            title=said.appraisal.title,
            is_personal=said.appraisal.record_class is RecordClass.PERSONAL,
            columns=words_of_record(archive, record.id),
        )
    return Heads(derived, tuple(said.extraction.tables), read)


class Owners:
    """Whose each row is, by the numbers of the file."""

    def __init__(self, by_place: Mapping[Place, str], tables: Sequence[TableHead]) -> None:
        self._by_place = by_place
        self._tables = tables
        self._extracted: list[int | None] = []
        """Of each sheet, the place of its table as extraction counts them."""

    def by_place(self) -> Iterable[tuple[Place, str]]:
        """Every row that is somebody's, as extraction counts them."""
        return self._by_place.items()

    def of(self, sheets: Sequence[Sheet], table: int, number: int) -> str:
        """The customer whose row it is; empty for nobody."""
        while len(self._extracted) <= table:
            self._extracted.append(self._matching(sheets[len(self._extracted)]))
        place = self._extracted[table]
        if place is None:
            return ""
        return self._by_place.get((place, number - self._tables[place].first_row), "")

    def _matching(self, sheet: Sheet) -> int | None:
        taken = {one for one in self._extracted if one is not None}
        for place, head in enumerate(self._tables):
            if place not in taken and head.name.strip() == sheet.name.strip():
                return place
        return None


def row_owners(archive: Archive, record: Record, tables: Sequence[TableHead]) -> Owners:
    """Whose each row of a record is, as far as its mentions are certainly somebody's."""
    mentions = _MENTIONS.decode(payload).mentions if (payload := mentions_payload(archive, record)) else []
    standing = {one.at: one for one in mentions if one.row is not None and one.role in RANK}
    best: dict[Place, tuple[int, int, str]] = {}
    for at, customer in _customers(archive, record, standing):
        one = standing[at]
        claim = (RANK[one.role], at, customer)
        if one.row is not None and claim < best.get(one.row, (len(RANK), 0, "")):
            best[one.row] = claim
    owners = {place: claim[2] for place, claim in best.items()}
    owners.update(dict.fromkeys(_named_by_orders(archive, record), ERASED))
    return Owners(owners, tables)


def _named_by_orders(archive: Archive, record: Record) -> Iterator[Place]:
    """Rows that orders have named and that the original still held."""
    listed = Ordered.objects.filter(case_id=archive.case_id, kind="cells", subject=record.id)
    for rows in listed.values_list("rows", flat=True):
        for table, row in rows:
            yield int(table), int(row)


def _customers(
    archive: Archive, record: Record, standing: Mapping[int, _RowMention]
) -> Iterator[tuple[int, str]]:
    """Mentions that are certainly a customer's: as links say, else as their keys do."""
    told: set[int] = set()
    rows = Link.objects.filter(case_id=archive.case_id, record=record).order_by("customer_id")
    for link in rows.iterator(chunk_size=500):
        for at in open_link(archive, record.key_page, link).get("mentions", ()):
            if int(at) in standing:
                told.add(int(at))
                yield int(at), link.customer_id
    left = standing.keys() - told
    if left:
        yield from _by_keys(archive, record, left)


def _by_keys(archive: Archive, record: Record, wanted: Iterable[int]) -> Iterator[tuple[int, str]]:
    asked = frozenset(wanted)
    linked = set(
        Link.objects.filter(case_id=archive.case_id, record=record).values_list("customer_id", flat=True)
    )
    lines = (
        line
        for line in MentionKey.objects.filter(case_id=archive.case_id, record=record)
        .order_by("mention", "id")
        .values_list("mention", "kind", "fingerprint", "by_name")
        .iterator(chunk_size=2000)
        if line[0] in asked
    )
    waiting: list[tuple[int, list[Any]]] = []
    for at, some in groupby(lines, key=itemgetter(0)):
        waiting.append((at, list(some)))
        if len(waiting) >= MENTIONS_AT_ONCE:
            yield from _decided(archive, waiting, linked)
            waiting = []
    yield from _decided(archive, waiting, linked)


def _decided(
    archive: Archive, mentions: Sequence[tuple[int, list[Any]]], linked: set[str]
) -> Iterator[tuple[int, str]]:
    keys = {
        at: tuple(LinkKey(KeyKind(kind), bytes(mark).hex()) for _, kind, mark, _ in some)
        for at, some in mentions
    }
    holders = key_holders(archive, {key for some in keys.values() for key in some})
    for at, some in mentions:
        found = {one.customer: one for key in keys[at] for one in holders.get(key, ())}
        candidates = [found[one] for one in sorted(found)]
        decision = decide(keys[at], candidates, by_name=any(line[3] for line in some))
        if isinstance(decision, Linked) and decision.customer in linked:
            yield at, decision.customer


def key_holders(archive: Archive, keys: set[LinkKey]) -> Mapping[LinkKey, list[Candidate]]:
    """Every customer that holds one of the keys, by key, with all that he holds."""
    rows = CustomerKey.objects.filter(case_id=archive.case_id)
    marks = sorted({bytes.fromhex(key.value) for key in keys})
    names: set[str] = set()
    for start in range(0, len(marks), LOOKUP):
        names.update(
            rows.filter(fingerprint__in=marks[start : start + LOOKUP]).values_list("customer_id", flat=True)
        )
    held: dict[str, set[LinkKey]] = {one: set() for one in names}
    for some in in_batches(sorted(names)):
        for customer, kind, mark in rows.filter(customer_id__in=some).values_list(
            "customer_id", "kind", "fingerprint"
        ):
            held[customer].add(LinkKey(KeyKind(kind), bytes(mark).hex()))
    found: dict[LinkKey, list[Candidate]] = {}
    for one, mine in sorted(held.items()):
        candidate = Candidate(CustomerId(one), frozenset(mine))
        for key in mine & keys:
            found.setdefault(key, []).append(candidate)
    return found


def places_of_customers(archive: Archive, record: Record, customers: Iterable[str]) -> tuple[Place, ...]:
    """The rows of these customers in a record, as extraction counts them."""
    wanted = set(customers)
    owners = row_owners(archive, record, ())
    return tuple(sorted(place for place, owner in owners.by_place() if owner in wanted))
