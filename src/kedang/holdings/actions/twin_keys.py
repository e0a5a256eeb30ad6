"""Two keys under one name in the ring of a copy: everything was being sealed anew when the copy was written.

A row was sealed under one of them. Which one it is, its own sealed column tells, and of a range the blob itself:
each begins with a commitment to its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kedang.preservation.snapshot_values import Value
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId, KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.blob import HEADER_BYTES, Binding, Role, begin_opening
from kedang.vault.column import ColumnBinding, open_column
from kedang.vault.pack import pack_name
from kedang.vault.store import BlobStore

COLUMNS = {"record": "record.sealed", "customer": "customer.sealed", "source": "source.sealed"}
"""Tables whose rows have a key of their own, and what their sealed column is bound to."""

BLOBS: Mapping[str, tuple[str, Role, str]] = {
    "segment": ("key_id", Role.SEGMENT, "ordinal"),
    "splittable": ("id", Role.ROW_SET, ""),
    "rowchunk": ("row_set_id", Role.ROW_SET, "turn"),
}
"""Tables whose rows say where a blob lies: column of the holder, role, column of the part."""


@dataclass(slots=True)
class TwinKeys:
    """The holders of a ring that several of its pages have a key for."""

    store: BlobStore
    case: CaseId
    epoch_keys: Mapping[int, bytes] = field(repr=False)
    epochs: Mapping[str, int]
    """Epoch of each page."""
    pages_of: dict[bytes, list[str]] = field(default_factory=dict)
    """By holder: its pages, two at least."""
    chosen: dict[bytes, str] = field(default_factory=dict)

    def choose(self, table: str, row: Mapping[str, Value], holder: str) -> str | None:
        """The page that has the key which the row was sealed under; None when there are not several."""
        named = bytes.fromhex(holder)
        pages = self.pages_of.get(named)
        if pages is None:
            return None
        if table == "case" and row.get("columns_key"):
            pages = [page for page in pages if str(row["columns_key"]) in self._keys(page)] or pages
        if table == "rowset":
            return pages[0]  # until its first chunk tells
        if named not in self.chosen:
            fitting = (page for page in pages if self._fits(table, row, self._keys(page)[holder]))
            self.chosen[named] = next(fitting, pages[0])
        return self.chosen[named]

    def passed_over(self) -> Sequence[str]:
        """The pages of which a key was not chosen: they are left behind when everything has been sealed anew."""
        return sorted(
            {
                page
                for holder, pages in self.pages_of.items()
                for page in pages
                if page != self.chosen.get(holder)
            }
        )

    def _keys(self, page: str) -> Mapping[str, bytes]:
        epoch = self.epochs[page]
        return ring.read_page(
            self.store, self.epoch_keys[epoch], page=KeyPageId(page), case=self.case, epoch=epoch
        ).keys

    def _fits(self, table: str, row: Mapping[str, Value], key: bytes) -> bool:
        try:
            if table in COLUMNS:
                one, sealed = str(row["id"]), row["sealed"]
                binding = ColumnBinding(self.case, one, COLUMNS[table])
                open_column(key, sealed if isinstance(sealed, bytes) else b"", binding=binding)
            elif table in BLOBS:
                self._open_blob(table, row, key)
        except KedangError:
            return False
        return True

    def _open_blob(self, table: str, row: Mapping[str, Value], key: bytes) -> None:
        holder, role, part = BLOBS[table]
        number = int(str(row[part])) if part else 0
        binding = Binding(self.case, str(row[holder]), role, number)
        name = pack_name(PackId(str(row["pack"])))
        header = self.store.read(name, int(str(row["offset"])), HEADER_BYTES)
        begin_opening(key, header, binding=binding)
