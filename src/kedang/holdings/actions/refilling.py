"""Rows of a snapshot back into empty tables. What the ring has no key for comes back empty.

Pages of the ring keep their logical ids: a row says `key_page` L, and whichever page of today's ring has the
row's holder is where L lies now, because a change of epoch moves pages one to one. Only a record that has lost rows
has its key in another page now; where rows of one page do not agree, most of them are right, and the others are
pointed to where their key lies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from kedang.holdings.actions.erasing import close, empty_customer, empty_records
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.retiring import withhold_sets
from kedang.holdings.actions.snapshot_marks import SEALED as MARKS_SEALED
from kedang.holdings.actions.snapshot_rows import FINGERPRINTS, model_of
from kedang.holdings.actions.twin_keys import TwinKeys
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.guarding import guarded, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.kept_snapshots import MARKS
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.errors import CopyUnusable
from kedang.holdings.models import (
    Customer,
    CustomerKey,
    KeyPage,
    MentionKey,
    Occurrence,
    Record,
    RowSet,
    Segment,
    Snapshot,
    Source,
    SplitTable,
)
from kedang.preservation.snapshot_values import Value
from kedang.preservation.snapshots import SnapshotReader
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId

AT_ONCE = 500
MARK_BYTES = 32
HOLDER = {"segment": "key_id", "indexpart": "file"}
"""Column that names the holder of a row's key, where it is not the row's own id."""
KEYED: Sequence[type[Model]] = (Source, Record, Segment, Customer, Snapshot, SplitTable, RowSet)
"""Tables whose rows name a page, besides the case."""
MOST_ROWS = 1 << 40
WITHHELD = ("record", "customer", "segment", "snapshot", "splittable", "rowset")
"""Tables whose rows may have lost their key by a destruction; any other that has is a fault of the copy."""


class Refilling:
    """One snapshot on its way into the tables, in the caller's transaction."""

    def __init__(
        self,
        case: CaseId,
        pages: Mapping[str, int],
        page_of: Mapping[bytes, str],
        twins: TwinKeys,
        opened: Callable[[], Archive],
        random_bytes: Callable[[int], bytes],
        progress: Progress,
    ) -> None:
        self._case = case
        self._pages = pages
        self._page_of = dict(page_of)
        self._twins = twins
        self._opened = opened
        self._random_bytes = random_bytes
        self._progress = progress
        self._pairs: Counter[tuple[str, str]] = Counter()
        """How many rows say of a logical page that it lies in a page of the ring."""
        self._logical: dict[str, str] = {}
        """Logical id of each page of the ring."""
        self._moved: dict[type[Model], set[str]] = {}
        """Rows that are pointed to another page, by table."""
        self.resealed: list[str] = []
        """Records that nothing in the snapshot opens of: they have another key since."""
        self._waiting: tuple[str, list[Any]] = ("", [])

    def refill(self, reader: SnapshotReader) -> None:
        """All rows, then what recognises things again, then the emptying of what is withheld.

        Those that are `resealed` are left to whoever has what is left of them.

        Raises:
            CopyUnusable: the ring lacks a key that no destruction ends.
        """
        marks: list[tuple[str, bytes]] = []
        archive: Archive | None = None
        for table, row in reader:
            if table != MARKS:
                self._take(table, dict(row))
                continue
            if archive is None:
                self._flush()
                self._write_pages()
                archive = self._opened()
                self._repoint()
            marks.append((str(row["holder"]), _octets(row["sealed"])))
            if len(marks) >= AT_ONCE:
                self._mark(archive, marks)
                marks = []
        self._flush()
        if archive is not None:
            self._mark(archive, marks)
            self._guard_moved(archive)
            self._withhold(archive, reader.header.taken)

    def pages_passed_over(self) -> list[str]:
        """Logical ids of pages with keys that other pages have too and that no row was sealed under."""
        return [self._logical[page] for page in self._twins.passed_over()]

    def _take(self, table: str, row: dict[str, Value]) -> None:
        """One row, inserted with others of its table."""
        model = model_of(table)
        if model is None:
            raise LookupError(table)
        for column in FINGERPRINTS.get(table, ()):
            row[column] = self._random_bytes(MARK_BYTES) if column.endswith("fingerprint") else None
        if row.get("key_page"):
            self._place(table, row)
        if table == "rowchunk" and (twin := self._twins.choose(table, row, str(row["row_set_id"]))):
            self._page_of[bytes.fromhex(str(row["row_set_id"]))] = twin
        if table == "case":
            row["epoch"] = max(self._pages.values())
        if table != self._waiting[0] or len(self._waiting[1]) >= AT_ONCE:
            self._flush()
            self._waiting = (table, [])
        self._waiting[1].append(model(**row))
        self._progress.advance(1, 0)

    def _place(self, table: str, row: dict[str, Value]) -> None:
        """Note where the row's page lies now; a destroyed row keeps the name of a page that is nowhere."""
        holder, page = str(row[HOLDER.get(table, "id")]), str(row["key_page"])
        if twin := self._twins.choose(table, row, holder):
            self._page_of[bytes.fromhex(holder)] = twin
        stored = self._page_of.get(bytes.fromhex(holder))
        if stored is None:
            if table not in WITHHELD:
                raise CopyUnusable(table=table)
            return
        self._pairs[page, stored] += MOST_ROWS if table == "case" else 1  # the case's own page opens first

    def _flush(self) -> None:
        table, rows = self._waiting
        model = model_of(table)
        if model is not None and rows:
            insert_rows(model, rows)
        self._waiting = ("", [])

    def _write_pages(self) -> None:
        taken: set[str] = set()
        for (page, stored), _ in sorted(self._pairs.items(), key=lambda one: (-one[1], one[0])):
            if page not in taken and stored not in self._logical:
                taken.add(page)
                self._logical[stored] = page
        counts = Counter(self._page_of.values())
        for holder, pages in self._twins.pages_of.items():
            counts.update(page for page in pages if page != self._page_of[holder])
        KeyPage.objects.bulk_create(
            [
                KeyPage(
                    id=self._logical.setdefault(stored, stored),
                    case_id=self._case,
                    stored=stored,
                    epoch=epoch,
                    entries=counts[stored],
                )
                for stored, epoch in self._pages.items()
            ]
        )

    def _repoint(self) -> None:
        """Rows whose key does not lie where their page does."""
        astray = {page for page, stored in self._pairs if self._logical[stored] != page}
        for model in KEYED if astray else ():
            holder = HOLDER.get(model.__name__.lower(), "id")
            rows: Any = model._default_manager.filter(case_id=self._case, key_page__in=astray)
            for row in rows:
                stored = self._page_of.get(bytes.fromhex(getattr(row, holder)))
                if stored is not None and self._logical[stored] != row.key_page:
                    row.key_page = self._logical[stored]
                    row.save(update_fields=["key_page"])
                    self._moved.setdefault(model, set()).add(row.pk)

    def _guard_moved(self, archive: Archive) -> None:
        """The MACs of rows that were pointed to another page, when the fingerprints that they cover are back."""
        for model, moved in self._moved.items():
            for row in model._default_manager.filter(pk__in=sorted(moved)):
                if isinstance(row, Record):
                    row.mac = mac_of(archive, row)
                else:
                    guarded(archive, row)
                row.save(update_fields=["mac"])

    def _mark(self, archive: Archive, marks: list[tuple[str, bytes]]) -> None:
        """Fingerprints of some holders, opened with their keys; nothing for those that have none any more."""
        ids = [holder for holder, _ in marks]
        sealed = dict(marks)
        living = [one for one in ids if sealed[one] and bytes.fromhex(one) in self._page_of]
        for model, refill in (
            (Record, _refill_record),
            (Customer, _refill_customer),
            (Source, _refill_source),
        ):
            for row in model._default_manager.filter(id__in=living):
                key = archive.key(row.key_page, row.id)
                try:
                    said = archive.open(key, row.id, MARKS_SEALED, sealed[row.id])
                except KedangError:
                    if model is not Record:
                        raise
                    self.resealed.append(row.id)
                else:
                    refill(archive, row, said)

    def _withhold(self, archive: Archive, taken: datetime) -> None:
        """Empty what the ring of today has no key for, as its destruction did.

        What the snapshot knows as destroyed is emptied again: its fingerprints are new, and so must its MACs be.
        """
        rows = Record.objects.filter(case_id=self._case)
        dead = [one for one in rows.values_list("id", flat=True) if bytes.fromhex(one) not in self._page_of]
        for start in range(0, len(dead), AT_ONCE):
            some = dead[start : start + AT_ONCE]
            for row in (found := list(Record.objects.filter(id__in=some))):
                row.state = DESTROYED
                row.mac = mac_of(archive, row)
            update_rows(Record, found, ("state", "mac"))
            empty_records(archive, some)
        people = Customer.objects.filter(case_id=self._case).exclude(key_page="")
        for customer in people.values_list("id", flat=True):
            if bytes.fromhex(customer) not in self._page_of:
                empty_customer(archive, customer)
        close(archive, list(self._dead_ranges()))
        withhold_sets(archive, lambda holder: bytes.fromhex(holder) in self._page_of)
        self._drop_snapshots(archive, taken)

    def _dead_ranges(self) -> Iterator[int]:
        """Ranges of living containers that were destroyed."""
        rows = Segment.objects.filter(case_id=self._case).exclude(key_id="").order_by("id")
        for one, key in rows.values_list("id", "key_id").iterator(chunk_size=2000):
            if bytes.fromhex(key) not in self._page_of:
                yield one

    def _drop_snapshots(self, archive: Archive, taken: datetime) -> None:
        for one in Snapshot.objects.filter(case_id=self._case, dropped=None):
            if bytes.fromhex(one.id) not in self._page_of:
                rewrite(archive, [one], dropped=taken)


def _refill_record(archive: Archive, row: Any, said: Mapping[str, Any]) -> None:
    Record.objects.filter(id=row.id).update(fingerprint=bytes.fromhex(said["fingerprint"]))
    _refill_places(said["places"])
    insert_rows(
        MentionKey,
        [
            MentionKey(
                case_id=archive.case_id,
                record_id=row.id,
                mention=mention,
                party_kind=party_kind,
                founding=founding,
                by_name=by_name,
                kind=kind,
                fingerprint=bytes.fromhex(mark),
            )
            for mention, party_kind, founding, by_name, kind, mark in said["mentions"]
        ],
    )


def _refill_customer(archive: Archive, row: Any, said: Mapping[str, Any]) -> None:
    insert_rows(
        CustomerKey,
        [
            CustomerKey(
                case_id=archive.case_id, kind=kind, fingerprint=bytes.fromhex(mark), customer_id=row.id
            )
            for kind, mark in said["keys"]
        ],
    )


def _refill_source(_archive: Archive, row: Any, said: Mapping[str, Any]) -> None:
    Source.objects.filter(id=row.id).update(place_fingerprint=bytes.fromhex(said["place"]))
    _refill_places(said["places"])


def _refill_places(places: list[list[str]]) -> None:
    columns = FINGERPRINTS["occurrence"]
    rows = [
        Occurrence(id=one, **dict(zip(columns, map(bytes.fromhex, marks), strict=True)))
        for one, *marks in places
    ]
    update_rows(Occurrence, rows, columns)


def _octets(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("sealed marks are bytes")
    return value
