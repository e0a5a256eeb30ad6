"""Customers recognised with certainty, and the records that are theirs.

1. Founding mentions (customer lists, then contract parties, then buyers; each in the order of the records)
   make customers or give a known one more keys.
2. Every mention that shares a key with a customer is decided; what is certain becomes a link.

Names are compared by keyed fingerprints; only the name of a new customer is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby

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
from kedang.holdings.intake.holders import LOOKUP, Holders, stored_key
from kedang.holdings.models import Customer, CustomerKey, Link, MentionKey, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.parting import parted
from kedang.ledger.leaves import Event
from kedang.resolution.links import Decision, Linked, LinkKey, Unlinked, decide
from kedang.resolution.named_rows import NamedInRow

FOUNDING_ORDERS = (0, 1, 2, 3)
ALIAS = 1
"""Another name in a customer's row: it gives the customer one more key and makes none by itself."""
BASES = ("customer-list", "customer-list", "contract-party", "contract-party")
RECORDS_AT_ONCE = 800  # in one transaction: each waits for the disk
CUSTOMER_MAC = MARKS[Customer]


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
    kinds: dict[str, str] = field(default_factory=dict)
    known: Holders = field(init=False)

    def __post_init__(self) -> None:
        self.known = Holders(self.archive, Forwarding.of(self.archive.case_id))

    def look_up(self, mentions: Iterable[_Stored]) -> None:
        """Read who holds any key of the mentions, and all keys of these; once for a transaction."""
        self.known.look_up(key for mention in mentions for key in mention.keys)
        for some in _some(sorted(self.known.all_keys.keys() - self.kinds.keys())):
            self.kinds.update(Customer.objects.filter(id__in=some).values_list("id", "kind"))

    def decide(self, mention: _Stored) -> Decision:
        """Whose the mention certainly is, by who holds its keys in the database or was made just now."""
        return decide(mention.keys, self.known.candidates(mention.keys), by_name=mention.by_name)

    def found(self, mention: _Stored, order: int, name: Callable[[int], str | None]) -> None:
        """Let a mention make a customer, or give a known one its keys."""
        decision = self.decide(mention)
        if isinstance(decision, Unlinked) and order != ALIAS:
            if (said := name(mention.number)) is not None:
                self.extend(self.make(mention, said), mention.keys)
        elif isinstance(decision, Linked) and self.is_of_kind(decision.customer, mention):
            self.extend(decision.customer, mention.keys)

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
        self.known.all_keys[customer_id] = set()
        self.kinds[customer_id] = mention.party_kind
        objects = (f"customer:{customer_id}", f"record:{mention.record_id}")
        self.events.append(Event(self.archive.agent, "customer-recognised", objects, {"basis": self.basis}))
        return customer_id

    def is_of_kind(self, customer: str, mention: _Stored) -> bool:
        """Whether both are persons or both organisations.

        A contact who shares the organisation's telephone gives it no key: he may work for others too.
        """
        return self.kinds[customer] == mention.party_kind

    def extend(self, customer: str, keys: Iterable[LinkKey]) -> None:
        """Give a customer the keys it does not have yet."""
        known = self.known.keys_of(customer)
        for key in keys:
            if key not in known:
                known.add(key)
                self.known.give(customer, key)
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
        names = _Names(archive, record_id)
        for mention in by_record.get(record_id, ()):
            founding.found(mention, order, names.of)
    _write(archive, founding, now=now)


def found_named(
    archive: Archive,
    record_id: str,
    named: Sequence[tuple[NamedInRow, tuple[LinkKey, ...]]],
    *,
    now: datetime,
) -> None:
    """Let those make or extend customers whom rows name of which no mention is kept, in one transaction.

    They are given with their keys as fingerprints; rows and mentions of one kind do the same.
    """
    with transaction.atomic():
        for order in (order for order in FOUNDING_ORDERS if any(one.founding == order for one, _ in named)):
            founding = _Founding(archive, last_number(archive.case_id), BASES[order])
            mentions = [
                _Stored(record_id, place, one.kind.value, one.by_name, keys)
                for place, (one, keys) in enumerate(named)
                if one.founding == order
            ]
            founding.look_up(mentions)
            for mention in mentions:
                founding.found(mention, order, lambda place: named[place][0].name)
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
        keys = ((key.kind.value, key.value) for key in founding.known.all_keys[customer.id])
        customer.keys_mac = keys_mac(archive, customer.id, keys)
        guarded(archive, customer)
    update_rows(Customer, known, ("keys_mac", "mac"))


class _Names:
    """The names in a record by their places, opened when the first is asked for."""

    def __init__(self, archive: Archive, record_id: str) -> None:
        self._archive, self._record_id = archive, record_id
        self._names: dict[int, str] | None = None

    def of(self, place: int) -> str | None:
        """The name at a place; None when the record has none there."""
        if self._names is None:
            record = Record.objects.get(case_id=self._archive.case_id, id=self._record_id)
            self._names = {one.at: one.mention.raw for one in mentions_of_record(self._archive, record)}
        return self._names.get(place)


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
    linked = {(record, founding.known.merged.head(customer)) for record, customer in (*there, *apart)}
    links: dict[tuple[str, str], _Tie] = {}
    by_record = _stored_mentions(MentionKey.objects.filter(case_id=case, record_id__in=some))
    founding.known.look_up(key for mention in chain.from_iterable(by_record.values()) for key in mention.keys)
    for record_id, mentions in sorted(by_record.items()):
        for mention in mentions:
            decision = founding.decide(mention)
            if isinstance(decision, Linked) and (record_id, decision.customer) not in linked:
                ground = decision.grounds[0].value if decision.grounds else ""
                tie = links.setdefault((record_id, decision.customer), _Tie(ground))
                tie.mentions.append(mention.number)
    _write_links(archive, links, now=now)


def tie_rows(archive: Archive, record_id: str, grounds: Mapping[str, str], *, now: datetime) -> None:
    """Link a record to the customers who own rows of it of which no mention is kept, given with the grounds."""
    merged = Forwarding.of(archive.case_id)
    there = Link.objects.filter(case_id=archive.case_id, record_id=record_id)
    linked = {merged.head(one) for one in there.values_list("customer_id", flat=True)}
    new = [(one, ground) for one, ground in sorted(grounds.items()) if merged.head(one) not in linked]
    for start in range(0, len(new), RECORDS_AT_ONCE):
        some = new[start : start + RECORDS_AT_ONCE]
        _write_links(archive, {(record_id, one): _Tie(ground) for one, ground in some}, now=now)


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
        keys = tuple(stored_key(kind, mark) for _, _, _, kind, mark, _, _ in some)
        party_kind, by_name = some[0][5:]
        found.setdefault(record_id, []).append(_Stored(record_id, number, party_kind, by_name, keys))
    return found


def _some(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), LOOKUP):
        yield values[start : start + LOOKUP]
