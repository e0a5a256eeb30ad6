"""Customers recognised with certainty, and the records that are theirs.

1. Founding mentions (customer lists, then contract parties, then buyers; each in the order of the records)
   make customers or give a known one more keys.
2. Every mention that shares a key with a customer is decided; what is certain becomes a link.

Names are compared by keyed fingerprints; only the name of a new customer is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from typing import TypeVar

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from kedang.holdings.actions.customer_changes import last_number
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, guarded, keys_mac, require_as_written
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.adapters.links import seal_link
from kedang.holdings.adapters.name_lists import drop_names
from kedang.holdings.adapters.updating import update_rows
from kedang.holdings.models import Customer, CustomerKey, Link, MentionKey, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.parting import parted
from kedang.ledger.leaves import Event
from kedang.records.ids import CustomerId
from kedang.resolution.links import Candidate, KeyKind, Linked, LinkKey, Unlinked, decide

FOUNDING_ORDERS = (0, 1, 2, 3)
ALIAS = 1
"""Another name in a customer's row: it gives the customer one more key and makes none by itself."""
BASES = ("customer-list", "customer-list", "contract-party", "contract-party")
RECORDS_AT_ONCE = 800  # in one transaction: each waits for the disk
LOOKUP = 400  # values in one query
CUSTOMER_MAC = MARKS[Customer]
Value = TypeVar("Value", str, bytes)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A mention as its rows have it."""

    record_id: str
    number: int
    party_kind: str
    by_name: bool
    keys: tuple[LinkKey, ...]


def recognise_customers(archive: Archive, *, progress: Progress, clock: Callable[[], datetime]) -> None:
    """Recognise whom the new records name, then tie every record that is certainly theirs."""
    new = Record.objects.filter(case_id=archive.case_id, founded=False, awaits_ocr=False)
    total = new.count()
    if not total:
        return
    progress.stage("customers", total)
    for order in FOUNDING_ORDERS:
        naming = MentionKey.objects.filter(case_id=archive.case_id, founding=order, record_id=OuterRef("id"))
        ids = list(new.filter(Exists(naming)).order_by("first_order").values_list("id", flat=True))
        for start in range(0, len(ids), RECORDS_AT_ONCE):
            with (
                transaction.atomic()
            ):  # read and written in one, or a destruction between them would be undone
                _found(archive, ids[start : start + RECORDS_AT_ONCE], order, now=clock())
    _tie(archive, now=clock())
    new.update(founded=True)
    progress.advance(total, 0)


@dataclass(slots=True)
class _Founding:
    """Customers made or extended in one transaction."""

    archive: Archive
    number: int
    basis: str
    customers: list[Customer] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    rows: list[CustomerKey] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    held: dict[LinkKey, set[str]] = field(default_factory=dict)
    """Who holds a key: of the keys in the database those that were looked up, and all made just now."""
    all_keys: dict[str, set[LinkKey]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    merged: Forwarding = field(init=False)

    def __post_init__(self) -> None:
        self.merged = Forwarding.of(self.archive.case_id)

    def look_up(self, mentions: Iterable[_Stored]) -> None:
        """Read who holds any key of the mentions, and all keys of these; once for a transaction."""
        wanted = {key for mention in mentions for key in mention.keys}
        for key, customer in _holders(self.archive, wanted):
            self.held.setdefault(key, set()).add(customer)
            for member in self.merged.with_members((customer,)):
                self.all_keys.setdefault(member, set())
        for customers in _some(sorted(self.all_keys)):
            rows = CustomerKey.objects.filter(case_id=self.archive.case_id, customer_id__in=customers)
            for customer, kind, mark in rows.values_list("customer_id", "kind", "fingerprint"):
                self.all_keys[customer].add(_key(kind, mark))

    def candidates(self, keys: Iterable[LinkKey]) -> list[Candidate]:
        """Customers that hold one of the keys, in the database or made just now."""
        found = {self.merged.head(customer) for key in keys for customer in self.held.get(key, ())}
        return [Candidate(CustomerId(one), frozenset(self._keys(one))) for one in sorted(found)]

    def _keys(self, head: str) -> set[LinkKey]:
        return set().union(*(self.all_keys[member] for member in self.merged.members(head)))

    def make(self, mention: _Stored, name: str) -> str:
        """A new customer of this name."""
        customer_id = self.archive.new_id()
        key = self.archive.new_key()
        self.keys[customer_id] = key
        self.number += 1
        self.customers.append(
            Customer(
                id=customer_id,
                case_id=self.archive.case_id,
                number=self.number,
                kind=mention.party_kind,
                sealed=self.archive.seal(key, customer_id, "customer.sealed", {"name": name}),
            )
        )
        self.all_keys[customer_id] = set()
        self.kinds[customer_id] = mention.party_kind
        objects = (f"customer:{customer_id}", f"record:{mention.record_id}")
        self.events.append(Event(self.archive.agent, "customer-recognised", objects, {"basis": self.basis}))
        return customer_id

    def is_of_kind(self, customer: str, mention: _Stored) -> bool:
        """Whether both are persons or both organisations.

        A contact who shares the organisation's telephone gives it no key: he may work for others too.
        """
        if customer not in self.kinds:
            row = Customer.objects.get(case_id=self.archive.case_id, id=customer)
            self.kinds[customer] = row.kind
        return self.kinds[customer] == mention.party_kind

    def extend(self, customer: str, keys: Iterable[LinkKey]) -> None:
        """Give a customer the keys it does not have yet."""
        known = self._keys(customer)
        for key in keys:
            if key not in known:
                known.add(key)
                self.all_keys[customer].add(key)
                self.held.setdefault(key, set()).add(customer)
                self.rows.append(
                    CustomerKey(
                        case_id=self.archive.case_id,
                        kind=key.kind.value,
                        fingerprint=bytes.fromhex(key.value),
                        customer_id=customer,
                    )
                )


def _found(archive: Archive, record_ids: list[str], order: int, *, now: datetime) -> None:
    """Let the founding mentions of some records make or extend customers, in the caller's transaction."""
    case = archive.case_id
    founding = _Founding(archive, last_number(case), BASES[order])
    by_record = _stored_mentions(
        MentionKey.objects.filter(case_id=case, record_id__in=record_ids, founding=order)
    )
    founding.look_up(chain.from_iterable(by_record.values()))
    for record_id in record_ids:
        named: dict[int, str] | None = None
        for mention in by_record.get(record_id, ()):
            decision = decide(mention.keys, founding.candidates(mention.keys), by_name=mention.by_name)
            if isinstance(decision, Unlinked) and order != ALIAS:
                named = named if named is not None else _named(archive, record_id)
                if mention.number in named:
                    founding.extend(founding.make(mention, named[mention.number]), mention.keys)
            elif isinstance(decision, Linked) and founding.is_of_kind(decision.customer, mention):
                founding.extend(decision.customer, mention.keys)
    _write(archive, founding, now=now)


def _write(archive: Archive, founding: _Founding, *, now: datetime) -> None:
    pages = archive.write_pages(founding.keys)
    for customer in founding.customers:
        customer.key_page = pages[customer.id].id
    with transaction.atomic():
        archive.keep_pages(pages)
        _vouch(archive, founding)
        insert_rows(Customer, founding.customers)
        insert_rows(CustomerKey, founding.rows)
        drop_names(archive, founding.keys)
        book.write(archive.case_id, founding.events, now=now)


def _vouch(archive: Archive, founding: _Founding) -> None:
    """Every customer that has a new key vouches for all it has."""
    made = {customer.id: customer for customer in founding.customers}
    extended = sorted({row.customer_id for row in founding.rows} - made.keys())
    known = [one for some in _some(extended) for one in Customer.objects.filter(id__in=some)]
    for customer in known:
        require_as_written(CUSTOMER_MAC, archive, customer)
    for customer in (*made.values(), *known):
        keys = ((key.kind.value, key.value) for key in founding.all_keys[customer.id])
        customer.keys_mac = keys_mac(archive, customer.id, keys)
        guarded(archive, customer)
    update_rows(Customer, known, ("keys_mac", "mac"))


def _named(archive: Archive, record_id: str) -> dict[int, str]:
    """The names in the record by their places."""
    record = Record.objects.get(case_id=archive.case_id, id=record_id)
    return {one.at: one.mention.raw for one in mentions_of_record(archive, record)}


def _tie(archive: Archive, *, now: datetime) -> None:
    """Link every mention that is certainly a customer's, a batch of records in each transaction."""
    case = archive.case_id
    shared = CustomerKey.objects.filter(
        case_id=case, kind=OuterRef("kind"), fingerprint=OuterRef("fingerprint")
    )
    touched = MentionKey.objects.filter(Exists(shared), case_id=case)
    ids = list(touched.order_by("record_id").values_list("record_id", flat=True).distinct())
    apart = parted(archive)
    for start in range(0, len(ids), RECORDS_AT_ONCE):
        with transaction.atomic():  # as above
            _tie_some(archive, ids[start : start + RECORDS_AT_ONCE], apart, now=now)


def _tie_some(
    archive: Archive, some: Sequence[str], apart: Collection[tuple[str, str]], *, now: datetime
) -> None:
    case = archive.case_id
    founding = _Founding(archive, 0, "")
    there = Link.objects.filter(case_id=case, record_id__in=some).values_list("record_id", "customer_id")
    linked = {(record, founding.merged.head(customer)) for record, customer in there}
    linked |= {(record, founding.merged.head(customer)) for record, customer in apart}
    links: dict[tuple[str, str], _Tie] = {}
    by_record = _stored_mentions(MentionKey.objects.filter(case_id=case, record_id__in=some))
    founding.look_up(chain.from_iterable(by_record.values()))
    for record_id, mentions in sorted(by_record.items()):
        for mention in mentions:
            decision = decide(mention.keys, founding.candidates(mention.keys), by_name=mention.by_name)
            if isinstance(decision, Linked) and (record_id, decision.customer) not in linked:
                ground = decision.grounds[0].value if decision.grounds else ""
                tie = links.setdefault((record_id, decision.customer), _Tie(ground))
                tie.mentions.append(mention.number)
    _write_links(archive, links, now=now)


@dataclass(slots=True)
class _Tie:
    """A certain tie on its way to be a link."""

    ground: str
    mentions: list[int] = field(default_factory=list)


def _write_links(archive: Archive, links: dict[tuple[str, str], _Tie], *, now: datetime) -> None:
    if not links:
        return
    by_customer: dict[str, list[str]] = {}
    for record_id, customer in links:
        by_customer.setdefault(customer, []).append(record_id)
    events = [
        Event(
            archive.agent,
            "linked",
            (f"customer:{customer}", *(f"record:{record}" for record in records)),
            {"basis": "identifier"},
        )
        for customer, records in sorted(by_customer.items())
    ]
    ids = sorted({record for record, _ in links})
    pages = dict(Record.objects.filter(case_id=archive.case_id, id__in=ids).values_list("id", "key_page"))
    with transaction.atomic():
        insert_rows(
            Link,
            [
                guarded(
                    archive,
                    Link(
                        case_id=archive.case_id,
                        record_id=record,
                        customer_id=customer,
                        ground=tie.ground,
                        sealed=seal_link(
                            archive, pages[record], record, customer, {"mentions": tie.mentions}
                        ),
                    ),
                )
                for (record, customer), tie in links.items()
            ],
        )
        drop_names(archive, by_customer)
        book.write(archive.case_id, events, now=now)


def _stored_mentions(rows: QuerySet[MentionKey]) -> dict[str, list[_Stored]]:
    """The mentions of each record, in order, put together from their rows."""
    columns = ("record_id", "mention", "id", "kind", "fingerprint", "party_kind", "by_name")
    found: dict[str, list[_Stored]] = {}
    ordered = sorted(rows.values_list(*columns))
    for (record_id, number), grouped in groupby(ordered, key=lambda row: (row[0], row[1])):
        some = list(grouped)
        keys = tuple(_key(kind, mark) for _, _, _, kind, mark, _, _ in some)
        party_kind, by_name = some[0][5:]
        found.setdefault(record_id, []).append(_Stored(record_id, number, party_kind, by_name, keys))
    return found


def _holders(archive: Archive, keys: Iterable[LinkKey]) -> Iterator[tuple[LinkKey, str]]:
    """Every key that a customer has, with the customer."""
    by_kind: dict[KeyKind, list[bytes]] = {}
    for key in keys:
        by_kind.setdefault(key.kind, []).append(bytes.fromhex(key.value))
    for kind, marks in by_kind.items():
        for some in _some(sorted(marks)):
            rows = CustomerKey.objects.filter(case_id=archive.case_id, kind=kind.value, fingerprint__in=some)
            for mark, customer in rows.values_list("fingerprint", "customer_id"):
                yield _key(kind, mark), customer


def _some(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), LOOKUP):
        yield values[start : start + LOOKUP]


def _key(kind: str, mark: bytes | memoryview) -> LinkKey:
    return LinkKey(KeyKind(kind), bytes(mark).hex())
