"""What goes into one commit: things received, on their way to be sealed and to become rows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from kedang.holdings.intake.commit import Rows
from kedang.holdings.intake.entries import Entry, Reread
from kedang.holdings.intake.rows import KnownRecord, NewRecord
from kedang.records.ids import PackId

COMMIT_BYTES = 32 * 1024 * 1024  # of content; a pack is as large
COMMIT_SECONDS = 5.0
SLOW_SECONDS = 1.0
COMMIT_ROWS = 4000
"""Each commit writes most pages of the tables' indexes, as keys are random: few large ones write least."""


@dataclass(slots=True)
class Batch:
    """Things in the order they were received."""

    earlier: dict[bytes, KnownRecord]
    """By fingerprint, what the batch before this one has decided on: it may not be committed yet."""
    pack: PackId | None = None
    entries: list[Entry] = field(default_factory=list)
    undecided: int = 0
    """Entries from this place on have not been looked up."""
    new: dict[int, NewRecord] = field(default_factory=dict)
    """Records being made, by the ticket of their sealing."""
    by_mark: dict[bytes, KnownRecord] = field(default_factory=dict)
    """By fingerprint, every record that was looked up or is being made."""
    rereads: list[Reread] = field(default_factory=list)
    rows: Rows = field(default_factory=Rows)
    size_bytes: int = 0
    since: float = field(default_factory=time.monotonic)

    def known(self, mark: bytes) -> KnownRecord | None:
        """The record with this fingerprint, as far as it was looked up."""
        return self.by_mark.get(mark) or self.earlier.get(mark)

    def is_under_way(self) -> bool:
        """Whether its pack has its row, which would wait while the batch before is written; or things come slowly."""
        return self.pack is not None or time.monotonic() - self.since >= SLOW_SECONDS

    def is_full(self) -> bool:
        """Whether it is time to commit it."""
        return (
            self.size_bytes >= COMMIT_BYTES
            or len(self.entries) >= COMMIT_ROWS
            or len(self.rows.finished) >= COMMIT_ROWS
            or time.monotonic() - self.since >= COMMIT_SECONDS
        )

    def is_empty(self) -> bool:
        """Whether there is nothing to commit."""
        return not self.entries and not self.rereads and self.rows.empty()
