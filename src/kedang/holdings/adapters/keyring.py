"""The keys of one unlocked case: epoch keys, pages of the ring, and the lease of the process that holds them.

Rows name a page by a logical id that never changes; its row says under which object and which epoch it
lies now. A change of the epoch moves the objects and leaves every other row alone.

Whoever holds keys has a lease of a minute, renewed while they are used. When the epoch has moved on
meanwhile, the sheet is read again and everything opened before is forgotten: an old key that a process
still remembered would open what has been destroyed.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from django.db import connection

from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.adapters.processes import this_process
from kedang.holdings.errors import EpochChanged
from kedang.holdings.models import Case, KeyHolder
from kedang.holdings.models import KeyPage as KeyPageRow
from kedang.records.errors import KedangError
from kedang.records.ids import ID_BYTES, CaseId, KeyPageId, id_from
from kedang.vault import keysheet
from kedang.vault.errors import ObjectMissing
from kedang.vault.ring import MOST_ENTRIES, KeyPage, page_name, read_page, write_page
from kedang.vault.store import BlobStore
from kedang.vault.suites import Suite
from kedang.vault.unlocking import Unlocked, refreshed

PAGES_IN_MEMORY = 128  # 6 MB of keys
LEASE = timedelta(seconds=60)  # design 6
RENEW_SECONDS = 20.0  # a third of the lease: two renewals may fail
LOOK_SECONDS = 2.0  # a destruction waits so long for a process that is at work to let go of the old keys


class NewPages(dict[str, KeyPageRow]):
    """The row of the page of each holder, durable but not yet saved; and the keys, should they move."""

    def __init__(self) -> None:
        super().__init__()
        self.keys_of: dict[str, Mapping[str, bytes]] = {}


def utc_now() -> datetime:
    """The time of this computer's clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Keyring:
    """Held in memory only; `forget` empties it."""

    case_id: CaseId
    store: BlobStore
    places: KeyPlaces
    unlocked: Unlocked = field(repr=False)
    epoch: int
    """The epoch that new keys go into: the case's, not the newest that the sheet has."""
    random_bytes: Callable[[int], bytes]
    suite: Suite = Suite.AES_256_GCM
    clock: Callable[[], datetime] = utc_now
    _pages: OrderedDict[str, Mapping[str, bytes]] = field(default_factory=OrderedDict, repr=False)
    _case_key: bytes = field(default=b"", repr=False)
    """The case's own key as it was first read: it stays the same through all epochs."""
    _holder: str = ""
    _renewed: float = 0.0
    _looked: float = 0.0

    @property
    def epoch_keys(self) -> Mapping[int, bytes]:
        """The keys of the epochs that the sheet had when it was last read."""
        return self.unlocked.epoch_keys

    def register(self) -> None:
        """Say that this process holds keys of the case now."""
        self._holder = id_from(self.random_bytes(ID_BYTES))
        self._hold()
        self._renewed = time.monotonic()

    def _hold(self) -> None:
        KeyHolder.objects.create(
            id=self._holder,
            case_id=self.case_id,
            epoch=self.epoch,
            process=this_process(),
            lease_until=self.clock() + LEASE,
        )

    def twin(self) -> Keyring:
        """The same keys for another thread: opened pages, lease and refreshing are its own. It is to be registered."""
        return Keyring(
            self.case_id,
            self.store,
            self.places,
            self.unlocked.copied(),
            self.epoch,
            self.random_bytes,
            self.suite,
            self.clock,
        )

    def key(self, page: str, holder: str) -> bytes:
        """The key of a holder, from its page of the ring.

        Raises:
            ObjectMissing, KeyPageDamaged, EpochKeyMismatch: the ring is not whole.
            EpochChanged: the epoch has moved on and the sheet does not open for this slot any more.
            KeyError: the page does not hold it; destroyed, or the row is not ours.
        """
        self.keep_lease()
        keys = self._pages.get(page)
        if keys is None:
            keys = self._read(page)
            self._remember(page, keys)
        else:
            self._pages.move_to_end(page)
        return keys[holder]

    def write_pages(self, keys: Mapping[str, bytes]) -> NewPages:
        """Seal new keys into durable pages. `keep_pages` must follow in the transaction that refers to them."""
        made = NewPages()
        holders = list(keys)
        for start in range(0, len(holders), MOST_ENTRIES):
            some = {holder: keys[holder] for holder in holders[start : start + MOST_ENTRIES]}
            page = id_from(self.random_bytes(ID_BYTES))
            self._write(page, some)
            row = KeyPageRow(id=page, case_id=self.case_id, stored=page, epoch=self.epoch, entries=len(some))
            made.update(dict.fromkeys(some, row))
            made.keys_of[page] = some
            self._remember(page, some)
        return made

    def keep_pages(self, pages: NewPages, *, moving: bool = True) -> bool:
        """Save the rows of new pages, in the caller's transaction, under the epoch of this instant.

        The case's row is locked, so that the epoch cannot change before the transaction ends. Pages that
        were sealed under an epoch that has gone meanwhile are sealed again; unless they may be `moving`, as in
        another thread than that of this ring: then nothing is done. Whether the rows were saved.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("keys are added within a transaction")
        epoch = Case.objects.select_for_update().values_list("epoch", flat=True).get(id=self.case_id)
        rows = {row.id: row for row in pages.values()}
        if not moving and {epoch} != {epoch, self.epoch, *(row.epoch for row in rows.values())}:
            return False
        self.require_epoch(epoch)
        for row in rows.values():
            if row.epoch != self.epoch:
                old, row.stored, row.epoch = row.stored, id_from(self.random_bytes(ID_BYTES)), self.epoch
                self._write(row.stored, pages.keys_of[row.id])
                with suppress(ObjectMissing):
                    self.store.delete(page_name(KeyPageId(old)))
                self._remember(row.id, pages.keys_of[row.id])
        KeyPageRow.objects.bulk_create(list(rows.values()))
        return True

    def require_epoch(self, epoch: int) -> None:
        """Nothing when this process can work in the epoch, after reading the sheet again if need be."""
        if epoch != self.epoch or epoch not in self.epoch_keys:
            self.refresh(epoch)
            self.epoch = epoch
            self._renewed = -math.inf  # a destruction waits until the row of this process says so

    def moved_to(self, epoch: int) -> None:
        """The case is of this epoch now, by this process's own doing."""
        self._pages.clear()
        self.epoch = epoch

    def forget_pages(self) -> None:
        """Read every page again when it is asked for: one of them was mended."""
        self._pages.clear()

    def refresh(self, epoch: int) -> None:
        """Read the sheet again and forget every opened page.

        Raises:
            EpochChanged: no sheet that this slot opens has the epoch's key.
        """
        self._pages.clear()
        for sheet in self.sheets():
            if any(one.epoch == epoch for one in sheet.epochs):
                try:
                    self.take(sheet)
                except KedangError:
                    continue
                return
        raise EpochChanged(held=self.epoch, epoch=epoch)

    def take(self, sheet: keysheet.KeySheet) -> None:
        """Use the keys of a newer sheet, when they open the case's own key as it was.

        Public keys are no secret: who can write to the places of the sheet could write one of his own making.
        """
        newer = refreshed(sheet, self.unlocked)
        case = Case.objects.get(id=self.case_id)
        row = KeyPageRow.objects.get(case_id=self.case_id, id=case.key_page)
        key = self._opened(row, newer.epoch_keys[row.epoch])[self.case_id]
        if self._case_key and not compare_digest(key, self._case_key):
            raise EpochChanged(held=self.epoch, epoch=row.epoch)
        self.use(newer)
        self._case_key = key

    def use(self, newer: Unlocked) -> None:
        """Use the keys of a sheet that this process has made itself."""
        older, self.unlocked = self.unlocked, newer
        if older is not newer:
            older.forget()

    def keep_lease(self) -> None:
        """Renew the lease when it is time to, or when the case is of another epoch now."""
        now = time.monotonic()
        if not self._holder or now - max(self._renewed, self._looked) < LOOK_SECONDS:
            return
        self._looked = now
        if now - self._renewed >= RENEW_SECONDS or self._case_epoch() != self.epoch:
            self.renew()

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """No renewal within: nothing may be written while rows of one instant are read."""
        self.renew()
        self._renewed = math.inf
        try:
            yield
        finally:
            self._renewed = -math.inf
        self.keep_lease()

    def renew(self) -> None:
        """Renew the lease now, under the epoch that the case has now.

        A process whose lease had ended was struck off by the change of the keys: it is entered again, so that the
        next change waits for it as for any other.
        """
        self.require_epoch(self._case_epoch())
        mine = KeyHolder.objects.filter(id=self._holder)
        if not mine.update(epoch=self.epoch, lease_until=self.clock() + LEASE) and self._holder:
            self._hold()
        self._renewed = time.monotonic()

    def follow(self) -> None:
        """Let go of old keys when the case is of another epoch now: for a thread that waits. No lease is renewed otherwise."""
        if self._case_epoch() != self.epoch:
            self.renew()
        elif len(self.epoch_keys) > 1:  # read while the sheet held both
            self.refresh(self.epoch)

    def _case_epoch(self) -> int:
        epoch: int = Case.objects.values_list("epoch", flat=True).get(id=self.case_id)
        return epoch

    def forget(self) -> None:
        """Drop all keys and say so."""
        self._pages.clear()
        self._case_key = b""
        self.unlocked.forget()
        if self._holder:
            KeyHolder.objects.filter(id=self._holder).delete()
            self._holder = ""

    def sheets(self) -> list[keysheet.KeySheet]:
        """The sheets that can be read, newest first."""
        found = []
        for octets in set(self.places.read_sheets(self.case_id)):
            try:
                found.append(keysheet.decode(octets))
            except KedangError:
                continue  # a damaged sheet in one place does not lock the case
        return sorted(found, key=lambda one: (one.newest_epoch, one.serial), reverse=True)

    def _read(self, page: str) -> Mapping[str, bytes]:
        """The keys of a page, from where it lies now."""
        try:
            return self._read_now(page)
        except ObjectMissing:
            return self._read_now(page)  # it may have moved between its row and its object

    def _read_now(self, page: str) -> Mapping[str, bytes]:
        row = KeyPageRow.objects.get(case_id=self.case_id, id=page)
        if row.epoch not in self.epoch_keys:
            self.refresh(row.epoch)
        keys = self._opened(row, self.epoch_keys[row.epoch])
        if self.case_id in keys:
            self._case_key = keys[self.case_id]
        return keys

    def _opened(self, row: KeyPageRow, epoch_key: bytes) -> Mapping[str, bytes]:
        return read_page(
            self.store,
            epoch_key,
            page=KeyPageId(row.stored),
            case=self.case_id,
            epoch=row.epoch,
        ).keys

    def _write(self, stored: str, keys: Mapping[str, bytes]) -> None:
        page = KeyPage(KeyPageId(stored), self.case_id, self.epoch, keys)
        write_page(self.store, self.epoch_keys[self.epoch], page, suite=self.suite)

    def _remember(self, page: str, keys: Mapping[str, bytes]) -> None:
        self._pages[page] = keys
        while len(self._pages) > PAGES_IN_MEMORY:
            self._pages.popitem(last=False)
