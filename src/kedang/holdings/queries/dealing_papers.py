"""Records as papers of dealings: what was read of them when they were taken in, opened again a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec
from django.db.models import Count, QuerySet

from kedang.appraisal.said_facts import facts_that_hold
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED, derived_payload, key_of
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.adapters.links import open_link
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.models import Customer, Link, Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.row_owners import RANK
from kedang.records.content import Fact, RecordClass
from kedang.resolution.dealings import Paper, paper_of
from kedang.resolution.roles import Role

BATCH = 300
MOST_PARTIES = 8  # links; a paper of a dealing names fewer, a list names more
_LEAST_IN_A_LIST = 3  # customers, each in a row of his own
_PAPERS = (RecordClass.CONTRACT.value, RecordClass.TRANSACTION.value)


class _Text(msgspec.Struct):
    text: str = ""


class _Facts(msgspec.Struct):
    facts: tuple[Fact, ...] = ()


class _Said(msgspec.Struct):
    extraction: _Text
    appraisal: _Facts | None = None


_SAID = msgspec.json.Decoder(_Said)


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """What a record says of itself, and whose paper it is."""

    row: Record
    title: str
    text: str
    facts: tuple[Fact, ...]
    owners: tuple[str, ...]
    """Customers as they are now, of those that it names the foremost; empty for nobody."""
    is_list: bool
    """It names many, each in his own row: a list and no paper of one dealing."""

    def paper(self) -> Paper | None:
        """The record as a step of a dealing; None for a list, and when it is no such paper."""
        if self.is_list:
            return None
        record_class = RecordClass(self.row.record_class)
        return paper_of(self.row.id, record_class, self.title, self.text, self.facts, self.row.record_date)


def papers_of_case(
    archive: Archive, merged: Forwarding, *, among: QuerySet[Record] | None = None
) -> Iterator[ReadRecord]:
    """Every contract and transaction of the case, or `among` some records only, in the order of their ids."""
    rows = Record.objects.filter(case_id=archive.case_id, record_class__in=_PAPERS).exclude(state=DESTROYED)
    if among is not None:
        rows = rows.filter(id__in=among.values("id"))
    ids = rows.order_by("id").values_list("id", flat=True)
    return read_records(archive, list(ids), merged)


def read_records(archive: Archive, record_ids: Iterable[str], merged: Forwarding) -> Iterator[ReadRecord]:
    """These records as they are described, those that were destroyed left out; some hundred at a time in memory."""
    waiting = iter(dict.fromkeys(record_ids))
    while some := list(islice(waiting, BATCH)):
        rows = {row.id: row for here in with_ids(Record, some) for row in here if row.state != DESTROYED}
        owned = _owned(archive, rows, merged)
        for record_id in some:
            if record_id in rows:
                yield _read(archive, rows[record_id], *owned.get(record_id, ((), False)))


def _read(archive: Archive, row: Record, owners: tuple[str, ...], is_list: bool) -> ReadRecord:
    described = archive.open(key_of(archive, row), row.id, "record.sealed", row.sealed)
    payload = derived_payload(archive, row)
    said = _SAID.decode(payload) if payload else _Said(_Text())
    read = said.appraisal.facts if said.appraisal else ()
    facts = facts_that_hold(read, described.get("facts", {}))
    return ReadRecord(row, str(described["title"]), said.extraction.text, facts, owners, is_list)


def _owned(
    archive: Archive, rows: Mapping[str, Record], merged: Forwarding
) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Whose each record is, and whether it is a list."""
    links = Link.objects.filter(case_id=archive.case_id, record_id__in=list(rows)).order_by()
    counts = dict(links.values_list("record_id").annotate(count=Count("id")))
    some = [record for record, count in counts.items() if count <= MOST_PARTIES]
    by_record: dict[str, list[Link]] = {}
    for link in links.filter(record_id__in=some).order_by("customer_id"):
        by_record.setdefault(link.record_id, []).append(link)
    found = {record: _parties(archive, rows[record], here, merged) for record, here in by_record.items()}
    return found | dict.fromkeys(counts.keys() - found.keys(), ((), True))


def _parties(
    archive: Archive, row: Record, links: Sequence[Link], merged: Forwarding
) -> tuple[tuple[str, ...], bool]:
    """The foremost of those who are named; an organisation stands before its people."""
    heads = {merged.head(link.customer_id) for link in links}
    if len(heads) == 1:
        return tuple(heads), False
    places = {kept.at: kept.mention for kept in mentions_of_record(archive, row)}
    best: dict[str, int] = {}
    lines: dict[str, set[tuple[Role, tuple[int, int]]]] = {}
    for link in links:
        head = merged.head(link.customer_id)
        said = open_link(archive, row.key_page, link)
        for at in {*map(int, said.get("mentions", ())), *map(int, said.get("model", {}))} & places.keys():
            mention = places[at]
            rank = RANK.get(mention.role.value, len(RANK))
            best[head] = min(rank, best.get(head, rank))
            if mention.row is not None:
                lines.setdefault(head, set()).add((mention.role, mention.row))
    return ((), True) if _listed(lines) else (_foremost(heads, best), False)


def _listed(lines: Mapping[str, set[tuple[Role, tuple[int, int]]]]) -> bool:
    """Whether customers stand in it one under the other: in one part each in his row, or three and more in theirs."""
    rows = {row for some in lines.values() for _, row in some}
    if len(lines) >= _LEAST_IN_A_LIST and len(rows) >= len(lines):
        return True
    roles = {role for some in lines.values() for role, _ in some} - {Role.CONTRACT_PARTY}
    for role in roles:
        standing = [{row for one, row in some if one is role} for some in lines.values()]
        standing = [some for some in standing if some]
        if len(standing) > 1 and len(set().union(*standing)) >= len(standing):
            return True
    return False


def _foremost(heads: set[str], best: Mapping[str, int]) -> tuple[str, ...]:
    first = min(best.values(), default=len(RANK))
    among = [head for head in sorted(heads) if best.get(head, len(RANK)) == first]
    kinds = dict(Customer.objects.filter(id__in=among).values_list("id", "kind"))
    firms = [head for head in among if kinds.get(head) == "organisation"]
    return tuple(firms or among)
