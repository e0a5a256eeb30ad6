"""Somebody who has kept every byte ever written: what he can open with given key sheets and secrets."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, KeyPageId, PackId
from kedang.vault import keysheet, ring
from kedang.vault.blob import Binding, open_bytes
from kedang.vault.column import ColumnBinding, open_column
from kedang.vault.folder_store import FolderStore
from kedang.vault.pack import read_blob, read_index
from kedang.vault.unlocking import Unlocked, unlock_with_passphrase, unlock_with_secret, unlock_with_shares


def unlocked_with(
    sheets: Iterable[Path], *, passphrase: str, secret: Path, shares: Iterable[str]
) -> Iterator[Unlocked]:
    """Every sheet opened by everything that he has."""
    for path in sheets:
        sheet = keysheet.decode(path.read_bytes())
        with suppress(KedangError):
            yield unlock_with_passphrase(sheet, passphrase)
        with suppress(KedangError):
            yield unlock_with_secret(sheet, bytes.fromhex(secret.read_text().strip()))
        with suppress(KedangError):
            yield unlock_with_shares(sheet, list(shares))


def keys_in(vaults: Iterable[Path], unlocked: Iterable[Unlocked]) -> dict[str, set[bytes]]:
    """Every key of every page that opens, by holder."""
    found: dict[str, set[bytes]] = {}
    holders = list(unlocked)
    for vault in vaults:
        store = FolderStore(vault)
        for page in ring.stored_pages(store):
            sealed = store.read(ring.page_name(page))
            for one in holders:
                _take(found, sealed, page, one)
    return found


def _take(found: dict[str, set[bytes]], sealed: bytes, page: KeyPageId, unlocked: Unlocked) -> None:
    epoch = ring.page_epoch(sealed)
    key = unlocked.epoch_keys.get(epoch)
    if key is None:
        return
    with suppress(KedangError):
        opened = ring.open_page(key, sealed, page=page, case=unlocked.case, epoch=epoch)
        for holder, one in opened.keys.items():
            found.setdefault(holder, set()).add(one)


def contents_in(vaults: Iterable[Path], case: CaseId, keys: dict[str, set[bytes]]) -> Iterator[bytes]:
    """Every blob of every pack that one of the keys opens."""
    for vault in vaults:
        store = FolderStore(vault)
        for name in store.names("packs"):
            for entry in read_index(store, PackId(name.partition("/")[2]), case):
                sealed = read_blob(store, entry.pointer)
                for key in keys.get(entry.record, ()):
                    with suppress(KedangError):
                        binding = Binding(case, entry.record, entry.role, entry.part)
                        yield open_bytes(key, sealed, binding=binding)


def columns_in(
    rows: Iterable[tuple[str, dict[str, Any]]], case: CaseId, keys: dict[str, set[bytes]]
) -> Iterator[bytes]:
    """Every sealed value of rows of snapshots that one of the keys opens, whoever's it is."""
    for table, row in rows:
        one = row.get("holder") or row["id"]
        holders = {one, row.get("record_id"), row.get("source_id"), row.get("customer_id"), case}
        column = "snapshot.marks" if table == "marks" else f"{table}.sealed"
        sealed = b64decode(row["sealed"]["base64"]) if "sealed" in row else b""
        for key in (key for holder in holders for key in keys.get(str(holder), ())):
            with suppress(KedangError):
                yield open_column(key, sealed, binding=ColumnBinding(case, str(one), column))
