"""One case, unlocked: its keys, its stores, and what is derived from the case key."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.home import Home
from kedang.holdings.intake.places import Recogniser
from kedang.holdings.models import Case
from kedang.holdings.models import KeyPage as KeyPageRow
from kedang.records.ids import ID_BYTES, AgentId, CaseId, KeyPageId, id_from
from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.folder_store import FolderStore
from kedang.vault.ring import MOST_ENTRIES, KeyPage, read_page, write_page
from kedang.vault.suites import KEY_BYTES, SALT_BYTES, Suite, derive

PAGES_IN_MEMORY = 128  # 6 MB of keys


@dataclass(slots=True)
class Archive:
    """What a job needs to work in one case. Held in memory only; `forget` empties it."""

    case: Case
    home: Home
    epoch: int
    agent: AgentId
    slot: str
    """Which kind of slot opened it."""
    random_bytes: Callable[[int], bytes]
    store: FolderStore
    places: KeyPlaces
    epoch_keys: dict[int, bytes] = field(repr=False)
    suite: Suite = Suite.AES_256_GCM
    _pages: OrderedDict[str, Mapping[str, bytes]] = field(default_factory=OrderedDict, repr=False)
    _page_epochs: dict[str, int] = field(default_factory=dict)
    _derived_keys: dict[bytes, bytes] = field(default_factory=dict, repr=False)

    @property
    def case_id(self) -> CaseId:
        """The case's id."""
        return CaseId(self.case.id)

    def new_id(self) -> str:
        """A new opaque id."""
        return id_from(self.random_bytes(ID_BYTES))

    def new_key(self) -> bytes:
        """A new key for a record, range, source, customer or index part."""
        return self.random_bytes(KEY_BYTES)

    def key(self, page: str, holder: str) -> bytes:
        """The key of a holder, from its page of the ring.

        Raises:
            ObjectMissing, KeyPageDamaged, EpochKeyMismatch: the ring is not whole.
            KeyError: the page does not hold it; destroyed, or the row is not ours.
        """
        keys = self._pages.get(page)
        if keys is None:
            epoch = self._epoch_of(page)
            keys = read_page(
                self.store,
                self.epoch_keys[epoch],
                page=KeyPageId(page),
                case=self.case_id,
                epoch=epoch,
            ).keys
            self._remember(page, keys)
        else:
            self._pages.move_to_end(page)
        return keys[holder]

    def write_pages(self, keys: Mapping[str, bytes], *, now: Any) -> dict[str, KeyPageRow]:
        """Seal new keys into durable pages; the page row of each holder, not yet saved."""
        rows: dict[str, KeyPageRow] = {}
        holders = list(keys)
        for start in range(0, len(holders), MOST_ENTRIES):
            some = {holder: keys[holder] for holder in holders[start : start + MOST_ENTRIES]}
            page = KeyPageId(self.new_id())
            write_page(
                self.store,
                self.epoch_keys[self.epoch],
                KeyPage(page, self.case_id, self.epoch, some),
                suite=self.suite,
            )
            row = KeyPageRow(id=page, case_id=self.case_id, epoch=self.epoch, entries=len(some), created=now)
            rows.update(dict.fromkeys(some, row))
            self._page_epochs[page] = self.epoch
            self._remember(page, some)
        return rows

    def seal(self, key: bytes, row: str, column: str, value: Mapping[str, Any]) -> bytes:
        """A sealed column holding a JSON object."""
        return seal_column(
            key,
            json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
            binding=ColumnBinding(self.case_id, row, column),
            salt=self.random_bytes(SALT_BYTES),
            suite=self.suite,
        )

    def open(self, key: bytes, row: str, column: str, sealed: bytes | memoryview) -> dict[str, Any]:
        """The JSON object of a sealed column."""
        binding = ColumnBinding(self.case_id, row, column)
        opened: dict[str, Any] = json.loads(open_column(key, bytes(sealed), binding=binding))
        return opened

    def case_key(self) -> bytes:
        """The key of the case itself, from which the keys below are derived."""
        return self.key(self.case.key_page, self.case_id)

    def recogniser(self) -> Recogniser:
        """Fingerprints of this case."""
        return Recogniser(self._derived(b"fingerprints"))

    def mac_key(self) -> bytes:
        """Key of the MACs over clear columns."""
        return self._derived(b"row macs")

    def signing_seed(self) -> bytes:
        """Seed of the Ed25519 key that signs the ledger's checkpoints."""
        return self._derived(b"ledger signing")

    def forget(self) -> None:
        """Drop all keys."""
        self._pages.clear()
        self._derived_keys.clear()
        self.epoch_keys.clear()

    def _derived(self, purpose: bytes) -> bytes:
        if purpose not in self._derived_keys:
            info = b"kedang case v1 " + purpose
            self._derived_keys[purpose] = derive(self.case_key(), salt=b"", info=info)
        return self._derived_keys[purpose]

    def _epoch_of(self, page: str) -> int:
        if page not in self._page_epochs:
            self._page_epochs[page] = KeyPageRow.objects.get(case_id=self.case_id, id=page).epoch
        return self._page_epochs[page]

    def _remember(self, page: str, keys: Mapping[str, bytes]) -> None:
        self._pages[page] = keys
        while len(self._pages) > PAGES_IN_MEMORY:
            self._pages.popitem(last=False)
