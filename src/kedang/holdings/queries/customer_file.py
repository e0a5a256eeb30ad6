"""The customer file 客户档案: everything that is known of one customer, with where each value comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.judgements import open_judgement
from kedang.holdings.adapters.kept_mentions import mentions_of_record
from kedang.holdings.adapters.links import open_link
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.adapters.names import customer_name
from kedang.holdings.models import Customer, Judgement, Link
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.judging_queue import open_proposals
from kedang.holdings.queries.said_values import values_of
from kedang.pipeline.kept_mentions import KeptMention

BESIDE = "contact"
"""Who is named in the place of the customer without being one of his kind: a firm's person, a person's firm."""


def customer_file(archive: Archive, customer: str, *, scope: CustomerScope = EVERYTHING) -> dict[str, Any]:
    """The file of a customer, given by the id of any number of his, as far as his records lie within `scope`."""
    merged = Forwarding.of(archive.case_id)
    head = merged.head(customer)
    members = merged.members(head)
    rows = {row.id: row for row in Customer.objects.filter(case_id=archive.case_id, id__in=list(members))}
    row = rows[head]
    links = list(_links(archive, members, scope))
    told = [_link(archive, link, rows) for link in links]
    _leave_out(told, scope)
    return {
        "number": row.number,
        "id": row.id,
        "kind": row.kind,
        "name": customer_name(archive, row),
        "merged": [_merged(archive, rows[one]) for one in members[1:]],
        "profile": _profile(archive, row.kind, links),
        "records": _records(links),
        "links": told,
        "judgements": list(
            _judgements(archive, merged, frozenset(members), [one.record_id for one in links], scope)
        ),
        "to_judge": _waiting(archive, members, scope),
    }


def _links(archive: Archive, members: Sequence[str], scope: CustomerScope) -> Iterator[Link]:
    rows = Link.objects.filter(case_id=archive.case_id, customer_id__in=list(members))
    rows = scope.narrowed(rows).select_related("record")
    return iter(rows.order_by("record__first_order", "id"))


def _merged(archive: Archive, row: Customer) -> dict[str, Any]:
    name = customer_name(archive, row) if row.key_page else ""
    return {"number": row.number, "id": row.id, "name": name, "ground": row.forward_ground}


def _profile(archive: Archive, kind: str, links: Sequence[Link]) -> list[dict[str, Any]]:
    """Each field with its values, the one that most records say first, and the records that say it."""
    found: dict[str, dict[str, dict[str, dict[str, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for link in links:
        places = _places(open_link(archive, link.record.key_page, link))
        for kept in mentions_of_record(archive, link.record) if places else ():
            for said in values_of(kept) if kept.at in places else ():
                field = BESIDE if said.field == "name" and kept.mention.kind.value != kind else said.field
                found[field][said.value].setdefault(link.record_id, _source(link, kept))
    return [
        {"field": field, "values": _rivals(values)}
        for field, values in sorted(found.items(), key=_name_first)
    ]


def _name_first(one: tuple[str, object]) -> tuple[bool, bool, str]:
    return one[0] != "name", one[0] != BESIDE, one[0]


def _source(link: Link, kept: KeptMention) -> dict[str, Any]:
    return {
        "record_id": link.record_id,
        "reference_code": link.record.reference_code or "",
        "role": kept.mention.role.value,
        "mention": kept.at,
        "row": list(kept.mention.row) if kept.mention.row else None,
    }


def _rivals(values: dict[str, dict[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    ordered = sorted(values.items(), key=lambda one: (-len(one[1]), one[0]))
    return [{"value": value, "sources": list(sources.values())} for value, sources in ordered]


def _places(said: dict[str, Any]) -> set[int]:
    return {*said.get("mentions", ()), *map(int, said.get("model", {}))}


def _records(links: Sequence[Link]) -> dict[str, list[dict[str, Any]]]:
    """His records by class, each once, in their order."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for link in links:
        record = link.record
        found.setdefault(record.record_class, {}).setdefault(
            record.id,
            {
                "record_id": record.id,
                "reference_code": record.reference_code or "",
                "date": record.record_date.isoformat() if record.record_date else "",
                "state": record.state,
                "retention_until": record.retention_until.isoformat() if record.retention_until else "",
                "retention_kind": record.retention_kind,
            },
        )
    return {name: list(records.values()) for name, records in sorted(found.items())}


def _link(archive: Archive, link: Link, rows: dict[str, Customer]) -> dict[str, Any]:
    said = open_link(archive, link.record.key_page, link)
    joined = [
        {"mention": int(at), "to": evidence.get("to"), "evidence": evidence}
        for at, evidence in sorted(said.get("model", {}).items(), key=lambda one: int(one[0]))
    ]
    return {
        "record_id": link.record_id,
        "reference_code": link.record.reference_code or "",
        "number": rows[link.customer_id].number,
        "ground": link.ground,
        "mentions": said.get("mentions", []),
        "joined": joined,
    }


def _leave_out(links: Sequence[dict[str, Any]], scope: CustomerScope) -> None:
    """Name no record beyond the scope as what a mention was joined to."""
    if scope.records is None:
        return
    joins = [joined for link in links for joined in link["joined"] if joined["to"]]
    named = {str(joined["to"][0]) for joined in joins}
    seen = {one for some in in_batches(sorted(named)) for one in _among(scope, some)}
    for joined in joins:
        if joined["to"][0] not in seen:
            joined["to"] = None
            joined["evidence"] = {name: said for name, said in joined["evidence"].items() if name != "to"}


def _among(scope: CustomerScope, records: Sequence[str]) -> list[str]:
    return (
        list(scope.records.filter(id__in=records).values_list("id", flat=True))
        if scope.records is not None
        else []
    )


def _judgements(
    archive: Archive,
    merged: Forwarding,
    members: frozenset[str],
    records: Sequence[str],
    scope: CustomerScope,
) -> Iterator[dict[str, Any]]:
    """Judgements about the customer's numbers, and about mentions in his records; none that tells of others' records."""
    theirs = frozenset(records)
    rows = Judgement.objects.filter(case_id=archive.case_id).exclude(sealed=b"").order_by("ordinal")
    for row in rows:
        about = members & {merged.head(one) for one in (row.customer, row.other) if one}
        sides = {one for one in (row.first_id, row.second_id) if one}
        if not (about or theirs & sides) or (scope.records is not None and not sides <= theirs):
            continue
        said = open_judgement(archive, row) if row.undone is None else {}
        yield {
            "number": row.ordinal,
            "kind": row.kind,
            "decided": row.decided.isoformat(),
            "undone": row.undone.isoformat() if row.undone else "",
            "agent": row.agent_id,
            "reason": said.get("reason", ""),
            "records": [one for one in (row.first_id, row.second_id) if one],
        }


def _waiting(archive: Archive, members: Sequence[str], scope: CustomerScope) -> int:
    """How many pairs about him wait for a person."""
    about = Q(customer__in=members) | Q(other__in=members)
    return scope.narrowed(open_proposals(archive.case_id).filter(about), "first", "second").count()
