"""What an order would do, grouped as people ask: what dies, what stays and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say
from kedang.holdings.queries.destruction import PlannedDestruction, PlannedRecord
from kedang.holdings.queries.ledger_events import codes_of_records
from kedang.holdings.queries.rows import numbers_said

SHOWN = 200  # of each group; the count says how many there are


@dataclass(frozen=True, slots=True)
class Group:
    """Things that end the same way."""

    key: str
    """dead, rows, retired, dissolved, restricted, cells, row-sets, customers, shared or versions."""
    count: int
    lines: Sequence[tuple[str, str, str | int]]
    """Record id (or none), what it is called, and a remark: rows, or how many of them."""


def effect_of(desk: Desk, plan: PlannedDestruction) -> list[Group]:
    """The groups that are not empty, what dies first."""
    held = [
        one
        for one in (*plan.records, *plan.rows, *plan.retired)
        if one.outcome == "restricted" and not one.cells
    ]
    around = codes_of_records(desk.records(Act.LIST), (c for one in held for c in one.containing))
    between = say("web.and", desk.language)
    others = codes_of_records(desk.records(Act.LIST), (*plan.shared, *plan.versions))
    groups = (
        _group("dead", plan.with_outcome("destroyed")),
        _group("rows", (one for one in plan.rows if one.outcome == "destroyed")),
        _group("retired", (one for one in plan.retired if one.outcome == "retired")),
        _group("dissolved", plan.with_outcome("dissolved")),
        Group("customers", len(plan.customers), ()),
        Group("row-sets", len(plan.row_sets), ()),
        Group("restricted", len(held), [_restricted(one, around, between) for one in held[:SHOWN]]),
        _cells([one for one in plan.rows if one.cells]),
        _named("shared", plan.shared, others),
        _named("versions", plan.versions, others),
    )
    return [group for group in groups if group.count]


def _group(key: str, records: Iterable[PlannedRecord]) -> Group:
    some = list(records)
    lines = [
        (one.record_id, _called(one), numbers_said(one.rows) if one.rows else "") for one in some[:SHOWN]
    ]
    return Group(key, len(some), lines)


def _restricted(one: PlannedRecord, around: dict[str, str], between: str) -> tuple[str, str, str]:
    return (
        one.record_id,
        _called(one),
        between.join(around[held] for held in one.containing if held in around),
    )


def _cells(records: Sequence[PlannedRecord]) -> Group:
    """Workbooks and databases that keep rows of these customers, with how many."""
    lines = [(one.record_id, _called(one), len(one.cells)) for one in records[:SHOWN]]
    return Group("cells", len(records), lines)


def _named(key: str, ids: Sequence[str], codes: dict[str, str]) -> Group:
    return Group(key, len(ids), [(one, codes[one], "") for one in ids[:SHOWN] if one in codes])


def _called(one: PlannedRecord) -> str:
    return one.reference_code or one.record_id[:12]
