"""Takes in what is examined, in the order it arrives, has it sealed and commits it in batches.

Two batches are under way: while the pack of one is made durable and its rows are written, the next one is received
and sealed. They are committed in order, and a third is not begun before the first is committed: what is no longer
known from a batch is looked up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import any_of_octets
from kedang.holdings.adapters.sealer import Sealer
from kedang.holdings.errors import DiskNearlyFull
from kedang.holdings.intake import commit
from kedang.holdings.intake.arrivals import Arrival, Before, Parent
from kedang.holdings.intake.batches import COMMIT_BYTES, Batch
from kedang.holdings.intake.committing import Committing
from kedang.holdings.intake.entries import Entry, Reread, told
from kedang.holdings.intake.places import Recogniser
from kedang.holdings.intake.rows import KnownRecord, columns_of, new_record
from kedang.holdings.intake.seconds import Seconds
from kedang.holdings.intake.writing import Writing
from kedang.holdings.models import Accession, Record
from kedang.pipeline.items import Item
from kedang.pipeline.messages import Examined, ProveRequest, SealRequest
from kedang.records.ids import PackId

LOOKUP_ROWS = 200


@dataclass(slots=True)
class Receiver:
    """The coordinator's side of one accession. Not for several threads."""

    archive: Archive
    sealer: Sealer
    accession: Accession
    source_key: bytes = field(repr=False)
    """For the names of what is refused, which has no record."""
    clock: Callable[[], datetime]
    seconds: Seconds = field(default_factory=Seconds)
    _unchanged: int = 0
    _marks: Recogniser = field(init=False)
    _committing: Committing = field(init=False)
    _writing: Writing = field(init=False)
    _batch: Batch = field(default_factory=lambda: Batch({}))
    """Being received."""
    _closing: Batch | None = None
    """The one before, until it is committed."""
    _tickets: int = 0

    def __post_init__(self) -> None:
        self._marks = self.archive.recogniser()
        self._committing = Committing(self.archive)
        self._writing = Writing(
            self.archive, self.sealer, self.accession, self.source_key, self.clock, self._committing
        )

    @property
    def unchanged(self) -> int:
        """Things that were read again and turned out to be what they were."""
        return self._unchanged + self._writing.unchanged

    def received(
        self, arrival: Arrival, item: Item, examined: Examined, before: Before | None = None
    ) -> None:
        """Something was read: keep it, or refuse it with the code that examining gave."""
        if before is not None and examined.refused and examined.refused == before.code:
            self._unchanged += 1
            return
        batch = self._batch
        entry = Entry(arrival, self.archive.new_id(), item, examined, before, examined.refused)
        batch.entries.append(entry)
        batch.size_bytes += examined.size_bytes
        if len(batch.entries) - batch.undecided >= LOOKUP_ROWS or batch.size_bytes >= COMMIT_BYTES:
            self._decide()
        self._commit_when_due()

    def refused(self, arrival: Arrival, code: str) -> None:
        """Something could not be had at all."""
        self._batch.entries.append(Entry(arrival, self.archive.new_id(), code=code))
        self._commit_when_due()

    def again(self, arrival: Arrival, known: KnownRecord) -> None:
        """Something whose bytes are a record already."""
        self._batch.entries.append(Entry(arrival, self.archive.new_id(), known=known))
        self._commit_when_due()

    def known(self, digests: list[tuple[bytes, int]]) -> list[KnownRecord | None]:
        """For each (SHA-256, size) the record with these bytes, None when they are new."""
        self._decide()
        marks = [self._marks.content(digest, size) for digest, size in digests]
        self._look_up(marks)
        return [self._batch.known(mark) for mark in marks]

    def reached(self, parent: Parent, ordinal: int) -> None:
        """Members up to `ordinal` have been handed over."""
        self._batch.rows.cursors[parent.occurrence] = ordinal

    def finished(self, parent: Parent) -> None:
        """All members of a container have been handed over."""
        self._batch.rows.finished.append(parent.occurrence)
        self._batch.rows.cursors.pop(parent.occurrence, None)
        self._commit_when_due()

    def reread(self, record: Record, key: bytes, examined: Examined) -> None:
        """A record that is here has been examined again, with the text of its pages."""
        again = Reread(record, key, examined)
        self._batch.rereads.append(again)
        self._seal_derived(again)
        self._commit_when_due()

    def superseded(self, occurrence_id: str) -> None:
        """An earlier version at the same place is not the current one any more."""
        self._batch.rows.superseded.append(occurrence_id)

    def flush(self) -> None:
        """Commit everything received so far."""
        self._turn()
        self._settle()
        self._committed()

    def end(self) -> None:
        """Nothing is written any more when this returns; what was not flushed is not kept."""
        self._committing.end()

    def _commit_when_due(self) -> None:
        closing = self._closing
        if closing and closing.pack and self.sealer.has_closed(closing.pack) and self._batch.is_under_way():
            self._settle()
        if self._batch.is_full():
            self._turn()

    def _turn(self) -> None:
        """Begin a new batch; this one is committed when its pack is durable."""
        self._decide()
        batch = self._batch
        if batch.pack is not None:
            self.sealer.close_pack()
        self._settle()
        self._committed()
        self._closing, self._batch = batch, Batch(batch.by_mark)

    def _settle(self) -> None:
        """Begin to commit the batch that was turned over last, if that is to be done."""
        batch, self._closing = self._closing, None
        if batch is None or batch.is_empty():
            return
        pack = self._closed_pack(batch)
        started = time.perf_counter()
        self._writing.write(batch, pack)
        self.seconds["commit"] += time.perf_counter() - started

    def _committed(self) -> None:
        """Everything that was settled is committed when this returns."""
        self._committing.wait()
        self.seconds["commit"] += self._committing.seconds
        self._committing.seconds = 0.0

    def _require_room(self) -> None:
        """Nothing while there is room for one more pack beside the one that is being made durable."""
        try:
            self.archive.home.require_room(self._closing.size_bytes if self._closing else 0)
        except DiskNearlyFull:
            self._settle()  # it may lie there already
            self._committed()
            self.archive.home.require_room()

    def _closed_pack(self, batch: Batch) -> tuple[PackId, int, int] | None:
        """The batch's durable pack, after noting where everything stands in it."""
        if batch.pack is None:
            return None
        started = time.perf_counter()
        closed, answers = self.sealer.closed(batch.pack)
        self.seconds["seal"] += time.perf_counter() - started
        self._writing.place(batch, answers, batch.pack)
        return batch.pack, closed.size_bytes, closed.blobs

    def _decide(self) -> None:
        """Look up what has arrived since; what is new goes to the sealing process at once."""
        batch = self._batch
        some = batch.entries[batch.undecided :]
        batch.undecided = len(batch.entries)
        marks = [
            self._marks.content(entry.examined.sha256, entry.examined.size_bytes)
            if entry.examined and not entry.code
            else b""
            for entry in some
        ]
        self._look_up([mark for mark in marks if mark])
        started = time.perf_counter()
        for entry, mark in zip(some, marks, strict=True):
            if not mark or entry.item is None or entry.examined is None:
                continue
            entry.known = batch.known(mark)
            if entry.known is None:
                self._seal(entry, entry.item, entry.examined, mark)
            else:
                self._prove(entry, entry.item, entry.examined)
            entry.item = entry.examined = None  # its bytes are in the sealing process now
        self.seconds["seal"] += time.perf_counter() - started

    def _look_up(self, marks: list[bytes]) -> None:
        batch = self._batch
        unknown = [mark for mark in marks if batch.known(mark) is None]
        if not unknown:
            return
        rows = Record.objects.filter(case_id=self.archive.case_id, fingerprint__in=any_of_octets(unknown))
        columns = ("fingerprint", "id", "key_page", "is_container", "commitment")
        for mark, record_id, page, is_container, commitment in rows.values_list(*columns):
            batch.by_mark[bytes(mark)] = KnownRecord(record_id, page, is_container, bytes(commitment))

    def _seal(self, entry: Entry, item: Item, examined: Examined, mark: bytes) -> None:
        """A new record: its own key, its parts on the way to the sealing process."""
        new = new_record(self.archive, entry.arrival, examined, mark)
        entry.ticket = self._next_ticket()
        self._batch.new[entry.ticket] = new
        entry.known = KnownRecord(new.row.id, "", new.is_container, new.row.commitment, new)
        self._batch.by_mark[mark] = entry.known
        self.sealer.seal(
            SealRequest(
                ticket=entry.ticket,
                record_id=new.row.id,
                key=new.key,
                content=told(item, examined),
                sha256=examined.sha256,
                blake3=b"" if new.segments else examined.blake3,
                derived=examined.derived,
                mentions=examined.mentions,
                segments=tuple((s.length, s.key_id, s.key) for s in new.segments),
                columns=columns_of(new, entry.arrival, entry.occurrence_id),
            )
        )

    def _prove(self, entry: Entry, item: Item, examined: Examined) -> None:
        """A double is one when the sealing process has read the same bytes; who parsed it may have lied."""
        entry.proof = self._tickets = self._tickets + 1
        self.sealer.prove(ProveRequest(entry.proof, told(item, examined), examined.sha256))

    def _seal_derived(self, again: Reread) -> None:
        again.ticket = self._next_ticket()
        self.sealer.seal(
            SealRequest(
                ticket=again.ticket,
                record_id=again.record.id,
                key=again.key,
                content=None,
                derived=again.examined.derived,
                mentions=again.examined.mentions,
            )
        )

    def _next_ticket(self) -> int:
        """A ticket for the open pack; a pack is opened when there is none."""
        if self._batch.pack is None:
            self._require_room()
            self._batch.pack = commit.reserve_pack(self.archive, now=self.clock())
            self.sealer.open_pack(self._batch.pack)
        self._tickets += 1
        return self._tickets
