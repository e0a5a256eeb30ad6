"""What the columns of a table mean, as a person says it: remembered for the source, and its tables read again.

Reading again goes table by table: new mentions are sealed beside what was read, and in one transaction they take the
place of the old. Whoever stands where he stood keeps his number, so that what persons have judged of him stays true.
Ties that came from the old reading go, and are made anew by the recognition of customers; a table that reads as
before is left alone, so an interrupted run is simply made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from kedang.holdings.actions.customer_changes import (
    Changes,
    LinkState,
    apply,
    link_state,
    new_state,
    withdraw,
)
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.column_meanings import COLUMN, overrides_of
from kedang.holdings.adapters.contents import DESTROYED, derived_payload, key_of
from kedang.holdings.adapters.guarding import guarded, keys_mac, require_as_written, rewrite
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.kept_mentions import mentions_of_record, mentions_payload
from kedang.holdings.adapters.links import MODEL, PERSON, open_link
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.adapters.name_lists import drop_names
from kedang.holdings.adapters.names import customer_name, own_names, own_numbers
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.customer_errors import ColumnUnknown
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.intake.customers import recognise_customers
from kedang.holdings.intake.plain import MentionRow
from kedang.holdings.intake.rows import rows_of_keys
from kedang.holdings.models import (
    ColumnMeaning,
    Customer,
    CustomerKey,
    Judgement,
    Link,
    MentionKey,
    Occurrence,
    Pack,
    Proposal,
    Record,
    RowSet,
)
from kedang.holdings.queries.columns import columns_of_record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.ledger.leaves import Event
from kedang.pipeline.derived import decode
from kedang.pipeline.kept_mentions import NEVER
from kedang.pipeline.reading_columns import MentionsAgain, mentions_again
from kedang.records.ids import PackId
from kedang.resolution.links import Own
from kedang.resolution.meanings import Meaning
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.pack import writing_pack
from kedang.vault.suites import SALT_BYTES

AS_READ = ""
"""A meaning that takes a correction back."""
_MEANINGS = frozenset(one.value for one in Meaning) | {AS_READ}
Clock = Callable[[], datetime]


def correct_columns(
    archive: Archive, record: Record, said: Mapping[str, str], *, clock: Clock
) -> tuple[str, ...]:
    """Remember what columns of the record mean, by column key; the keys that mean something else than before.

    What is said under a header holds for every table of the record's sources; a column without one is known by its
    place, and corrected in this record alone. An empty meaning takes a correction back.

    Raises:
        ColumnUnknown: the record has no such column, or there is no such meaning.
    """
    shown = {one.key: one for one in columns_of_record(archive, record)}
    if not said.keys() <= shown.keys() or not set(said.values()) <= _MEANINGS:
        raise ColumnUnknown(record=record.id)
    now_said = {key: one.meaning if one.corrected else AS_READ for key, one in shown.items()}
    new = {key: meaning for key, meaning in said.items() if meaning != now_said[key]}
    if not new:
        return ()
    places = Occurrence.objects.filter(case_id=archive.case_id, record=record)
    sources = sorted(set(places.values_list("source_id", flat=True)))
    now = clock()
    rows = [
        _row(archive, record, source, key, meaning, now=now)
        for key, meaning in sorted(new.items())
        for source in (sources[:1] if key.startswith("#") else sources)
    ]
    objects = (f"record:{record.id}", *(f"source:{one}" for one in sources))
    event = Event(archive.agent, "columns-corrected", objects, {"columns": len(new)})
    with transaction.atomic():
        for row in rows:
            guarded(archive, row).save(force_insert=True)
        book.write(archive.case_id, [event], now=now)
    return tuple(sorted(new))


def _row(
    archive: Archive, record: Record, source: str, key: str, meaning: str, *, now: datetime
) -> ColumnMeaning:
    row = ColumnMeaning(
        id=archive.new_id(),
        case_id=archive.case_id,
        source_id=source,
        record=record,
        alone=key.startswith("#"),
        agent_id=archive.agent,
        decided=now,
    )
    said = {"column": key, "meaning": meaning}
    row.sealed = archive.seal(archive.case_key(), row.id, COLUMN, said)
    return row


@dataclass(slots=True)
class ReadAgain:
    """What reading again has done."""

    looked_at: int = 0
    read: list[str] = field(default_factory=list)
    """Records whose mentions are others now."""
    withdrawn: int = 0
    """Customers of whom nothing was left."""


def read_columns_again(archive: Archive, record: Record, *, progress: Progress, clock: Clock) -> ReadAgain:
    """Read every table of the record's sources with what persons have said of their columns, and tie customers anew.

    The comparison of those who are not certain is the next resolving's.
    """
    done, unlinked = ReadAgain(), set[str]()
    own = Own.of(own_names(archive), own_numbers(archive))
    ids = list(_tables_beside(archive, record))
    progress.stage("columns", len(ids))
    for one in ids:
        row = Record.objects.filter(case_id=archive.case_id, id=one).exclude(state=DESTROYED).first()
        if row is not None:
            gone = _read_one(archive, row, own, clock)
            done.looked_at += 1
            if gone is not None:
                done.read.append(one)
                unlinked |= gone
        progress.advance(1, 0)
    recognise_customers(archive, progress=progress, clock=clock)
    done.withdrawn = _withdraw_empty(archive, unlinked, clock)
    return done


def _tables_beside(archive: Archive, record: Record) -> Iterator[str]:
    """The record, and every other of its sources that names somebody or has findings."""
    case = archive.case_id
    sources = Occurrence.objects.filter(case_id=case, record=record).values("source_id")
    beside = Occurrence.objects.filter(case_id=case, source_id__in=sources).values("record_id")
    rows = Record.objects.filter(case_id=case, id__in=beside, awaits_ocr=False).exclude(key_page="")
    yield from rows.exclude(derived_length=0).order_by("first_order").values_list("id", flat=True)


def _read_one(archive: Archive, record: Record, own: Own, clock: Clock) -> set[str] | None:
    """The customers who lost it, when its mentions are others than before; None when all is as it was."""
    derived = decode(payload) if (payload := derived_payload(archive, record)) else None
    if derived is None or not derived.extraction.tables:
        return None
    before = mentions_of_record(archive, record)
    found = mentions_again(derived, before, own, overrides_of(archive, record.id))
    if found is None or found.payload == mentions_payload(archive, record):
        return None
    pack = _seal(archive, record, payload, found.payload, now=clock())
    return _take_over(archive, record, found, frozenset(one.at for one in before), pack, now=clock())


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Where what was read lies now."""

    pack: PackId
    size_bytes: int
    blobs: int
    derived: tuple[int, int]
    mentions: tuple[int, int]


def _seal(archive: Archive, record: Record, derived: bytes, mentions: bytes, *, now: datetime) -> _Sealed:
    """Both readings in a pack of their own, durable; nothing refers to it yet."""
    key, pack_id = key_of(archive, record), reserve_pack(archive, now=now)
    places = []
    with writing_pack(archive.store, pack_id, archive.case_id) as pack:
        for role, octets in ((Role.TEXT, derived), (Role.MENTIONS, mentions)):
            blob = seal_bytes(
                key,
                octets,
                binding=Binding(archive.case_id, record.id, role),
                salt=archive.random_bytes(SALT_BYTES),
                suite=archive.suite,
                compress=True,
            )
            pointer = pack.append(blob, record=record.id, role=role, part=0) if octets else None
            places.append((pointer.offset, pointer.length) if pointer else (0, 0))
        size_bytes, blobs = pack.size_bytes, pack.count
    return _Sealed(pack_id, size_bytes, blobs, places[0], places[1])


def _take_over(
    archive: Archive,
    record: Record,
    found: MentionsAgain,
    before: frozenset[int],
    sealed: _Sealed,
    *,
    now: datetime,
) -> set[str]:
    """The new mentions in place of the old, in one transaction; the customers who lost the record."""
    case = archive.case_id
    with transaction.atomic():
        require_as_written(mac_of, archive, record)
        sizes = {"size_bytes": sealed.size_bytes, "blobs": sealed.blobs}
        rewrite(archive, Pack.objects.filter(id=sealed.pack), state="kept", **sizes)
        old = _marks(case, record.id)
        MentionKey.objects.filter(case_id=case, record=record).delete()
        record.mentions_mac = b""
        new = rows_of_keys(archive, record, found.keys)
        insert_rows(MentionKey, new)
        _point(archive, record, sealed)
        _forget_places(archive, record, before - found.numbers)
        ended = _ended_keys(archive, record, old, _marks_by_name(found, new))
        links = [*_links_of(archive, record, found.numbers), *_rested_on(archive, record, ended)]
        gone = {customer for _, customer, _, after in links if after is None}
        _take_keys(archive, ended)
        events = apply(archive, Changes(links=links), basis=PERSON)
        facts: dict[str, str | int] = {"mentions": len(found.names)}
        events.append(Event(archive.agent, "columns-read", (f"record:{record.id}",), facts))
        book.write(case, events, now=now)
    return gone


def _point(archive: Archive, record: Record, sealed: _Sealed) -> None:
    """The row's pointers to what was read; whom it names is recognised anew."""
    record.derived_pack = sealed.pack
    record.derived_offset, record.derived_length = sealed.derived
    record.mentions_offset, record.mentions_length = sealed.mentions
    record.founded = False
    record.mac = mac_of(archive, record)
    record.save()


_Mark = tuple[str, bytes]
_LinkChange = tuple[str, str, LinkState, LinkState]
_Ended = dict[str, list[_Mark]]
"""Keys that are taken back, by customer."""


def _marks(case: str, record: str) -> set[_Mark]:
    rows = MentionKey.objects.filter(case_id=case, record_id=record)
    return {(kind, bytes(mark)) for kind, mark in rows.values_list("kind", "fingerprint")}


def _marks_by_name(found: MentionsAgain, rows: Iterable[MentionRow]) -> dict[str, set[_Mark]]:
    marks: dict[str, set[_Mark]] = {}
    for row in rows:
        marks.setdefault(found.names[row.mention], set()).add((row.kind, bytes(row.fingerprint)))
    return marks


def _forget_places(archive: Archive, record: Record, vanished: frozenset[int]) -> None:
    """Pairs and judgements about mentions that are no more."""
    case = archive.case_id
    about = Q(first=record, first_mention__in=vanished) | Q(second=record, second_mention__in=vanished)
    Proposal.objects.filter(about, case_id=case).delete()
    rewrite(archive, Judgement.objects.filter(about, case_id=case).exclude(sealed=b""), sealed=b"")


def _links_of(archive: Archive, record: Record, numbers: frozenset[int]) -> Iterator[_LinkChange]:
    """The record's links: a person's stays with the mentions that are left, the others are made anew."""
    for link in Link.objects.filter(case_id=archive.case_id, record=record).order_by("customer_id"):
        before = link_state(archive, record.key_page, link)
        after = None
        if link.ground == PERSON:
            said = open_link(archive, record.key_page, link)
            if left := [at for at in said.get("mentions", ()) if at in numbers]:
                after = new_state(archive, PERSON, {"mentions": left})
        yield record.id, link.customer_id, before, after


def _ended_keys(
    archive: Archive, record: Record, old: set[_Mark], by_name: Mapping[str, set[_Mark]]
) -> _Ended:
    """Keys that customers got from the old reading and from nothing else.

    A customer keeps those of whoever bears his own name in the new reading: his number stays with him.
    """
    case = archive.case_id
    links = Link.objects.filter(case_id=case, record=record).values_list("customer_id", flat=True)
    holders = Forwarding.of(case).with_members(links)
    elsewhere = _founded_elsewhere(case, record.id, old)
    ended: _Ended = {}
    for some in in_batches(sorted(holders)):
        names = {
            row.id: customer_name(archive, row)
            for row in Customer.objects.filter(case_id=case, id__in=some).exclude(key_page="")
        }
        keys = CustomerKey.objects.filter(case_id=case, customer_id__in=list(names)).order_by("id")
        for customer, kind, mark in keys.values_list("customer_id", "kind", "fingerprint"):
            key = kind, bytes(mark)
            if key in old - elsewhere and key not in by_name.get(names[customer], ()):
                ended.setdefault(customer, []).append(key)
    return ended


def _founded_elsewhere(case: str, record: str, marks: set[_Mark]) -> set[_Mark]:
    """Those of the keys that another record gives customers too."""
    found: set[_Mark] = set()
    for some in in_batches(sorted({mark for _, mark in marks})):
        rows = MentionKey.objects.filter(case_id=case, fingerprint__in=some, founding__lt=NEVER)
        pairs = rows.exclude(record_id=record).values_list("kind", "fingerprint").distinct()
        found.update((kind, bytes(mark)) for kind, mark in pairs)
    return found


def _rested_on(archive: Archive, record: Record, ended: _Ended) -> Iterator[_LinkChange]:
    """Certain links of other records to these customers that may rest on a key which is taken back; they are made anew."""
    case = archive.case_id
    for customer, keys in sorted(ended.items()):
        bearing = MentionKey.objects.filter(case_id=case, fingerprint__in=[mark for _, mark in keys])
        links = Link.objects.filter(
            case_id=case, customer_id=customer, record_id__in=bearing.values("record_id")
        ).exclude(record=record)
        for link in links.exclude(ground__in=(PERSON, MODEL)).select_related("record").order_by("id"):
            yield link.record_id, link.customer_id, link_state(archive, link.record.key_page, link), None


def _take_keys(archive: Archive, ended: _Ended) -> None:
    """These keys are theirs no more; each vouches for what is left."""
    case = archive.case_id
    for customer, keys in ended.items():
        mine = CustomerKey.objects.filter(case_id=case, customer_id=customer)
        for kind, mark in keys:
            mine.filter(kind=kind, fingerprint=mark).delete()
        left = [(kind, bytes(mark).hex()) for kind, mark in mine.values_list("kind", "fingerprint")]
        rows = Customer.objects.filter(case_id=case, id=customer)
        rewrite(archive, rows, keys_mac=keys_mac(archive, customer, left))


def _withdraw_empty(archive: Archive, customers: set[str], clock: Clock) -> int:
    """Customers of whom the new reading has left nothing: no record, no row, no word of a person."""
    case, empty = archive.case_id, []
    for one in sorted(customers):
        spoken = Judgement.objects.filter(Q(customer=one) | Q(other=one), case_id=case)
        if not (
            Link.objects.filter(case_id=case, customer_id=one).exists()
            or Customer.objects.filter(case_id=case, forward_id=one).exists()
            or RowSet.objects.filter(case_id=case, customer_id=one).exists()
            or spoken.exists()
        ):
            empty.append(one)
    if not empty:
        return 0
    with transaction.atomic():
        CustomerKey.objects.filter(case_id=case, customer_id__in=empty).delete()
        drop_names(archive, empty)
        events = withdraw(archive, empty)
        book.write(case, events, now=clock())
    return len(events)
