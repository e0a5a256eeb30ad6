"""An archive up to its random ids, so that two of the same source can be compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.world import World

RANDOM = ("record_id",)


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything about an archive that does not depend on chance."""

    records: dict[str, dict[str, Any]]
    """By SHA-256: the catalogue's row with text, facts, findings, reasons and reckoning."""
    occurrences: list[tuple[Any, ...]]
    """(order, depth, ordinal, version, current, state, code, SHA-256 of record, order of parent)."""
    ranges: list[tuple[Any, ...]]
    """(SHA-256 of container, ordinal, member path, SHA-256 of the owner, length)."""
    questions: Counter[tuple[str, str, bool, str]]
    balance: dict[str, Any]
    customers: list[tuple[str, str, tuple[str, ...]]]
    """Kind, name and the SHA-256 of each of the records."""


def contents_of(world: World) -> Contents:
    """What an archive holds."""
    catalogue = world.catalogue()
    sha = {row["record_id"]: row["sha256"] for row in catalogue}
    return Contents(
        records={row["sha256"]: {k: v for k, v in row.items() if k not in RANDOM} for row in catalogue},
        occurrences=_occurrences(world, sha),
        ranges=_ranges(world, sha),
        questions=Counter(
            (sha[record], code, bool(blocking), facts)
            for record, code, blocking, facts in world.rows(
                "SELECT record_id, code, blocking, facts FROM holdings_question"
            )
        ),
        balance=world.ask("status")["balance"],
        customers=[
            (one["kind"], one["name"], tuple(sha[record["record_id"]] for record in one["records"]))
            for one in world.ask("customers")
        ],
    )


def _occurrences(world: World, sha: dict[str, str]) -> list[tuple[Any, ...]]:
    rows = world.rows(
        "SELECT o.order_key, o.depth, o.ordinal, o.version, o.current, o.state, o.code, o.record_id,"
        " p.order_key FROM holdings_occurrence o LEFT JOIN holdings_occurrence p ON o.parent_id = p.id"
    )
    return sorted(
        (order, depth, ordinal, version, current, state, code, sha.get(record or "", ""), above or b"")
        for order, depth, ordinal, version, current, state, code, record, above in rows
    )


def _ranges(world: World, sha: dict[str, str]) -> list[tuple[Any, ...]]:
    rows = world.rows("SELECT record_id, ordinal, member_path, owner_id, length FROM holdings_segment")
    return sorted(
        (sha[record], ordinal, path, sha.get(owner or "", ""), length)
        for record, ordinal, path, owner, length in rows
    )


ORPHANS = {
    "occurrences without their record": "SELECT count(*) FROM holdings_occurrence o WHERE record_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM holdings_record r WHERE r.id = o.record_id)",
    "records without an occurrence": "SELECT count(*) FROM holdings_record r WHERE NOT EXISTS"
    " (SELECT 1 FROM holdings_occurrence o WHERE o.record_id = r.id)",
    "segments without their record": "SELECT count(*) FROM holdings_segment s WHERE NOT EXISTS"
    " (SELECT 1 FROM holdings_record r WHERE r.id = s.record_id)",
    "mentions without their record": "SELECT count(*) FROM holdings_mentionkey m WHERE NOT EXISTS"
    " (SELECT 1 FROM holdings_record r WHERE r.id = m.record_id)",
    "customers without a key": "SELECT count(*) FROM holdings_customer c WHERE NOT EXISTS"
    " (SELECT 1 FROM holdings_customerkey k WHERE k.customer_id = c.id)",
    "records whose key page has no row": "SELECT count(*) FROM holdings_record r WHERE NOT EXISTS"
    " (SELECT 1 FROM holdings_keypage p WHERE p.id = r.key_page)",
    "records in packs that are not kept": "SELECT count(*) FROM holdings_record r WHERE segments = 0 AND"
    " NOT EXISTS (SELECT 1 FROM holdings_pack p WHERE p.id = r.content_pack AND p.state = 'kept')",
    "index parts that no record is in": "SELECT count(*) FROM holdings_indexpart i WHERE NOT EXISTS"
    " (SELECT 1 FROM holdings_record r WHERE r.indexed_part = i.id)",
    "records that are not indexed": "SELECT count(*) FROM holdings_record WHERE indexed_part IS NULL",
    "customer sweeps left over": "SELECT count(*) FROM holdings_record WHERE NOT founded",
    "occurrences left open": "SELECT count(*) FROM holdings_occurrence WHERE state = 'open'",
    "accessions left open": "SELECT count(*) FROM holdings_accession WHERE closed IS NULL",
}


def orphan_rows(world: World) -> dict[str, int]:
    """How many rows hang loose, by what is wrong with them."""
    counted = {name: int(world.rows(query)[0][0]) for name, query in ORPHANS.items()}
    return {name: count for name, count in counted.items() if count}
