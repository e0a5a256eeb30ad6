"""Chunks of row sets sealed into packs, one pack after the other."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.looking_up import with_ids
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.models import Pack
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.pack import PackWriter, Pointer, writing_pack
from kedang.vault.suites import SALT_BYTES


@dataclass(slots=True)
class RowPacks:
    """Packs being written; durable when the block has ended, given up when it raises."""

    archive: Archive
    now: datetime
    written: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Bytes and blobs of each pack that is closed."""
    _stack: ExitStack | None = None
    _writer: PackWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._close()
        elif self._stack is not None:
            self._stack.__exit__(kind, error, trace)

    def seal(self, key: bytes, holder: str, payload: bytes, part: int) -> Pointer:
        """Where the sealed payload will lie."""
        writer = self._open()
        blob = seal_bytes(
            key,
            payload,
            binding=Binding(self.archive.case_id, holder, Role.ROW_SET, part),
            salt=self.archive.random_bytes(SALT_BYTES),
            suite=self.archive.suite,
            compress=True,
        )
        pointer = writer.append(blob, record=holder, role=Role.ROW_SET, part=part)
        if writer.is_full:
            self._close()
        return pointer

    def _open(self) -> PackWriter:
        if self._writer is None:
            pack = reserve_pack(self.archive, now=self.now)
            self._stack = ExitStack()
            self._writer = self._stack.enter_context(
                writing_pack(self.archive.store, pack, self.archive.case_id)
            )
        return self._writer

    def _close(self) -> None:
        if self._writer is not None and self._stack is not None:
            self.written[self._writer.pack] = self._writer.size_bytes, self._writer.count
            stack, self._stack, self._writer = self._stack, None, None
            stack.close()

    def keep(self) -> None:
        """Refer to the packs that were written, in the caller's transaction."""
        for rows in with_ids(Pack, sorted(self.written)):
            for row in rows:
                size_bytes, blobs = self.written[row.id]
                rewrite(self.archive, [row], state="kept", size_bytes=size_bytes, blobs=blobs)
