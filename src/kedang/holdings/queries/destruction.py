"""What an order of destruction would end, and what it could not: looked at before anything is done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import chain
from typing import Any

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.looking_up import in_batches, with_ids
from kedang.holdings.errors import NothingToDestroy
from kedang.holdings.models import Customer, LedgerHead, Link, Occurrence, Record
from kedang.holdings.queries.containing import Surroundings
from kedang.holdings.queries.dissolving import has_own_content, require_taken_apart
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.row_set_targets import (
    RowSetTarget,
    cells_of_customers,
    require_original,
    row_sets_of,
    tables_to_retire,
)
from kedang.holdings.queries.rows import is_delimited, merged, require_rows, rows_of_customer

RESTRICTED = "restricted"
DISSOLVED = "dissolved"
RETIRED = "retired"
GOING = (DESTROYED, DISSOLVED)
"""Outcomes of what will not be there any more."""
LIMITS = ("old-sheet", "paper", "left-the-house", "names-in-containers", "mentions-elsewhere")
"""What destruction does not promise, as codes of the door's texts: shown before, and named on the certificate."""

UNREAD = ("trigger_dates", "finding_counts", "reckoning")
"""Columns of records that no list needs and that take long to read."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What an order names, and how far it may go."""

    records: Sequence[str] = ()
    customers: Sequence[str] = ()
    rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Rows by record, from 1 for the first below the headers."""
    retired: Sequence[str] = ()
    """Tables whose originals go because confirmed row sets give them back."""
    dissolve: bool = False
    """Whether containers around them may go too, when all their parts are kept."""
    with_versions: bool = False
    """Whether other versions of the records go as well."""


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """One record of an order."""

    record_id: str
    reference_code: str
    outcome: str
    """destroyed; dissolved, a container that goes because of its part; or restricted because a record outside
    the order still holds its content."""
    ranges: tuple[int, ...]
    """Rows of the ranges that hold it in containers which live on."""
    containing: tuple[str, ...]
    """Records that still hold its content."""
    rows: tuple[int, ...] = ()
    """Only these rows of its table; none: all of it."""
    cells: tuple[tuple[int, int], ...] = ()
    """Rows that keep standing in a workbook or database: table and row as extraction counts them."""
    own_content: bool = False
    """Of a container that is dissolved: whether it says something itself, as a letter with attachments does."""

    def to_json(self) -> dict[str, Any]:
        """The record for a program."""
        return {
            "record_id": self.record_id,
            "reference_code": self.reference_code,
            "outcome": self.outcome,
            "ranges": len(self.ranges),
            "containing": list(self.containing),
            "rows": list(self.rows),
            "cells": len(self.cells),
            "own_content": self.own_content,
        }


@dataclass(frozen=True, slots=True)
class PlannedDestruction:
    """The list that people review. Its digest names exactly this list in this state of the archive."""

    records: tuple[PlannedRecord, ...]
    rows: tuple[PlannedRecord, ...]
    """Records that live on without some of their rows."""
    retired: tuple[PlannedRecord, ...]
    """Tables whose originals go while their rows live on in row sets."""
    row_sets: tuple[RowSetTarget, ...]
    """Row sets of the customers: their keys end."""
    customers: tuple[str, ...]
    """Customers whose profile goes too."""
    shared: tuple[str, ...]
    """Records of these customers that concern others as well: they stay, unless named themselves."""
    versions: tuple[str, ...]
    """Other versions found at the places of these records; they stay, unless named or asked for."""
    digest: str
    ledger_size: int

    def with_outcome(self, *outcomes: str) -> Iterator[PlannedRecord]:
        """The records that will end so."""
        return (one for one in self.records if one.outcome in outcomes)

    def going(self) -> Iterator[PlannedRecord]:
        """Everything that will be there no more: records, and records whose rows go."""
        gone = (*GOING, RETIRED)
        return (one for one in (*self.records, *self.rows, *self.retired) if one.outcome in gone)

    def to_json(self) -> dict[str, Any]:
        """The list for a program."""
        return {
            "digest": self.digest,
            "ledger_size": self.ledger_size,
            "records": [one.to_json() for one in self.records],
            "rows": [one.to_json() for one in self.rows],
            "retired": [one.to_json() for one in self.retired],
            "row_sets": [one.to_json() for one in self.row_sets],
            "customers": list(self.customers),
            "shared": list(self.shared),
            "versions": list(self.versions),
            "not_promised": list(LIMITS),
        }


def plan_destruction(archive: Archive, targets: Targets) -> PlannedDestruction:
    """What destroying these records and rows, and everything that is only these customers', would do.

    Raises:
        NothingToDestroy: nothing of what was named is left.
        RowsUnknown: a record has no table with these rows.
        CannotDissolve: a container around one of them has parts that are not kept as records.
        NotConfirmed: the row sets of a table to be retired have not been confirmed as they are.
    """
    case = archive.case_id
    targets = replace(targets, customers=Forwarding.of(case).with_members(targets.customers))
    theirs, shared = _records_of(archive, targets.customers)
    records = _living(archive, [*targets.records, *theirs])
    versions = _versions(archive, records)
    if targets.with_versions:
        records |= _living(archive, versions)
    partial = _rows(archive, targets, [one for one in shared if one not in records], records)
    living = _living_customers(case, targets.customers)
    retired = tables_to_retire(archive, [one for one in targets.retired if one not in records])
    if not records and not living and not partial and not retired:
        raise NothingToDestroy()
    held = cells_of_customers(archive, [one for one in shared if one not in records], targets.customers)
    planning = _Planning(archive, records, partial, retired, held, dissolve=targets.dissolve)
    planned, planned_rows, planned_retired = planning.planned()
    row_sets = row_sets_of(archive, living)
    return PlannedDestruction(
        records=planned,
        rows=planned_rows,
        retired=planned_retired,
        row_sets=row_sets,
        customers=tuple(living),
        shared=tuple(one for one in shared if one not in records),
        versions=tuple(one for one in versions if one not in records),
        digest=_digest(planning, (*planned, *planned_rows, *planned_retired), living, row_sets),
        ledger_size=LedgerHead.objects.get(case_id=case).size,
    )


def _living_customers(case: str, customers: Sequence[str]) -> list[str]:
    rows = Customer.objects.filter(case_id=case, id__in=list(customers)).exclude(key_page="")
    return list(rows.order_by("number").values_list("id", flat=True))


def _living(archive: Archive, ids: Sequence[str]) -> dict[str, Record]:
    rows = (some.exclude(state=DESTROYED).defer(*UNREAD) for some in with_ids(Record, ids))
    return {row.id: row for row in chain.from_iterable(rows) if row.case_id == archive.case_id}


def _records_of(archive: Archive, customers: Sequence[str]) -> tuple[list[str], list[str]]:
    """Records linked to these customers only, and those that others are linked to as well."""
    case = archive.case_id
    theirs = Link.objects.filter(case_id=case, customer_id__in=list(customers))
    linked = sorted(set(theirs.values_list("record_id", flat=True)))
    others: set[str] = set()
    for some in in_batches(linked):
        rows = Link.objects.filter(case_id=case, record_id__in=some).exclude(customer_id__in=list(customers))
        others.update(rows.values_list("record_id", flat=True))
    return [one for one in linked if one not in others], sorted(others)


def _versions(archive: Archive, records: Mapping[str, Record]) -> list[str]:
    """Living records found at the same places at another time."""
    case = archive.case_id
    found: set[str] = set()
    for some in in_batches(sorted(records)):
        places = Occurrence.objects.filter(case_id=case, record_id__in=some).values("place_fingerprint")
        rows = Occurrence.objects.filter(case_id=case, place_fingerprint__in=places).exclude(record=None)
        found.update(rows.values_list("record_id", flat=True))
    return sorted(_living(archive, sorted(found - records.keys())))


def _rows(
    archive: Archive, targets: Targets, shared: Sequence[str], whole: Mapping[str, Record]
) -> dict[str, tuple[Record, tuple[int, ...]]]:
    """Rows that are named, and rows of these customers in delimited records that concern others too."""
    named = {one: rows for one, rows in targets.rows.items() if one not in whole}
    for record in _living(archive, sorted(named)).values():
        require_original(archive, record)
        require_rows(archive, record, named[record.id])
    theirs = [
        (record.id, rows_of_customer(archive, record, customer))
        for record in _living(archive, shared).values()
        if is_delimited(record)
        for customer in targets.customers
    ]
    rows = merged([*named.items(), *theirs])
    records = _living(archive, sorted(rows))
    return {one: (records[one], some) for one, some in rows.items() if some and one in records}


@dataclass(slots=True)
class _Planning:
    """The outcome of each thing that is named, and of the containers that go with it."""

    archive: Archive
    records: dict[str, Record]
    partial: dict[str, tuple[Record, tuple[int, ...]]]
    retired: dict[str, Record]
    held: dict[str, tuple[Record, tuple[tuple[int, int], ...]]]
    """Rows that stay in workbooks."""
    dissolve: bool
    around: Surroundings = field(init=False)
    dissolved: dict[str, Record] = field(default_factory=dict)
    wide: dict[str, set[int]] = field(default_factory=dict)
    """Ranges around a part that has none of its own there; its container is kept as a record of its own."""

    def planned(self) -> tuple[tuple[PlannedRecord, ...], ...]:
        """Records, then records that lose rows, then tables that are retired."""
        self.around = Surroundings(self.archive)
        self.around.look_around([*self.records, *self.partial, *self.retired])
        if self.dissolve:
            self._dissolve()
        named = self.records | self.dissolved
        dead = self._dying(named)
        whole = tuple(self._record(one, row, dead) for one, row in sorted(named.items()))
        parts = tuple(self._part(row, rows, dead) for _, (row, rows) in sorted(self.partial.items()))
        held = tuple(self._held(row, cells) for _, (row, cells) in sorted(self.held.items()))
        retired = tuple(self._retired(row, dead) for _, row in sorted(self.retired.items()))
        return whole, (*parts, *held), retired

    def row_of(self, record: str) -> Record:
        """The row of a record that was planned, as it was read."""
        found = self.records.get(record) or self.dissolved.get(record) or self.retired.get(record)
        return found or (self.partial.get(record) or self.held[record])[0]

    def _dying(self, named: Mapping[str, Record]) -> set[str]:
        dead = set(named)
        while living := {one for one in dead if self._holders(one, dead)}:
            dead -= living
        return dead

    def _holders(self, record: str, dead: Set[str]) -> set[str]:
        """The containers that keep the content, ranges around it not counted that may go."""
        places = (place for place in self.around.places[record] if self.around.is_held(place, dead))
        return {one.container for one in places if not (self.dissolve and self.around.widened(one))}

    def _dissolve(self) -> None:
        """Add every container that must go, from the inside out.

        Raises:
            CannotDissolve: one of them has parts that are not kept as records.
        """
        waiting = [*self.records, *self.partial, *self.retired]
        while waiting:
            going = self.records.keys() | self.dissolved.keys()
            new = {one for record in waiting for one in self._holders(record, going)} - going
            for row in _living(self.archive, sorted(new)).values():
                require_taken_apart(self.archive, row)
                self.dissolved[row.id] = row
            self.around.look_around(sorted(new))
            waiting = sorted(new)

    def _ranges(self, record: str, dead: Set[str]) -> tuple[int, ...]:
        found = set(self.around.ranges_of(record, dead))
        for place in self.around.places[record]:
            if self.dissolve and self.around.is_held(place, dead):
                path = self.around.widened(place)
                found.update(self.around.ranges_at(place.container, path) if path else ())
        return tuple(sorted(found))

    def _record(self, one: str, row: Record, dead: Set[str]) -> PlannedRecord:
        outcome = DISSOLVED if one in self.dissolved else DESTROYED
        return PlannedRecord(
            record_id=one,
            reference_code=row.reference_code or "",
            outcome=outcome if one in dead else RESTRICTED,
            ranges=self._ranges(one, dead) if one in dead else (),
            containing=tuple(sorted(self._holders(one, dead))),
            own_content=one in self.dissolved and has_own_content(row),
        )

    def _held(self, row: Record, cells: tuple[tuple[int, int], ...]) -> PlannedRecord:
        """Rows that cannot go before their workbook is retired."""
        code = row.reference_code or ""
        return PlannedRecord(row.id, code, RESTRICTED, (), (row.id,), cells=cells)

    def _retired(self, row: Record, dead: Set[str]) -> PlannedRecord:
        """The original goes when no container keeps it."""
        holders = self._holders(row.id, dead)
        return PlannedRecord(
            record_id=row.id,
            reference_code=row.reference_code or "",
            outcome=RESTRICTED if holders else RETIRED,
            ranges=() if holders else self._ranges(row.id, dead),
            containing=tuple(sorted(holders)),
        )

    def _part(self, row: Record, rows: tuple[int, ...], dead: Set[str]) -> PlannedRecord:
        """Rows go when the record's bytes are known row by row and no container keeps them."""
        holders = self._holders(row.id, dead) | (set() if is_delimited(row) else {row.id})
        return PlannedRecord(
            record_id=row.id,
            reference_code=row.reference_code or "",
            outcome=RESTRICTED if holders else DESTROYED,
            ranges=() if holders else self._ranges(row.id, dead),
            containing=tuple(sorted(holders)),
            rows=rows,
        )


def _digest(
    planning: _Planning,
    planned: Sequence[PlannedRecord],
    customers: Sequence[str],
    row_sets: Sequence[RowSetTarget],
) -> str:
    """Over the list and the MAC of every row: a record that has changed since is another list."""
    listed = [
        [
            one.record_id,
            one.outcome,
            list(one.ranges),
            list(one.containing),
            [*one.rows, *one.cells],
            bytes(planning.row_of(one.record_id).mac).hex(),
        ]
        for one in planned
    ]
    sets = [[one.row_set, one.rows, one.retired] for one in row_sets]
    octets = json.dumps(
        [listed, sorted(customers), *([sets] if sets else [])], separators=(",", ":")
    ).encode()
    return sha256(b"kedang destruction list v1\0" + octets).hexdigest()
