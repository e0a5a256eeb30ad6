"""Backup: what a registered copy lacks is written there, read back, and what is old taken away.

Copies that share no disk and no server are written at the same time, each in a thread. What is done can be done
again: a backup that was broken off is planned anew from what lies in the copy, and goes on with what is missing.

1. one snapshot for all copies, unless the last one still says everything; the ledger's head is signed;
2. packs, key pages, leaves, blocks of rows, the snapshot: in this order, so that nothing refers to what is not there;
3. the key pages of the instant of completion, and no older ones;
4. the copy is noted as complete; then what no one needs any more goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import connection, transaction

from kedang.holdings.actions.copying import PIECE_BYTES, Copying, Told
from kedang.holdings.actions.ending_blocks import clear_home, living_keys, needless_blocks
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.snapshotting import kept_here, take_snapshot
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, drop_older_pages, lies_beside
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.kept_snapshots import KeptSnapshot, blocks_name, is_whole
from kedang.holdings.adapters.signing import sign_head
from kedang.holdings.errors import EpochChangeUnderway, HomeLacksObject
from kedang.holdings.models import Case, Copy, LedgerHead, LedgerLeaf, Snapshot
from kedang.holdings.queries.copies import WantedInCopy, still_current, wanted_in_copy
from kedang.ledger.leaves import Event
from kedang.preservation.copy_plans import CopyObject, ObjectKind, plan_copy
from kedang.preservation.leaf_bundles import LeafRange, encode_leaves, plan_bundles, read_bundle_name
from kedang.preservation.snapshot_blocks import BlockObject
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.errors import ObjectExists, ObjectMissing
from kedang.vault.folder_store import FolderStore
from kedang.vault.object_store import ObjectStore
from kedang.vault.pack import KIND as PACKS
from kedang.vault.pack import verify_pack
from kedang.vault.padding import padme
from kedang.vault.suites import SALT_BYTES

__all__ = ["PIECE_BYTES", "BackedUp", "back_up", "bundle_binding", "lay_leaves"]
LISTED = tuple(kind.value for kind in ObjectKind)
ROUNDS = 5  # how often the key pages are laid anew because the epoch changed meanwhile
LOOK_SECONDS = 5.0  # how often the lease of this process's keys is looked at


@dataclass(slots=True)
class BackedUp:
    """What one backup of one copy did."""

    copy: str
    snapshot: str
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


@dataclass(slots=True)
class _Job:
    """One copy being brought up to a snapshot, in a thread of its own."""

    archive: Archive
    copy: CopyStore
    row: Snapshot
    blocks: Sequence[BlockObject]
    """What the snapshot refers to."""
    keys: Mapping[str, bytes] = field(repr=False)
    """Of every living snapshot."""
    told: Told
    clock: Callable[[], datetime]
    is_whole: Callable[[CopyObject], bool]
    verify: bool
    done: BackedUp = field(init=False)
    copying: Copying = field(init=False)

    def __post_init__(self) -> None:
        self.done = BackedUp(self.copy.id, self.row.id)
        self.copying = Copying(
            self.copy.id,
            self.archive.store,
            self.copy.store,
            self.told,
            self.is_whole,
            self.copy.row.bytes_per_second,
        )


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
    wanted = list(copies)
    row = still_current(archive)
    if row is None:
        row = take_snapshot(archive, clock=clock, progress=progress)
    sign_head(archive, now=clock())
    archive.leaves_key(), archive.mac_key()  # threads find them made: the ring is this thread's alone
    blocks, keys = kept_here(archive, row).outline().objects, living_keys(archive)
    judge = _judge(archive, row, blocks)
    told = Told(progress)
    jobs = [_Job(archive, copy, row, blocks, keys, told, clock, judge, verify(copy)) for copy in wanted]
    _run(archive, jobs)
    clear_home(archive, row, blocks)
    return [job.done for job in jobs]


def _run(archive: Archive, jobs: Sequence[_Job]) -> None:
    """Every job, those of one place after each other; the lease of the keys is kept meanwhile."""
    places: dict[str, list[_Job]] = {}
    for job in jobs:
        places.setdefault(job.copy.place, []).append(job)
    with ThreadPoolExecutor(max(1, len(places))) as threads:
        waiting: set[Future[None]] = {threads.submit(_run_at_place, some) for some in places.values()}
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
    copy, done, copying = job.copy, job.done, job.copying
    if isinstance(copy.store, FolderStore | ObjectStore):
        copy.store.sweep()
    present = {name: size for kind in LISTED for name, size in copy.sizes(kind).items()}
    wanted = wanted_in_copy(job.archive.case_id, job.archive.store, job.row, job.blocks)
    pages = {one.name for one in wanted.objects}
    known = {name: size for name, size in present.items() if name in pages or not _is_page(name)}
    here = [found for name in present if (found := read_bundle_name(name))]
    bundles = plan_bundles(here, generation=wanted.generation, size=wanted.leaves)
    needless = wanted.expired | {bundle.name for bundle in bundles.superseded}
    plan = plan_copy(wanted.objects, known, expired=needless)
    job.told.expect(len(plan.to_write) + (plan.kept.objects if job.verify else 0))
    _make_way(job, plan.to_replace)
    snapshots = [one for one in plan.to_write if one.kind is ObjectKind.SNAPSHOT]
    copying.write_all(one for one in plan.to_write if one.kind is not ObjectKind.SNAPSHOT)
    for bundle in bundles.to_write:
        copying.put(bundle.name, _sealed_bundle(job.archive, bundle))
    copying.write_all(snapshots)
    done.objects, done.bytes = plan.written.objects + len(bundles.to_write), plan.written.size_bytes
    done.kept = plan.kept.objects
    names = {one.name for one in wanted.objects}
    done.old_packs = sum(name not in names for name in present if name.startswith(f"{PACKS}/"))
    new = {one.name for one in plan.to_write}
    _verify_kept(job, [one for one in wanted.objects if one.name not in new])
    _settle(job)
    _end(job, plan.to_remove, present)


def _end(job: _Job, needless: Sequence[str], present: Mapping[str, int]) -> None:
    """Take away what nobody needs any more: blocks first, whose last snapshots go after them."""
    blocks: Sequence[str] = ()
    if job.verify or any(name.startswith(f"{ObjectKind.SNAPSHOT.value}/") for name in needless):
        blocks = needless_blocks(job.copy.store, job.archive.case_id, present, needless, job.keys)
    new = {blocks_name(one.id) for one in job.blocks}
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
        wanted = wanted_in_copy(archive.case_id, archive.store, job.row, job.blocks)
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
    objects = (f"copy:{job.copy.id}", f"snapshot:{job.row.id}")
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


def lay_leaves(archive: Archive, copy: CopyStore) -> None:
    """The ledger's leaves of now in a copy: what has been destroyed since the last backup stands there too.

    Raises:
        StoreUnavailable: the copy is not reached.
    """
    copy.require_answer()
    head = LedgerHead.objects.get(case_id=archive.case_id)
    here = [found for name in copy.store.names("leaves") if (found := read_bundle_name(name))]
    plan = plan_bundles(here, generation=head.generation, size=head.size)
    for bundle in plan.to_write:
        with suppress(ObjectExists):
            copy.store.put(bundle.name, _sealed_bundle(archive, bundle))
    for bundle in plan.superseded:
        copy.store.delete(bundle.name)


def _sealed_bundle(archive: Archive, bundle: LeafRange) -> bytes:
    rows = LedgerLeaf.objects.filter(case_id=archive.case_id, n__gte=bundle.first, n__lt=bundle.end)
    leaves = [bytes(leaf) for leaf in rows.order_by("n").values_list("leaf", flat=True)]
    return seal_bytes(
        archive.leaves_key(),
        encode_leaves(leaves),
        binding=bundle_binding(archive.case_id, bundle),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
    )


def bundle_binding(case: CaseId, bundle: LeafRange) -> Binding:
    """Whose blob a bundle of leaves is: its name's, so that none passes for another."""
    return Binding(case, bundle.name.partition("/")[2], Role.DESCRIPTION)


def _is_page(name: str) -> bool:
    return name.startswith(f"{ring.KIND}/")


def _judge(archive: Archive, row: Snapshot, blocks: Sequence[BlockObject]) -> Callable[[CopyObject], bool]:
    """Says whether the home's own object is whole; the keys it needs are those of now."""
    known = {blocks_name(one.id): one for one in blocks}
    return partial(_is_whole, archive, dict(archive.epoch_keys), kept_here(archive, row), known)


def _is_whole(
    archive: Archive,
    epoch_keys: dict[int, bytes],
    snapshot: KeptSnapshot,
    blocks: Mapping[str, BlockObject],
    entry: CopyObject,
) -> bool:
    store, case, one = archive.store, archive.case_id, entry.name.partition("/")[2]
    try:
        if entry.kind is ObjectKind.PACK:
            return not verify_pack(store, PackId(one), case)
        if entry.kind is ObjectKind.KEY_PAGE:
            epoch = ring.page_epoch(store.read(entry.name))
            ring.read_page(store, epoch_keys[epoch], page=KeyPageId(one), case=case, epoch=epoch)
            return True
        if entry.kind is ObjectKind.BLOCKS:
            return is_whole(store, blocks[entry.name])
        snapshot.outline()
    except (KedangError, KeyError):
        return False
    return True
