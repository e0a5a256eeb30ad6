"""Backup: what a registered copy lacks is written there, read back, and what is old taken away.

Copies that share no disk and no server are written at the same time, each in a thread. What is done can be done
again: a backup that was broken off is planned anew from what lies in the copy, and goes on with what is missing.

1. packs and key pages go into the copies, leaves when they are many, and blocks of rows as they are written; meanwhile
   one snapshot is taken for all of them, unless the last one still says everything, and the ledger's head is signed;
2. what came meanwhile, then leaves, the snapshot last: nothing refers to what is not there;
3. the key pages of the instant of completion, and no older ones;
4. the copy is noted as complete; then what no one needs any more goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from queue import SimpleQueue

from django.db import connection, transaction

from kedang.holdings.actions.copying import Copying, Told
from kedang.holdings.actions.ending_blocks import clear_home, living_keys, needless_blocks
from kedang.holdings.actions.laying_leaves import LEAVES, leaves_lacking, seal_bundle
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.snapshotting import kept_here, take_snapshot
from kedang.holdings.actions.whole_at_home import judge_of_home
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, drop_older_pages, lies_beside
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.kept_snapshots import blocks_name
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.errors import EpochChangeUnderway, HomeLacksObject
from kedang.holdings.models import Case, Copy, LedgerHead, Snapshot
from kedang.holdings.queries.copies import WantedInCopy, kept_objects, still_current, wanted_in_copy
from kedang.ledger.leaves import Event
from kedang.preservation.copy_plans import CopyObject, ObjectKind, plan_copy
from kedang.preservation.leaf_bundles import LeafRange
from kedang.preservation.snapshot_blocks import BlockObject
from kedang.records.errors import KedangError
from kedang.vault import ring
from kedang.vault.errors import ObjectMissing
from kedang.vault.pack import KIND as PACKS
from kedang.vault.padding import padme

MANY_LEAVES = 4096  # worth a bundle of their own, besides that of the leaves that come with the snapshot
LISTED = tuple(kind.value for kind in ObjectKind)
ROUNDS = 5  # how often the key pages are laid anew because the epoch changed meanwhile
LOOK_SECONDS = 5.0  # how often the lease of this process's keys is looked at


@dataclass(slots=True)
class BackedUp:
    """What one backup of one copy did."""

    copy: str
    snapshot: str = ""
    objects: int = 0
    bytes: int = 0
    removed: int = 0
    kept: int = 0
    mended: int = 0
    """Objects that were damaged in the copy and are whole again."""
    old_packs: int = 0
    """Packs in the copy that the archive has no more: of before it was sealed anew. Old keys still open them."""
    verified: bool = False
    """Whether everything in the copy was read back, not only what is new."""
    seconds: float = 0.0
    code: str = ""
    """Why it failed; empty when the copy is complete."""


@dataclass(frozen=True, slots=True)
class _Newest:
    """The snapshot that all copies are brought up to."""

    row: Snapshot
    blocks: Sequence[BlockObject]
    """What it refers to."""
    keys: Mapping[str, bytes] = field(repr=False)
    """Of every living snapshot."""
    is_whole: Callable[[CopyObject], bool]
    """Whether the home's own object is whole."""


@dataclass(slots=True)
class _Job:
    """One copy being brought up to a snapshot, in a thread of its own."""

    archive: Archive
    copy: CopyStore
    taken: Future[_Newest]
    """The snapshot, once it is there; cancelled when it will never be."""
    told: Told
    clock: Callable[[], datetime]
    verify: bool
    done: BackedUp = field(init=False)
    copying: Copying = field(init=False)
    written: set[str] = field(default_factory=set)
    """Names of what this backup wrote, and verified."""
    laid: SimpleQueue[BlockObject | None] = field(default_factory=SimpleQueue)
    """Objects of blocks that are on the disk at home, while a snapshot is taken; nothing when it is or never will be."""

    def __post_init__(self) -> None:
        self.done = BackedUp(self.copy.id)
        self.copying = Copying(
            self.copy.id,
            self.archive.store,
            self.copy.store,
            self.told,
            lambda entry: self.newest.is_whole(entry),
            self.taken.cancelled,
            self.copy.row.bytes_per_second,
        )

    @property
    def newest(self) -> _Newest:
        """The snapshot, waited for."""
        return self.taken.result()


def back_up(
    archive: Archive,
    copies: Iterable[CopyStore],
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    verify: Callable[[CopyStore], bool] = lambda _copy: False,
) -> list[BackedUp]:
    """Bring every copy up to date. A copy that fails does not stop the others: its result has a code.

    `verify` says of which copies everything is read back, and not only what is new.
    """
    archive.leaves_key(), archive.mac_key()  # threads find them made: the ring is this thread's alone
    told, taken = Told(progress), Future[_Newest]()
    jobs = [_Job(archive, copy, taken, told, clock, verify(copy)) for copy in copies]
    places: dict[str, list[_Job]] = {}
    for job in jobs:
        places.setdefault(job.copy.place, []).append(job)
    with ThreadPoolExecutor(max(1, len(places))) as threads:
        beside = _Beside(threads, places.values())
        try:
            newest = _newest(archive, clock, progress, beside)
            told.begin()
            taken.set_result(newest)
        except BaseException:
            taken.cancel()
            raise
        finally:
            beside.laid(None)
        _wait_for(archive, beside.waiting)
    clear_home(archive, newest.row, newest.blocks)
    for job in jobs:
        job.done.snapshot = newest.row.id
    return [job.done for job in jobs]


@dataclass(slots=True)
class _Beside:
    """What goes on beside the taking of a snapshot."""

    threads: ThreadPoolExecutor
    places: Collection[Sequence[_Job]]
    waiting: set[Future[None]] = field(default_factory=set)

    def begin(self) -> None:
        """Begin with every copy."""
        self.waiting.update(self.threads.submit(_run_at_place, jobs) for jobs in self.places)

    def laid(self, one: BlockObject | None) -> None:
        """Blocks that may go into the copies; nothing when there are no more."""
        for jobs in self.places:
            for job in jobs:
                job.laid.put(one)


def _newest(archive: Archive, clock: Callable[[], datetime], progress: Progress, beside: _Beside) -> _Newest:
    row = still_current(archive)
    if row is None:
        row = take_snapshot(archive, clock=clock, progress=progress, begun=beside.begin, laid=beside.laid)
    else:
        beside.begin()
    sign_head(archive, now=clock())
    blocks = kept_here(archive, row).outline().objects
    return _Newest(row, blocks, living_keys(archive), judge_of_home(archive, row, blocks))


def _wait_for(archive: Archive, waiting: set[Future[None]]) -> None:
    """Until all have ended; the lease of the keys is kept meanwhile."""
    while waiting:
        ended, waiting = wait(waiting, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        archive.keyring.keep_lease()
        for one in ended:
            one.result()


def _run_at_place(jobs: Sequence[_Job]) -> None:
    try:
        for job in jobs:
            _back_up_one(job)
    finally:
        connection.close()  # this thread's own


def _back_up_one(job: _Job) -> None:
    started = time.monotonic()
    try:
        job.copy.require_answer()
        _carry(job)
    except KedangError as error:
        job.done.code = error.code
        _note(job, last_code=error.code)
    job.done.seconds = round(time.monotonic() - started, 3)


def _note(job: _Job, **values: object) -> None:
    with transaction.atomic():
        rewrite(job.archive, Copy.objects.select_for_update().filter(id=job.copy.id), **values)


def _carry(job: _Job) -> None:
    copy, done = job.copy, job.done
    copy.store.sweep()
    _write_ahead(job)
    present = {name: size for kind in LISTED for name, size in copy.sizes(kind).items()}
    wanted = wanted_in_copy(job.archive.case_id, job.archive.store, job.newest.row, job.newest.blocks)
    pages = {one.name for one in wanted.objects}
    known = {name: size for name, size in present.items() if name in pages or not _is_page(name)}
    bundles = leaves_lacking(present, wanted.generation, wanted.leaves)
    needless = wanted.expired | {bundle.name for bundle in bundles.superseded}
    snapshots = [one for one in wanted.objects if one.kind is ObjectKind.SNAPSHOT]
    _write_lacking(job, [one for one in wanted.objects if one not in snapshots], known)
    _write_leaves(job, bundles.to_write)
    _write_lacking(job, snapshots, known)
    kept = [one for one in wanted.objects if one.name not in job.written]
    names = {one.name for one in wanted.objects}
    done.objects, done.kept = len(job.written), len(kept)
    done.old_packs = sum(name not in names for name in present if name.startswith(f"{PACKS}/"))
    _verify_kept(job, kept)
    _settle(job)
    _end(job, plan_copy(wanted.objects, known, expired=needless).to_remove, present)


def _write_ahead(job: _Job) -> None:
    """What does not wait for the snapshot: packs, key pages, leaves when there are many, blocks as they are laid."""
    kept = list(kept_objects(job.archive.case_id, job.archive.store))
    present = {name: size for kind in (PACKS, ring.KIND) for name, size in job.copy.sizes(kind).items()}
    head = LedgerHead.objects.get(case_id=job.archive.case_id)
    bundles = leaves_lacking(job.copy.store.names(LEAVES), head.generation, head.size)
    with ThreadPoolExecutor(1) as beside:  # it looks at no database
        carried = beside.submit(_write_lacking, job, kept, present)
        if sum(one.count for one in bundles.to_write) >= MANY_LEAVES:
            _write_leaves(job, bundles.to_write)
        carried.result()
    _write_laid(job)


def _write_laid(job: _Job) -> None:
    """Blocks that are written at home while the snapshot is taken; those that it does not refer to go again."""
    names = set[str]()
    while (one := job.laid.get()) is not None:
        names.add(blocks_name(one.id))
        with suppress(CancelledError):  # there will be no snapshot
            _write_lacking(job, [CopyObject(blocks_name(one.id), one.size_bytes)], {})
    if not job.taken.cancelled():
        names -= {blocks_name(one.id) for one in job.newest.blocks}
    for name in names:
        job.copy.store.delete(name)
        job.written.discard(name)


def _write_leaves(job: _Job, bundles: Iterable[LeafRange]) -> None:
    for bundle in bundles:
        job.copying.put(bundle.name, partial(seal_bundle, job.archive, bundle))
        job.written.add(bundle.name)


def _write_lacking(job: _Job, wanted: Sequence[CopyObject], present: Mapping[str, int]) -> None:
    """Those that the copy has not, or at another length: taken away there, where the home can give them anew."""
    plan = plan_copy(wanted, present)
    job.told.expect(len(plan.to_write))
    _make_way(job, plan.to_replace)
    job.copying.write_all(plan.to_write)
    job.written.update(one.name for one in plan.to_write)
    job.done.bytes += plan.written.size_bytes


def _end(job: _Job, needless: Sequence[str], present: Mapping[str, int]) -> None:
    """Take away what nobody needs any more: blocks first, whose last snapshots go after them."""
    blocks: Sequence[str] = ()
    if job.verify or any(name.startswith(f"{ObjectKind.SNAPSHOT.value}/") for name in needless):
        blocks = needless_blocks(job.copy.store, job.archive.case_id, present, needless, job.newest.keys)
    new = {blocks_name(one.id) for one in job.newest.blocks}
    for name in (*(one for one in blocks if one not in new), *needless):
        job.copy.store.delete(name)
        job.done.removed += 1


def _make_way(job: _Job, damaged: Iterable[CopyObject]) -> None:
    """Take away what has another length in the copy, where the home can give it anew."""
    for one in damaged:
        with suppress(ObjectMissing):
            if job.archive.store.size(one.name) == one.size_bytes:
                job.copy.store.delete(one.name)
                job.done.mended += 1


def _verify_kept(job: _Job, kept: Sequence[CopyObject]) -> None:
    """What was there before, read back when that is asked for; what is damaged is written anew."""
    if job.verify:
        job.told.expect(len(kept))
        damaged = job.copying.verify_all(kept)
        job.copying.write_all(damaged)
        job.done.mended += len(damaged)
    job.done.verified = job.verify or not kept


def _settle(job: _Job) -> None:
    """The key pages of now and none of an older epoch; in the same instant the copy is complete.

    Raises:
        EpochChangeUnderway: the epoch changed at every attempt.
    """
    archive, copy = job.archive, job.copy
    for _ in range(ROUNDS):
        wanted = wanted_in_copy(archive.case_id, archive.store, job.newest.row, job.newest.blocks)
        pages = {one.name: one for one in wanted.objects if one.kind is ObjectKind.KEY_PAGE}
        present = copy.sizes(ring.KIND)
        job.copying.lost = [name for name in job.copying.lost if name in pages or not _is_page(name)]
        job.copying.write_all(one for name, one in pages.items() if name not in present)
        job.done.removed += drop_older_pages(copy.store, present.keys() - pages.keys(), wanted.epoch)
        copy.require_answer()  # a disk that went away meanwhile leaves a folder that looks like it
        if _completed(job, wanted):
            return
    raise EpochChangeUnderway()


def _completed(job: _Job, wanted: WantedInCopy) -> bool:
    """Note that the copy is complete, unless the epoch has changed since its pages were laid."""
    lost = {*wanted.missing, *job.copying.lost}
    now, done = job.clock(), job.done
    facts: dict[str, str | int] = {"objects": done.objects, "padded_bytes": padme(done.bytes)}
    values: dict[str, object] = {
        "ring_epoch": wanted.epoch,
        "last_code": HomeLacksObject.code if lost else "",
    }
    if job.copy.row.kind == "folder":
        values["beside_home"] = lies_beside(job.copy.path, job.archive.home.root)
    if not lost:
        values["last_complete"] = now
        if done.verified:
            values["last_verified"] = now
            facts["verified"] = True
    objects = (f"copy:{job.copy.id}", f"snapshot:{job.newest.row.id}")
    with transaction.atomic():
        case = Case.objects.select_for_update().get(id=job.archive.case_id)
        if case.epoch != wanted.epoch:
            return False
        rewrite(job.archive, Copy.objects.select_for_update().filter(id=job.copy.id), **values)
        if not lost:
            book.write(job.archive.case_id, [Event(job.archive.agent, "backed-up", objects, facts)], now=now)
    if lost:
        raise HomeLacksObject(objects=len(lost), first=sorted(lost)[0])
    return True


def _is_page(name: str) -> bool:
    return name.startswith(f"{ring.KIND}/")
