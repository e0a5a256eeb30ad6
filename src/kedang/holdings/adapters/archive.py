"""One case, unlocked: its keys, its stores, and what is derived from the case key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from django.core.exceptions import ObjectDoesNotExist

from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.adapters.keyring import Keyring, NewPages
from kedang.holdings.home import Home
from kedang.holdings.intake.places import Recogniser
from kedang.holdings.models import Case
from kedang.records.ids import ID_BYTES, AgentId, CaseId, id_from
from kedang.vault.column import ColumnBinding, open_column, seal_column
from kedang.vault.folder_store import FolderStore
from kedang.vault.suites import KEY_BYTES, SALT_BYTES, Suite, derive


def said_bytes(value: Mapping[str, Any]) -> bytes:
    """What a sealed column holds: the value as JSON in UTF-8, without spaces."""
    return _ENCODER.encode(value)


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(dict[str, Any])


def derived_key(case_key: bytes, purpose: bytes) -> bytes:
    """The key for one purpose that whoever has the case key can make."""
    return derive(case_key, salt=b"", info=b"kedang case v1 " + purpose)


@dataclass(slots=True)
class Archive:
    """What a job needs to work in one case. Held in memory only; `forget` empties it."""

    case: Case
    home: Home
    keyring: Keyring
    agent: AgentId
    slot: str
    """Which kind of slot opened it."""
    random_bytes: Callable[[int], bytes]
    store: FolderStore
    places: KeyPlaces
    suite: Suite = Suite.AES_256_GCM
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

    @property
    def epoch(self) -> int:
        """The epoch that new keys go into."""
        return self.keyring.epoch

    @property
    def epoch_keys(self) -> Mapping[int, bytes]:
        """The key of each epoch that the sheet has."""
        return self.keyring.epoch_keys

    def key(self, page: str, holder: str) -> bytes:
        """The key of a holder; raises what `Keyring.key` raises."""
        return self.keyring.key(page, holder)

    def write_pages(self, keys: Mapping[str, bytes]) -> NewPages:
        """New keys in durable pages; `keep_pages` follows in the transaction that refers to them."""
        return self.keyring.write_pages(keys)

    def keep_pages(self, pages: NewPages, *, moving: bool = True) -> bool:
        """Save the rows of new pages, in the caller's transaction; whether that was done, as `Keyring.keep_pages`."""
        return self.keyring.keep_pages(pages, moving=moving)

    def seal(
        self, key: bytes, row: str, column: str, value: Mapping[str, Any], *, salt: bytes = b""
    ) -> bytes:
        """A sealed column holding a JSON object; with a new salt, unless the same is put back that was sealed before."""
        return seal_column(
            key,
            said_bytes(value),
            binding=ColumnBinding(self.case_id, row, column),
            salt=salt or self.random_bytes(SALT_BYTES),
            suite=self.suite,
        )

    def open(self, key: bytes, row: str, column: str, sealed: bytes | memoryview) -> dict[str, Any]:
        """The JSON object of a sealed column."""
        binding = ColumnBinding(self.case_id, row, column)
        return _DECODER.decode(open_column(key, bytes(sealed), binding=binding))

    def root_key(self) -> bytes:
        """The key of the case itself, from which the keys below are derived; it stays the same for ever."""
        return self._key_of_case(lambda: self.case_id)

    def case_key(self) -> bytes:
        """The key of what is sealed for the case as a whole: its names, agents, copies, places, orders."""
        return self._key_of_case(lambda: self.case.columns_key or self.case_id)

    def _key_of_case(self, holder: Callable[[], str]) -> bytes:
        try:
            return self.key(self.case.key_page, holder())
        except ObjectDoesNotExist:  # another process has sealed everything anew meanwhile
            self.case.refresh_from_db()
            return self.key(self.case.key_page, holder())

    def recogniser(self) -> Recogniser:
        """Fingerprints of this case."""
        return Recogniser(self._derived(b"fingerprints"))

    def mac_key(self) -> bytes:
        """Key of the MACs over clear columns."""
        return self._derived(b"row macs")

    def signing_seed(self) -> bytes:
        """Seed of the Ed25519 key that signs the ledger's checkpoints."""
        return self._derived(b"ledger signing")

    def search_salts_key(self) -> bytes:
        """Key of the salts of searched words in the ledger."""
        return self._derived(b"search salts")

    def leaves_key(self) -> bytes:
        """Key of the ledger's leaves in copies: it lives as long as the case."""
        return self._derived(b"ledger leaves")

    def twin(self, agent: AgentId) -> Archive:
        """The same case for another thread, in which `agent` acts; it is forgotten on its own."""
        keyring = self.keyring.twin()
        keyring.register()
        return replace(
            self, case=copy(self.case), keyring=keyring, agent=agent, _derived_keys=dict(self._derived_keys)
        )

    def forget(self) -> None:
        """Drop all keys."""
        self._derived_keys.clear()
        self.keyring.forget()

    def _derived(self, purpose: bytes) -> bytes:
        if purpose not in self._derived_keys:
            self._derived_keys[purpose] = derived_key(self.root_key(), purpose)
        return self._derived_keys[purpose]
