"""Customers recognised with certainty, and the records that are theirs.

1. Founding mentions (customer lists, then contract parties, then buyers; each in the order of the records)
   make customers or give a known one more keys.
2. Every mention that shares a key with a customer is decided; what is certain becomes a link.

Names are compared by keyed fingerprints; only the name of a new customer is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import derived_of
from kedang.holdings.models import Customer, CustomerKey, KeyPage, Link, MentionKey, Record
from kedang.ledger.leaves import Event
from kedang.records.ids import CustomerId
from kedang.resolution.links import Candidate, KeyKind, Linked, LinkKey, Unlinked, decide
from kedang.resolution.mentions import Mention, mentions_of

NEVER = 9
FOUNDING_ORDERS = (0, 1, 2)
BASES = ("customer-list", "contract-party", "contract-party")
RECORDS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Stored:
    """A mention as its rows have it."""

    record_id: str
    number: int
    party_kind: str
    by_name: bool
    keys: tuple[LinkKey, ...]


def recognise_customers(
    archive: Archive, *, progress: Progress, clock: Callable[[], datetime]
) -> None:
    """Recognise whom the new records name, then tie every record that is certainly theirs."""
    new = Record.objects.filter(case_id=archive.case_id, founded=False, awaits_ocr=False)
    total = new.count()
    if not total:
        return
    progress.stage("customers", total)
    for order in FOUNDING_ORDERS:
        naming = MentionKey.objects.filter(
            case_id=archive.case_id, founding=order, record_id=OuterRef("id")
        )
        ids = list(
            new.filter(Exists(naming)).order_by("first_order").values_list("id", flat=True)
        )
        for start in range(0, len(ids), RECORDS_AT_ONCE):
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
    """Keys of this transaction's customers, beside those in the database."""
    all_keys: dict[str, set[LinkKey]] = field(default_factory=dict)

    def candidates(self, keys: Iterable[LinkKey]) -> list[Candidate]:
        """Customers that hold one of the keys, in the database or made just now."""
        wanted = list(keys)
        found = {customer for key in wanted for customer in self.held.get(key, ())}
        found |= _holders(self.archive, wanted)
        return [
            Candidate(CustomerId(one), frozenset(self._keys_of(one))) for one in sorted(found)
        ]

    def _keys_of(self, customer: str) -> set[LinkKey]:
        if customer not in self.all_keys:
            rows = CustomerKey.objects.filter(
                case_id=self.archive.case_id, customer_id=customer
            ).values_list("kind", "fingerprint")
            self.all_keys[customer] = {_key(kind, mark) for kind, mark in rows}
        return self.all_keys[customer]

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
        objects = (f"customer:{customer_id}", f"record:{mention.record_id}")
        self.events.append(
            Event(self.archive.agent, "customer-recognised", objects, {"basis": self.basis})
        )
        return customer_id

    def extend(self, customer: str, keys: Iterable[LinkKey]) -> None:
        """Give a customer the keys it does not have yet."""
        mine = self._keys_of(customer)
        for key in keys:
            if key not in mine:
                mine.add(key)
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
    """Let the founding mentions of some records make or extend customers, in one transaction."""
    case = archive.case_id
    last = Customer.objects.filter(case_id=case).aggregate(last=Max("number"))["last"]
    founding = _Founding(archive, last or 0, BASES[order])
    by_record = _stored_mentions(
        MentionKey.objects.filter(case_id=case, record_id__in=record_ids, founding=order)
    )
    for record_id in record_ids:
        named: tuple[Mention, ...] | None = None
        for mention in by_record.get(record_id, ()):
            decision = decide(
                mention.keys, founding.candidates(mention.keys), by_name=mention.by_name
            )
            if isinstance(decision, Unlinked):
                named = named if named is not None else _named(archive, record_id)
                founding.extend(founding.make(mention, named[mention.number].raw), mention.keys)
            elif isinstance(decision, Linked):
                founding.extend(decision.customer, mention.keys)
    _write(archive, founding, now=now)


def _write(archive: Archive, founding: _Founding, *, now: datetime) -> None:
    pages = archive.write_pages(founding.keys, now=now)
    for customer in founding.customers:
        customer.key_page = pages[customer.id].id
    with transaction.atomic():
        KeyPage.objects.bulk_create(list({row.id: row for row in pages.values()}.values()))
        Customer.objects.bulk_create(founding.customers, batch_size=500)
        CustomerKey.objects.bulk_create(founding.rows, batch_size=500)
        book.write(archive.case_id, founding.events, now=now)


def _named(archive: Archive, record_id: str) -> tuple[Mention, ...]:
    """The record's mentions with their names, read again from its sealed text."""
    record = Record.objects.get(case_id=archive.case_id, id=record_id)
    derived = derived_of(archive, record)
    if derived is None or derived.appraisal is None:
        return ()
    return mentions_of(derived.extraction, derived.appraisal)


def _tie(archive: Archive, *, now: datetime) -> None:
    """Link every mention that is certainly a customer's, a batch of records in each transaction."""
    case = archive.case_id
    shared = CustomerKey.objects.filter(
        case_id=case, kind=OuterRef("kind"), fingerprint=OuterRef("fingerprint")
    )
    touched = MentionKey.objects.filter(Exists(shared), case_id=case)
    ids = list(touched.order_by("record_id").values_list("record_id", flat=True).distinct())
    for start in range(0, len(ids), RECORDS_AT_ONCE):
        some = ids[start : start + RECORDS_AT_ONCE]
        linked = set(
            Link.objects.filter(case_id=case, record_id__in=some).values_list(
                "record_id", "customer_id"
            )
        )
        rows = MentionKey.objects.filter(case_id=case, record_id__in=some)
        links = []
        founding = _Founding(archive, 0, "")
        for record_id, mentions in sorted(_stored_mentions(rows).items()):
            for mention in mentions:
                decision = decide(
                    mention.keys, founding.candidates(mention.keys), by_name=mention.by_name
                )
                if isinstance(decision, Linked) and (record_id, decision.customer) not in linked:
                    linked.add((record_id, decision.customer))
                    ground = decision.grounds[0].value if decision.grounds else ""
                    links.append((record_id, decision.customer, ground))
        _write_links(archive, links, now=now)


def _write_links(
    archive: Archive, links: list[tuple[str, CustomerId, str]], *, now: datetime
) -> None:
    if not links:
        return
    by_customer: dict[str, list[str]] = {}
    for record_id, customer, _ in links:
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
    with transaction.atomic():
        Link.objects.bulk_create(
            [
                Link(
                    case_id=archive.case_id, record_id=record, customer_id=customer, ground=ground
                )
                for record, customer, ground in links
            ],
            batch_size=500,
        )
        book.write(archive.case_id, events, now=now)


def _stored_mentions(rows: Iterable[MentionKey]) -> dict[str, list[_Stored]]:
    """The mentions of each record, in order, put together from their rows."""
    ordered = sorted(rows, key=lambda row: (row.record_id, row.mention, row.id))
    found: dict[str, list[_Stored]] = {}
    for (record_id, number), some in _grouped(ordered):
        keys = tuple(_key(row.kind, row.fingerprint) for row in some)
        found.setdefault(record_id, []).append(
            _Stored(record_id, number, some[0].party_kind, some[0].by_name, keys)
        )
    return found


def _grouped(rows: list[MentionKey]) -> Iterator[tuple[tuple[str, int], list[MentionKey]]]:
    for place, some in groupby(rows, key=lambda row: (row.record_id, row.mention)):
        yield place, list(some)


def _holders(archive: Archive, keys: list[LinkKey]) -> set[str]:
    marks = [bytes.fromhex(key.value) for key in keys]
    rows = CustomerKey.objects.filter(case_id=archive.case_id, fingerprint__in=marks)
    wanted = set(keys)
    return {
        customer
        for kind, mark, customer in rows.values_list("kind", "fingerprint", "customer_id")
        if _key(kind, mark) in wanted
    }


def _key(kind: str, mark: bytes | memoryview) -> LinkKey:
    return LinkKey(KeyKind(kind), bytes(mark).hex())
