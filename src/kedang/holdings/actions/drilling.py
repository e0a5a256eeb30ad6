"""Restore drills: what a copy gives, opened with the key sheet alone, against what the archive says.

Nothing of the copy is written down: its key pages, the newest snapshot with a living key, the ledger's leaves and
a random sample of every class of records are opened in memory, from the copy's own objects. The result is signed
with the key that signs the ledger's heads.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Q

from kedang.holdings.actions.drill_sources import CopyKeys, CopySnapshot, newest_snapshot
from kedang.holdings.actions.epochs import RESEAL
from kedang.holdings.actions.laying_leaves import bundle_binding
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.copies import CopyStore
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.adapters.signing import known_heads, ledger_rows, signer_of
from kedang.holdings.errors import DrillWithoutSnapshot, EpochChangeUnderway
from kedang.holdings.models import Copy, LedgerHead, Ordered, Record, SealingAnew, Snapshot
from kedang.holdings.queries.destruction import RETIRED
from kedang.ledger.commitments import content_commitment
from kedang.ledger.leaves import Event
from kedang.ledger.notes import sign_note
from kedang.ledger.storage import root_at
from kedang.ledger.verification import verify_ledger
from kedang.preservation.drills import (
    ClassSample,
    Comparison,
    DrillFinding,
    DrillResult,
    FullDrillResult,
    LedgerComparison,
    SamplePolicy,
    sample_places,
    write_drill_result,
    write_full_drill_result,
)
from kedang.preservation.leaf_bundles import LeafChain, decode_leaves, longest_chain, read_bundle_name
from kedang.preservation.snapshot_values import Value
from kedang.records.errors import KedangError
from kedang.vault.blob import open_bytes
from kedang.vault.column import ColumnBinding, open_column

KEY_MISSING = "KD-H204"
CONTENT_DIFFERS = "KD-H206"
NOT_IN_COPY = "KD-B401"
Rows = dict[str, Value]


@dataclass(slots=True)
class _Found:
    """What a drill has seen so far."""

    findings: list[DrillFinding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    population: Counter[str] = field(default_factory=Counter)
    packs: set[str] = field(default_factory=set)
    keyless: list[str] = field(default_factory=list)
    """Records of the snapshot without a key in the copy's ring."""
    withheld: int = 0
    changed: frozenset[str] = frozenset()
    """Records that have lost rows or their original since: what the snapshot says of them opens no more."""
    drawn: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)

    def note(self, code: str, subject: str) -> None:
        """Something is wrong."""
        self.findings.append(DrillFinding(code, subject))


@dataclass(frozen=True, slots=True)
class Drilled:
    """The result and its signed form, as it is handed out."""

    result: DrillResult
    note: str


def drill(
    archive: Archive,
    copy: CopyStore,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    chance: random.Random,
    policy: SamplePolicy | None = None,
) -> Drilled:
    """Open what a copy holds and compare it. The drill is noted, passed or not.

    Raises:
        CopyAbsent, StoreUnavailable: the copy is not reached.
        DrillWithoutSnapshot: no snapshot in it has a living key.
        EpochChangeUnderway: everything is being sealed anew; a copy has two keys under one name meanwhile.
    """
    policy, began = policy or SamplePolicy(), clock()
    if SealingAnew.objects.filter(case_id=archive.case_id).exists():
        raise EpochChangeUnderway(purpose=RESEAL)
    copy.require_answer()
    found = _Found()
    keys = CopyKeys(copy.store, archive.case_id, dict(archive.epoch_keys))
    progress.stage("drill-keys", len(keys.names))
    for damaged in keys.open_all(progress):
        found.note(*damaged)
    snapshot = newest_snapshot(keys)
    try:
        _count(archive, keys, snapshot, found, progress)
        _open_samples(keys, snapshot, found, policy, chance, progress)
    except KedangError as error:  # the snapshot is damaged: what it still has is counted, and nothing agrees
        found.note(error.code, snapshot.id)
    result = _result(archive, copy, snapshot, found, policy, (began, clock()))
    return _noted(archive, copy, result, now=clock())


def _result(
    archive: Archive,
    copy: CopyStore,
    snapshot: CopySnapshot,
    found: _Found,
    policy: SamplePolicy,
    span: tuple[datetime, datetime],
) -> DrillResult:
    here = set(copy.sizes("packs"))
    for pack in sorted(found.packs):
        if f"packs/{pack}" not in here:
            found.note(NOT_IN_COPY, pack)
    ledger = _ledger(archive, copy, snapshot, found)
    return DrillResult(
        case=archive.case_id,
        copy=copy.id,
        snapshot=snapshot.id,
        began=span[0],
        ended=span[1],
        policy=policy,
        samples=_samples(found),
        comparisons=_comparisons(snapshot, found, here),
        key_pages=len(snapshot.keys.names),
        key_pages_opened=snapshot.keys.opened,
        ledger=ledger,
        withheld=found.withheld,
        findings=tuple(found.findings),
    )


def _samples(found: _Found) -> tuple[ClassSample, ...]:
    return tuple(
        ClassSample(one, found.population[one], found.drawn[one], found.matched[one])
        for one in sorted(found.population)
    )


def _comparisons(snapshot: CopySnapshot, found: _Found, here: set[str]) -> tuple[Comparison, ...]:
    tables = [Comparison(one.table, one.rows, found.counts[one.table]) for one in snapshot.header.tables]
    held = sum(f"packs/{pack}" in here for pack in found.packs)
    return (*tables, Comparison("packs", len(found.packs), held))


def _count(
    archive: Archive, keys: CopyKeys, snapshot: CopySnapshot, found: _Found, progress: Progress
) -> None:
    """Every row of the snapshot, once: how many, of which class, in which packs, and who has no key."""
    progress.stage("drill-rows", sum(one.rows for one in snapshot.header.tables))
    found.changed = _changed_since(archive, snapshot)
    for table, row in snapshot.rows():
        found.counts[table] += 1
        progress.advance(1, 0)
        if table == "pack" and row["state"] == "kept":
            found.packs.add(str(row["id"]))
        if table == "record" and row["state"] != DESTROYED:
            if str(row["id"]) in found.changed:
                found.withheld += 1
            elif str(row["id"]) in keys:
                found.population[str(row["record_class"])] += 1
            else:
                found.keyless.append(str(row["id"]))
    gone = {
        record
        for rows in with_ids(Record, found.keyless)
        for record, case in rows.filter(state=DESTROYED).values_list("id", "case_id")
        if case == archive.case_id
    }
    found.withheld += len(gone)
    for record in found.keyless:
        if record not in gone:
            found.note(KEY_MISSING, record)


def _changed_since(archive: Archive, snapshot: CopySnapshot) -> frozenset[str]:
    """Records whose rows, or whose originals, orders have ended since the snapshot was taken."""
    listed = Ordered.objects.filter(
        case_id=archive.case_id, kind__in=("rows", "table"), outcome__in=(DESTROYED, RETIRED)
    )
    since = Q(order__carried_out=None) | Q(order__carried_out__gt=snapshot.header.taken)
    return frozenset(listed.filter(since).values_list("subject", flat=True))


def _open_samples(
    keys: CopyKeys,
    snapshot: CopySnapshot,
    found: _Found,
    policy: SamplePolicy,
    chance: random.Random,
    progress: Progress,
) -> None:
    """A random sample of every class, opened from the copy's packs and compared with its commitment."""
    places = {
        one: set(drawn) for one, drawn in sample_places(found.population, policy, chance=chance).items()
    }
    seen: Counter[str] = Counter()
    drawn: dict[str, Rows] = {}
    ranges: dict[str, list[Rows]] = {}
    for table, row in snapshot.rows():
        record = str(row["id"]) if table == "record" and row["state"] != DESTROYED else ""
        if record and record in keys and record not in found.changed:
            record_class = str(row["record_class"])
            if seen[record_class] in places[record_class]:
                drawn[record] = dict(row)
            seen[record_class] += 1
        if table == "segment" and row["record_id"] in drawn:
            ranges.setdefault(str(row["record_id"]), []).append(dict(row))
    progress.stage("drill-open", len(drawn))
    for record, row in drawn.items():
        record_class = str(row["record_class"])
        found.drawn[record_class] += 1
        try:
            same = _matches(
                keys, row, sorted(ranges.get(record, []), key=lambda one: int(str(one["ordinal"])))
            )
        except (KedangError, KeyError) as error:
            found.note(error.code if isinstance(error, KedangError) else KEY_MISSING, record)
        else:
            found.matched[record_class] += same
            if not same:
                found.note(CONTENT_DIFFERS, record)
        progress.advance(1, int(str(row["padded_bytes"])))


def _matches(keys: CopyKeys, row: Rows, ranges: list[Rows]) -> bool:
    """Whether the record opens, and is what was committed to; of one with holes, whether all the rest opens."""
    record, digest, holed = str(row["id"]), sha256(), False
    for piece in keys.content(row, ranges):
        if piece is None:
            holed = True
        else:
            digest.update(piece)
    binding = ColumnBinding(keys.case, record, "record.sealed")
    said = keys.said(open_column(keys.key(record), _octets(row["sealed"]), binding=binding))
    if holed:
        return True
    expected = content_commitment(digest.digest(), salt=bytes.fromhex(said["salt"]))
    return expected == _octets(row["commitment"])


def _octets(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise KeyError("octets")
    return value


def _ledger(archive: Archive, copy: CopyStore, snapshot: CopySnapshot, found: _Found) -> LedgerComparison:
    """The leaves in the copy: one chain, by way of every signed head that it reaches, as far as the archive's."""
    head = LedgerHead.objects.get(case_id=archive.case_id)
    here = [one for name in copy.sizes("leaves") if (one := read_bundle_name(name))]
    chain = longest_chain(here, generation=head.generation)
    heads = [one for one in known_heads(archive, head.generation) if one.size <= chain.size]
    verdict = verify_ledger(_leaves(copy, snapshot.keys, chain, found), heads=heads)
    for fault in verdict.faults:
        found.note(fault.code, str(fault.n))
    size = verdict.frontier.size
    same = size <= head.size and root_at(ledger_rows(archive.case_id, size), size) == verdict.frontier.root
    return LedgerComparison(
        head_size=max([snapshot.header.ledger_size, *(one.size for one in heads)]),
        restored_size=size,
        root_matches=verdict.sound and same,
    )


def _leaves(copy: CopyStore, keys: CopyKeys, chain: LeafChain, found: _Found) -> Iterator[bytes]:
    for run in chain.runs:
        try:
            stored = copy.store.read(run.bundle.name)
            content = open_bytes(keys.leaves_key(), stored, binding=bundle_binding(keys.case, run.bundle))
            leaves = decode_leaves(content, run.bundle)
        except KedangError as error:
            found.note(error.code, run.bundle.name.partition("/")[2])
            return
        yield from leaves[run.first - run.bundle.first : run.end - run.bundle.first]


def _noted(archive: Archive, copy: CopyStore, result: DrillResult, *, now: datetime) -> Drilled:
    """The event and the signature; the copy remembers when it last passed."""
    note = _signed(archive, write_drill_result(result))
    facts: dict[str, str | int] = {
        "passed": result.passed,
        "full": False,
        "drawn": sum(one.drawn for one in result.samples),
        "matched": sum(one.matched for one in result.samples),
        "key_pages": result.key_pages_opened,
        "withheld": result.withheld,
        "findings": len(result.findings),
        "result": sha256(note.encode()).hexdigest(),
    }
    event = Event(archive.agent, "drilled", (f"copy:{copy.id}", f"snapshot:{result.snapshot}"), facts)
    with transaction.atomic():
        if result.passed:
            rewrite(archive, Copy.objects.filter(id=copy.id), last_drilled=now)
        book.write(archive.case_id, [event], now=now)
    return Drilled(result, note)


@dataclass(frozen=True, slots=True)
class FullDrilled:
    """The result of a full restore and its signed form, as it is handed out."""

    result: FullDrillResult
    note: str

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        one = self.result
        known = {"records": one.records, "faults": one.faults, "code": one.code, "passed": one.passed}
        return known | {"ended": one.ended.isoformat(), "note": self.note}


def note_full_drill(archive: Archive, result: FullDrillResult, *, now: datetime) -> FullDrilled:
    """The event that a copy was restored in full and verified elsewhere, and the signature. The copy remembers when it did not pass."""
    note = _signed(archive, write_full_drill_result(result))
    facts: dict[str, str | int] = {
        "passed": result.passed,
        "full": True,
        "matched": result.records,
        "findings": result.faults,
        "result": sha256(note.encode()).hexdigest(),
    }
    event = Event(archive.agent, "drilled", (f"copy:{result.copy}", f"snapshot:{result.snapshot}"), facts)
    with transaction.atomic():
        if not result.passed:
            rewrite(archive, Copy.objects.filter(id=result.copy), last_drilled=None)
        book.write(archive.case_id, [event], now=now)
    return FullDrilled(result, note)


def newest_snapshot_id(archive: Archive) -> str:
    """The snapshot that a copy which is up to date is restored from.

    Raises:
        DrillWithoutSnapshot: none was ever made.
    """
    rows = Snapshot.objects.filter(case_id=archive.case_id, dropped=None).order_by("-taken")
    found = rows.values_list("id", flat=True).first()
    if found is None:
        raise DrillWithoutSnapshot()
    return str(found)


def _signed(archive: Archive, written: bytes) -> str:
    """A result as a note, by the key that signs the ledger's heads."""
    head = LedgerHead.objects.get(case_id=archive.case_id)
    return sign_note(written.decode() + "\n", signer_of(archive, head.generation))
