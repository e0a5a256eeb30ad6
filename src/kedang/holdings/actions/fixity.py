"""Fixity rounds: everything that is stored is checked again and again, a little at a time.

A thing is an object (`packs/…`, `ring/…`, `snapshots/…`, `index/…`), a slice of rows (`rows/<table>/<slice>`) or a
comparison of many rows (`books/<name>`). When each was last checked stands in a table; a round is over when
nothing is left that was checked before it began. Whoever stops a round loses at most some seconds of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Model, Q

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import UNREADABLE, guarded, rewrite
from kedang.holdings.adapters.instants import one_instant
from kedang.holdings.adapters.kept_snapshots import SNAPSHOTS
from kedang.holdings.intake.indexing import part_path
from kedang.holdings.models import (
    FixityCheck,
    FixityRound,
    IndexPart,
    KeyPage,
    LedgerHead,
    Occurrence,
    Pack,
    Record,
    Snapshot,
)
from kedang.holdings.queries.faults import KEY_MISSING, Fault, Verification
from kedang.holdings.queries.kept_rows import check_rows, guarded_tables, of_case
from kedang.holdings.queries.stored_objects import (
    INDEX,
    IndexedBlobs,
    check_pack,
    check_page,
    check_part,
    check_snapshot,
)
from kedang.holdings.queries.verifying import BOOKS, check_records, checked
from kedang.ledger.leaves import Event
from kedang.preservation.fixity import FixityObject, RoundCursor, next_run
from kedang.preservation.rates import RateLimiter
from kedang.records.ids import PackId
from kedang.vault import ring
from kedang.vault.pack import pack_name, stored_bytes
from kedang.vault.padding import padme

SLICES = "0123456789abcdef"
SLICED: tuple[type[Model], ...] = (Record, Occurrence)
"""Large tables, checked a sixteenth at a time, by the first digit of their ids."""
ROW_BYTES = 1024  # about what a row weighs against a byte of an object; for the order and the rate only
PAGE_BYTES = 50_000
LEAF_BYTES = 300
NOTED_EVERY = 2.0  # seconds between two writings of what has been checked
WITHOUT_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run of a round goes, and for how long."""

    bytes_per_second: int = 0
    """0: as fast as it goes."""
    seconds: float = 0.0
    """0: to the end of the round."""


@dataclass(slots=True)
class RoundRun:
    """What one run of a round did."""

    number: int
    began: datetime
    ended: bool = False
    objects: int = 0
    bytes: int = 0
    left: int = 0
    faults: list[Fault] = field(default_factory=list)


def run_round(archive: Archive, *, pace: Pace, clock: Callable[[], datetime], progress: Progress) -> RoundRun:
    """Go on with the round that is open, or begin the next, for as long as the pace says."""
    row, outstanding = _opened_round(archive, now=clock())
    run = RoundRun(row.number, row.began, left=len(outstanding))
    limiter = RateLimiter(pace.bytes_per_second, clock=time.monotonic) if pace.bytes_per_second else None
    until = time.monotonic() + pace.seconds if pace.seconds else float("inf")
    progress.stage("fixity", len(outstanding))
    noted = _Noted(archive, row)
    for thing in outstanding:
        if time.monotonic() >= until and run.objects:
            break
        if limiter is not None:
            time.sleep(limiter.wait_seconds(thing.size_bytes))
        faults = check_thing(archive, thing.name)
        run.faults += faults
        run.objects, run.bytes, run.left = run.objects + 1, run.bytes + thing.size_bytes, run.left - 1
        noted.note(thing, faults, now=clock())
        progress.advance(1, thing.size_bytes)
    noted.write()
    if not run.left:
        _end_round(archive, row, now=clock())
        run.ended = True
    return run


@dataclass(slots=True)
class _Noted:
    """What has been checked and is not yet written down."""

    archive: Archive
    row: FixityRound
    waiting: list[FixityCheck] = field(default_factory=list)
    bytes: int = 0
    damages: int = 0
    since: float = field(default_factory=time.monotonic)

    def note(self, thing: FixityObject, faults: list[Fault], *, now: datetime) -> None:
        """One more thing has been checked."""
        code = faults[0].code if faults else ""
        case = self.archive.case_id
        self.waiting.append(
            guarded(self.archive, FixityCheck(case_id=case, name=thing.name, checked=now, code=code))
        )
        self.bytes += thing.size_bytes
        self.damages += bool(faults)
        if time.monotonic() - self.since >= NOTED_EVERY:
            self.write()

    def write(self) -> None:
        """Write it down, in one transaction."""
        names = [one.name for one in self.waiting]
        row = self.row
        with transaction.atomic():
            for start in range(0, len(names), 400):
                some = names[start : start + 400]
                FixityCheck.objects.filter(case_id=self.archive.case_id, name__in=some).delete()
            FixityCheck.objects.bulk_create(self.waiting, batch_size=100)
            rewrite(
                self.archive,
                [row],
                objects_checked=row.objects_checked + len(names),
                bytes_checked=row.bytes_checked + self.bytes,
                damages=row.damages + self.damages,
            )
        self.waiting, self.bytes, self.damages, self.since = [], 0, 0, time.monotonic()


def _opened_round(archive: Archive, *, now: datetime) -> tuple[FixityRound, tuple[FixityObject, ...]]:
    """The round that is open and what it still has to check, what was never checked first."""
    case = archive.case_id
    last = FixityRound.objects.filter(case_id=case).order_by("-number").first()
    cursor = RoundCursor(last.number, last.began) if last is not None else None
    if last is not None and last.finished is not None:
        cursor = RoundCursor(last.number + 1, now)
    planned = next_run(list(things_of(archive)), cursor, now=now, budget_bytes=WITHOUT_LIMIT)
    if last is None or last.number != planned.cursor.number:
        last = FixityRound(case_id=case, number=planned.cursor.number, began=planned.cursor.began)
        guarded(archive, last).save(force_insert=True)
    return last, planned.objects


def _end_round(archive: Archive, row: FixityRound, *, now: datetime) -> None:
    """The round is over; what it no longer met is forgotten."""
    facts = {"round": row.number, "objects": row.objects_checked, "damages": row.damages}
    facts["padded_bytes"] = padme(row.bytes_checked)
    with transaction.atomic():
        FixityCheck.objects.filter(case_id=archive.case_id, checked__lt=row.began).delete()
        rewrite(archive, [row], finished=now)
        book.write(archive.case_id, [Event(archive.agent, "fixity-round-ended", (), facts)], now=now)


def things_of(archive: Archive) -> Iterator[FixityObject]:
    """Everything that a round checks, each with when it was checked last."""
    known = _checked_before(archive)
    for name, size in _sizes(archive):
        yield FixityObject(name, size, known.get(name))


def _checked_before(archive: Archive) -> Mapping[str, datetime]:
    """When each thing was checked last; where a time is damaged, nothing counts as checked, the table among it."""
    rows = FixityCheck.objects.filter(case_id=archive.case_id)
    try:
        return dict(rows.values_list("name", "checked").iterator(chunk_size=2000))
    except UNREADABLE:
        return {}


def _sizes(archive: Archive) -> Iterator[tuple[str, int]]:
    case = archive.case_id
    packs = Pack.objects.filter(case_id=case, state="kept").values_list("id", "size_bytes", "blobs")
    yield from ((pack_name(PackId(one)), stored_bytes(size, blobs)) for one, size, blobs in packs)
    for page in KeyPage.objects.filter(case_id=case).values_list("id", flat=True):
        yield f"{ring.KIND}/{page}", PAGE_BYTES
    for name in archive.store.names(SNAPSHOTS):  # each with the blocks that it refers to
        yield name, archive.store.size(name)
    for file in IndexPart.objects.filter(case_id=case).values_list("file", flat=True):
        path = part_path(archive, file)
        yield f"{INDEX}/{file}", path.stat().st_size if path.is_file() else 0
    models: tuple[type[Model], ...] = (Record, *guarded_tables())
    for model in models:
        table, count = (
            model.__name__.lower(),
            model._default_manager.filter(**of_case(model, archive)).count(),
        )
        for one in SLICES if model in SLICED else "-":
            yield f"rows/{table}/{one}", count * ROW_BYTES // (16 if model in SLICED else 1)
    leaves = LedgerHead.objects.filter(case_id=case).values_list("size", flat=True).first() or 0
    for name in BOOKS:
        yield f"books/{name}", leaves * LEAF_BYTES if name == "ledger" else ROW_BYTES


def check_thing(archive: Archive, name: str) -> list[Fault]:
    """What is wrong with one thing."""
    found = Verification()
    kind, _, rest = name.partition("/")
    check = _check_rows if kind in ("rows", "books") else _check_object
    checked(found, rest, partial(check, archive, kind, rest, found))
    return found.faults


def _check_rows(archive: Archive, kind: str, rest: str, found: Verification) -> None:
    with archive.keyring.undisturbed(), one_instant():  # others may go on writing
        _check_rows_now(archive, kind, rest, found)


def _check_rows_now(archive: Archive, kind: str, rest: str, found: Verification) -> None:
    if kind == "books":
        BOOKS[rest](archive, found)
        return
    table, _, part = rest.partition("/")
    within = Q(id__gte=part, id__lt=_after(part)) if part != "-" else None
    if table == "record":
        records = Record.objects.filter(case_id=archive.case_id).filter(within or Q())
        in_order = records.order_by("indexed_part", "indexed_row", "id")  # one page of keys after the other
        packs = Pack.objects.filter(case_id=archive.case_id, state="kept").values_list("id", flat=True)
        check_records(archive, found, IndexedBlobs(archive, set(packs)), in_order)
        return
    model = next(one for one in guarded_tables() if one.__name__.lower() == table)
    check_rows(archive, model, found, within)


def _after(digit: str) -> str:
    """The least text after every one that begins with the digit."""
    return chr(ord(digit) + 1)


def _check_object(archive: Archive, kind: str, rest: str, found: Verification) -> None:
    case = archive.case_id
    checks: Mapping[str, Callable[[], None]] = {
        "packs": lambda: _check_pack(archive, rest, found),
        ring.KIND: lambda: check_page(archive, KeyPage.objects.get(case_id=case, id=rest), found),
        "snapshots": lambda: check_snapshot(archive, Snapshot.objects.get(case_id=case, id=rest), found),
        INDEX: lambda: check_part(archive, IndexPart.objects.get(case_id=case, file=rest), found),
    }
    try:
        checks[kind]()
    except ObjectDoesNotExist:
        return  # it has gone since the round was planned
    except KeyError:
        found.add(KEY_MISSING, rest, name=f"{kind}/{rest}")


def _check_pack(archive: Archive, pack: str, found: Verification) -> None:
    check_pack(archive, Pack.objects.get(case_id=archive.case_id, id=pack), found, deep=True)
