"""Restoring an archive on a clean machine: a copy, a key sheet and one of its secrets are enough.

Nothing that was destroyed comes back: whatever the ring of today has no key for is emptied as its destruction
emptied it, however old the snapshot is. Rows come from the newest snapshot with a living key, the ledger from the
longest chain of leaves that leads to the known heads. An interrupted restore is begun again and goes on, with the
same copy or another.

1. the key sheet opens; the key pages that it opens are laid into the home;
2. one transaction: rows, pages, leaves, what is withheld, what is left of what was destroyed in part, and the act
   `restored`;
3. packs, each verified as it arrives;
4. a signed head, the words indexed anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction

from kedang.holdings.actions import sealing_anew
from kedang.holdings.actions.choosing_snapshot import Chosen, keep_row, newest_whole
from kedang.holdings.actions.forgetting import forget_wholes
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.rebuilding import catch_up, rebuild, settle_changes
from kedang.holdings.actions.refilling import Refilling
from kedang.holdings.actions.refilling_ledger import refill_ledger
from kedang.holdings.actions.twin_keys import TwinKeys
from kedang.holdings.actions.unlocking import Secrets, archive_of, unlocked_by
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import DESTROYED
from kedang.holdings.adapters.kept_snapshots import SNAPSHOTS, KeptSnapshot
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.adapters.signing import known_heads, sign_head
from kedang.holdings.errors import CopyUnusable, HomeNotEmpty, PackNotWhole
from kedang.holdings.home import Home
from kedang.holdings.intake.indexing import index_records
from kedang.holdings.models import Agent, Case, Customer, LedgerHead, Pack, Record
from kedang.holdings.queries.agreeing import leaves_of
from kedang.ledger.leaves import Event
from kedang.ledger.tree import EMPTY_ROOT
from kedang.records.errors import KedangError
from kedang.records.ids import AgentId, CaseId, KeyPageId, PackId
from kedang.vault import keysheet, ring
from kedang.vault.errors import ObjectExists, ObjectMissing
from kedang.vault.folder_store import FolderStore
from kedang.vault.pack import pack_name, verify_pack
from kedang.vault.store import BlobStore, stored_pieces
from kedang.vault.unlocking import Unlocked


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back and what it withheld."""

    case: str
    snapshot: str
    taken: datetime
    epoch: int
    records: int
    withheld_records: int
    """Destroyed since the snapshot, or before: nothing of them came back."""
    withheld_customers: int
    packs: int
    leaves: int
    passed_over: int
    """Newer snapshots that the copy does not have whole: rows are older than they could be."""
    orphaned_from: int | None
    """Receipts of leaves from this one on cannot be checked any more: those leaves are lost."""


@dataclass(slots=True)
class _Ring:
    """The key pages of a copy that the sheet opens."""

    case: CaseId
    unlocked: Unlocked = field(repr=False)
    pages: dict[str, int] = field(default_factory=dict)
    """Epoch by page."""
    page_of: dict[bytes, str] = field(default_factory=dict)
    """Page by holder."""
    several: dict[bytes, list[str]] = field(default_factory=dict)
    """Pages by holder, of those that have a key in several."""

    def add(self, page: str, epoch: int, holders: Iterable[str]) -> None:
        """Note what a page has."""
        self.pages[page] = epoch
        for holder in map(bytes.fromhex, holders):
            if holder in self.page_of:
                self.several.setdefault(holder, [self.page_of[holder]]).append(page)
            self.page_of[holder] = page


def restore_copy(
    store: BlobStore,
    home: Home,
    places: KeyPlaces,
    secrets: Secrets,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    random_bytes: Callable[[int], bytes],
) -> Restored:
    """The archive of a copy in an empty home.

    Raises:
        HomeNotEmpty: there is an archive already, and no interrupted restore.
        CopyUnusable: no sheet here opens the copy's key pages, or no snapshot has a living key.
        SnapshotIncomplete …: no snapshot is whole.
        PackNotWhole: a pack of the copy is damaged; another copy may have it.
    """
    case = Case.objects.first()
    if case is not None and not home.restoring.exists():
        raise HomeNotEmpty()
    if case is None:
        found = _ring_of(store, places, secrets)
        home.restoring.touch(mode=0o600)
        _lay_ring(store, FolderStore(home.vault), found.pages, progress)
        snapshot = newest_whole(_snapshots(store, found), pages=len(found.pages))
        _refill(store, home, places, found, snapshot, progress, random_bytes, clock())
        case = Case.objects.get(id=found.case)
        unlocked = found.unlocked
    else:
        unlocked = _unlocked(CaseId(case.id), places, secrets)
    archive = _opened(case, home, places, unlocked, random_bytes)
    try:
        return _finish(archive, store, home.restoring, clock=clock, progress=progress)
    finally:
        archive.forget()


def _ring_of(store: BlobStore, places: KeyPlaces, secrets: Secrets) -> _Ring:
    """The first sheet of the places that opens a key page of the copy."""
    pages = list(ring.stored_pages(store))
    locked: KedangError | None = None
    for case in places.cases():
        try:
            found = _opened_ring(store, pages, case, places, secrets)
        except KedangError as error:
            locked = error
            continue
        if found.pages:
            return found
    raise locked or CopyUnusable(pages=len(pages))


def _unlocked(case: CaseId, places: KeyPlaces, secrets: Secrets) -> Unlocked:
    sheets = (keysheet.decode(one) for one in set(places.read_sheets(case)))
    newest = max(sheets, key=lambda one: (one.newest_epoch, one.serial))
    return unlocked_by(newest, secrets, places.read_secrets(case))


def _opened_ring(
    store: BlobStore, pages: Sequence[KeyPageId], case: CaseId, places: KeyPlaces, secrets: Secrets
) -> _Ring:
    """The pages of one epoch: while two are there the change is underway, and only the older is sure to be whole."""
    unlocked = _unlocked(case, places, secrets)
    rings: dict[int, _Ring] = {}
    for page in pages:
        sealed = store.read(ring.page_name(page))
        epoch = ring.page_epoch(sealed)
        if epoch not in unlocked.epoch_keys:
            continue  # of an epoch that has ended; nobody opens it
        opened = ring.open_page(unlocked.epoch_keys[epoch], sealed, page=page, case=case, epoch=epoch)
        rings.setdefault(epoch, _Ring(case, unlocked)).add(page, epoch, opened.keys)
    return rings[min(rings)] if rings else _Ring(case, unlocked)


def _lay_ring(store: BlobStore, home: BlobStore, pages: Mapping[str, int], progress: Progress) -> None:
    """These pages and no others: another copy that a restore was begun with may have had others."""
    progress.stage("restore-keys", len(pages))
    wanted = [ring.page_name(KeyPageId(page)) for page in pages]
    for name in set(home.names(ring.KIND)).difference(wanted):
        home.delete(name)
    for name in wanted:
        _fetch(store, home, name, progress)


def _snapshots(store: BlobStore, found: _Ring) -> Iterator[KeptSnapshot]:
    """Every snapshot of the copy that the ring has a key for."""
    for name in store.names(SNAPSHOTS):
        snapshot = name.partition("/")[2]
        if page := found.page_of.get(bytes.fromhex(snapshot)):
            epoch = found.pages[page]
            key = found.unlocked.epoch_keys[epoch]
            keys = ring.read_page(store, key, page=KeyPageId(page), case=found.case, epoch=epoch).keys
            yield KeptSnapshot(store, found.case, snapshot, keys[snapshot])


def _refill(
    store: BlobStore,
    home: Home,
    places: KeyPlaces,
    found: _Ring,
    chosen: Chosen,
    progress: Progress,
    random_bytes: Callable[[int], bytes],
    now: datetime,
) -> None:
    """All rows in one transaction: there is a whole archive afterwards, or none."""
    header = chosen.reader.header
    progress.stage("restore-rows", sum(entry.rows for entry in header.tables))
    now = max(
        now, header.taken + timedelta(microseconds=1)
    )  # questions asked now are told from those of then

    def opened() -> Archive:
        return _opened(Case.objects.get(id=found.case), home, places, found.unlocked, random_bytes)

    twins = TwinKeys(store, found.case, found.unlocked.epoch_keys, found.pages, found.several)
    with transaction.atomic():
        refilling = Refilling(found.case, found.pages, found.page_of, twins, opened, random_bytes, progress)
        refilling.refill(chosen.reader)
        archive = opened()
        sealing_anew.go_on_after_restore(archive, refilling.pages_passed_over(), now=now)
        refill_ledger(store, archive)
        settle_changes(archive, now=now)
        asked = rebuild(archive, store, refilling.resealed, now=now)
        catch_up(archive, header.ledger_size)
        keep_row(archive, chosen, found.page_of[bytes.fromhex(chosen.kept.id)])
        restored = _note(archive, chosen, asked, now=now)
        _remember(home.restoring, restored)


def _remember(mark: Path, restored: Restored) -> None:
    """On the disk before the rows are committed, so that a restore which goes on can tell it."""
    with mark.open("wb") as stream:
        stream.write(msgspec.json.encode(restored))
        stream.flush()
        os.fsync(stream.fileno())


def _opened(
    case: Case, home: Home, places: KeyPlaces, unlocked: Unlocked, random_bytes: Callable[[int], bytes]
) -> Archive:
    agent = Agent.objects.filter(case=case).order_by("id").first()
    if agent is None:
        raise CopyUnusable(pages=0)
    return archive_of(case, home, places, unlocked, AgentId(agent.id), random_bytes)


def _finish(
    archive: Archive,
    store: BlobStore,
    told: Path,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Restored:
    restored = msgspec.json.decode(told.read_bytes(), type=Restored)
    _fetch_packs(archive, store, progress)
    forget_wholes(archive, now=clock())  # an older snapshot remembers them
    packs = Pack.objects.filter(case_id=archive.case_id, state="kept").count()
    sign_head(archive, now=clock(), begins=restored.orphaned_from is not None)
    index_records(archive, progress=progress)
    told.unlink(missing_ok=True)
    return replace(restored, packs=packs)


def _fetch_packs(archive: Archive, store: BlobStore, progress: Progress) -> None:
    """Every pack, whole in the home.

    Raises:
        PackNotWhole: some are damaged or missing in the copy; all others are there, and another copy may have these.
    """
    packs = list(Pack.objects.filter(case_id=archive.case_id, state="kept").order_by("id"))
    progress.stage("restore-packs", len(packs))
    lacking: list[str] = []
    for pack in packs:
        name = pack_name(PackId(pack.id))
        try:
            _fetch(store, archive.store, name, progress)
        except ObjectMissing:
            lacking.append(pack.id)
            continue
        if verify_pack(archive.store, PackId(pack.id), archive.case_id):
            archive.store.delete(name)
            lacking.append(pack.id)
    if lacking:
        raise PackNotWhole(packs=len(lacking), first=lacking[0])


def _fetch(store: BlobStore, home: BlobStore, name: str, progress: Progress) -> None:
    """An object of the copy in the home, unless an interrupted restore has brought it already."""
    with suppress(ObjectMissing):
        progress.advance(1, home.size(name))
        return
    size = store.size(name)
    with suppress(ObjectExists), home.create(name) as sink:
        for piece in stored_pieces(store, name, size):
            sink.write(piece)
    progress.advance(1, size)


def _note(archive: Archive, chosen: Chosen, asked: Sequence[Event], *, now: datetime) -> Restored:
    """The act `restored`, in the caller's transaction, and what it tells."""
    header = chosen.reader.header
    case = archive.case_id
    head = LedgerHead.objects.get(case_id=case)
    heads = known_heads(archive, head.generation) or known_heads(archive, head.generation - 1)
    last = max(heads, key=lambda one: one.size, default=None)
    destroyed = Record.objects.filter(case_id=case, state=DESTROYED).count()
    erased = Customer.objects.filter(case_id=case, key_page="").count()
    facts: dict[str, str | int] = {
        "previous_generation": head.generation,
        "previous_size": last.size if last else 0,
        "previous_root": (last.root if last else EMPTY_ROOT).hex(),
        "snapshot": chosen.kept.id,
        "rows_at": header.ledger_size,
        "withheld": destroyed,
    }
    withheld = list(_withheld(archive))
    book.write(case, [Event(archive.agent, "restored", (), facts), *withheld, *asked], now=now)
    return Restored(
        case=case,
        snapshot=chosen.kept.id,
        taken=header.taken,
        epoch=archive.epoch,
        records=Record.objects.filter(case_id=case).exclude(state=DESTROYED).count(),
        withheld_records=destroyed,
        withheld_customers=erased,
        packs=0,
        leaves=head.size,
        passed_over=chosen.passed_over,
        orphaned_from=head.size if last is not None and last.size > head.size else None,
    )


def _withheld(archive: Archive) -> Iterator[Event]:
    """What is destroyed and of which the restored ledger does not say so: those leaves are lost."""
    case = archive.case_id
    for acts, kind, rows in (
        (
            ("destroyed", "dissolved", "withheld"),
            "record",
            Record.objects.filter(case_id=case, state=DESTROYED),
        ),
        (("customer-erased", "withheld"), "customer", Customer.objects.filter(case_id=case, key_page="")),
    ):
        told = {one for act in acts for leaf in leaves_of(case, act) for one in leaf["objects"]}
        lost = [named for one in rows.values_list("id", flat=True) if (named := f"{kind}:{one}") not in told]
        for start in range(0, len(lost), book.RECORDS_OF_A_LEAF):
            yield Event(archive.agent, "withheld", lost[start : start + book.RECORDS_OF_A_LEAF], {})
