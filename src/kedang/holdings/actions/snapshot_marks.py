"""Fingerprints in a snapshot: those of each holder sealed under its key, so that they end with it in every snapshot.

What recognises things again (fingerprints of contents, places and mentions) stands in no row of a snapshot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from django.db.models import FilteredRelation, Q

from kedang.holdings.actions.snapshot_reading import Coming, Reading
from kedang.holdings.actions.snapshot_rows import FINGERPRINTS, as_it_grew
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_snapshots import MARKS
from kedang.holdings.adapters.looking_up import gathered, in_batches
from kedang.holdings.adapters.plain_rows import raw_lines
from kedang.holdings.adapters.reading_rows import raw_chunks
from kedang.holdings.models import Customer, CustomerKey, MentionKey, Occurrence, Record, Source
from kedang.preservation.snapshot_blocks import LEAST_ROWS, cut
from kedang.preservation.snapshot_lines import RowsLine, rows_lines
from kedang.preservation.snapshot_values import OCTETS, Column, named
from kedang.records.ids import CaseId
from kedang.vault.suites import SALT_BYTES

SEALED = "snapshot.marks"
"""What the sealed value of a holder is bound to."""
Told: TypeAlias = Sequence[Sequence[Any]]
"""What is read of one holder: lines that begin with its id, MAC and page."""
TELLING = 5
"""So many values of a line tell the fingerprints again: the MACs cover them, a place's for a record."""
MarksOf: TypeAlias = Callable[[Archive, Sequence[Told]], Iterator[Mapping[str, Any]]]
"""Gathers the fingerprints of some holders, in their order."""
PLACE = FINGERPRINTS["occurrence"]
MENTION = ("record_id", "mention", "party_kind", "founding", "by_name", "kind", "fingerprint")


def marks_of_case(reading: Reading) -> Iterator[Coming]:
    """Holders and their fingerprints, in blocks; of what is destroyed, nothing."""
    case = reading.archive.case_id
    yield from _in_blocks(reading, "record", _records(case), _marks_of_records)
    customers = as_it_grew("customer", case)
    lines = raw_chunks(customers.values_list("id", "mac", "key_page"))
    yield from _in_blocks(
        reading, "customer", ([[line] for line in some] for some in lines), _marks_of_customers
    )
    sources = Source.objects.filter(case_id=case).order_by("ordinal")
    own = sources.values_list("id", "mac", "key_page", "place_fingerprint")
    few = [[line] for line in own]  # always written anew: what was refused is in no MAC of theirs
    yield from ((MARKS, line) for line in _lines(reading.archive, few, _marks_of_sources))


def count_holders(case: str) -> int:
    """How many holders there are."""
    kinds: tuple[type[Any], ...] = (Record, Customer, Source)
    return sum(one.objects.filter(case_id=case).count() for one in kinds)


def _records(case: CaseId) -> Iterator[Sequence[Told]]:
    """Every record with each of its places, some at a time, in the order in which they came."""
    places = FilteredRelation("occurrence", condition=Q(occurrence__case_id=case))
    rows = as_it_grew("record", case).alias(at=places)
    own = ("id", "mac", "key_page", "at__id", "at__mac", "fingerprint", "mentions_mac")
    lines = raw_lines(rows.values_list(*own, *(f"at__{column}" for column in PLACE)))
    yield from gathered(list(some) for _, some in groupby(lines, key=itemgetter(0)))


def _in_blocks(
    reading: Reading, kind: str, holders: Iterable[Sequence[Told]], marks_of: MarksOf
) -> Iterator[Coming]:
    for some in cut(holders, lambda told: told[0][0]):
        if len(some) < LEAST_ROWS:
            yield from ((MARKS, line) for line in _lines(reading.archive, some, marks_of))
            continue
        mark = reading.mark(MARKS, (kind,), [line[:TELLING] for told in some for line in told])
        block = reading.known_block(MARKS, mark)
        if block is None:
            yield MARKS, reading.blocks.write(list(_lines(reading.archive, some, marks_of)), mark)
        else:
            yield MARKS, block


def _lines(archive: Archive, some: Sequence[Told], marks_of: MarksOf) -> Iterator[RowsLine]:
    """A row for each of these holders."""
    salts = archive.random_bytes(SALT_BYTES * len(some))  # at once: each call lets other threads go first
    rows = []
    for number, (told, marks) in enumerate(zip(some, marks_of(archive, some), strict=True)):
        holder, _, page = told[0][:3]
        salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
        sealed = archive.seal(archive.key(page, holder), holder, SEALED, marks, salt=salt) if page else b""
        rows.append((holder, sealed))
    return rows_lines(MARKS, rows, _columns) if rows else iter(())


def _columns(rows: Sequence[tuple[str, bytes]]) -> Mapping[str, Column]:
    holders, sealed = zip(*rows, strict=True)
    return {"holder": holders, "sealed": named(OCTETS, sealed)}


def _marks_of_records(archive: Archive, records: Sequence[Told]) -> Iterator[Mapping[str, Any]]:
    mentions = defaultdict[str, list[Any]](list)
    vouched = [told[0][0] for told in records if told[0][6]]
    for ids in in_batches(vouched):
        found = MentionKey.objects.filter(case_id=archive.case_id, record_id__in=ids).order_by("id")
        for record, *rest, mark in found.values_list(*MENTION):
            mentions[record].append([*rest, mark.hex()])
    for told in records:
        one, _, _, _, _, mark = told[0][:6]
        places = [[line[3], *[mark.hex() for mark in line[7:]]] for line in told if line[3]]
        yield {"fingerprint": mark.hex(), "places": places, "mentions": mentions.get(one, ())}


def _marks_of_customers(archive: Archive, customers: Sequence[Told]) -> Iterator[Mapping[str, Any]]:
    keys = defaultdict[str, list[Any]](list)
    for ids in in_batches([told[0][0] for told in customers]):
        found = CustomerKey.objects.filter(case_id=archive.case_id, customer_id__in=ids).order_by("id")
        for customer, kind, mark in found.values_list("customer_id", "kind", "fingerprint"):
            keys[customer].append([kind, mark.hex()])
    yield from ({"keys": keys[told[0][0]]} for told in customers)


def _marks_of_sources(archive: Archive, sources: Sequence[Told]) -> Iterator[Mapping[str, Any]]:
    """A source's own mark, and those of what was refused from it, which has no record."""
    refused = defaultdict[str, list[Any]](list)
    found = Occurrence.objects.filter(case_id=archive.case_id, record=None).order_by("id")
    for one, source, *marks in found.values_list("id", "source_id", *PLACE):
        refused[source].append([one, *(mark.hex() for mark in marks)])
    for ((one, _, _, mark),) in sources:
        yield {"place": mark.hex(), "places": refused[one]}
