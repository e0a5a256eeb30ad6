"""Turns examined things into rows, in the order they arrive, and commits them in batches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from kedang.accession.errors import FileChanging
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.adapters.record_columns import RECORD_SEALED, mac_of
from kedang.holdings.adapters.sealer import Sealer
from kedang.holdings.intake import commit
from kedang.holdings.intake.arrivals import Arrival, Before, Parent
from kedang.holdings.intake.decided import describe_again, still_asked
from kedang.holdings.intake.entries import Entry, Reread, told
from kedang.holdings.intake.places import Recogniser
from kedang.holdings.intake.rows import (
    OCCURRENCE_SEALED,
    KnownRecord,
    NewRecord,
    columns_of,
    mention_rows,
    names_of,
    new_record,
    occurrence_row,
    place,
    question_rows,
    questions_raised,
)
from kedang.holdings.intake.seconds import Seconds
from kedang.holdings.models import Accession, Record
from kedang.ledger.leaves import Event
from kedang.pipeline.items import Item
from kedang.pipeline.messages import BlobAt, Examined, ProveRequest, Sealed, SealRequest
from kedang.records.content import Problem
from kedang.records.ids import PackId

COMMIT_BYTES = 32 * 1024 * 1024
COMMIT_SECONDS = 5.0
COMMIT_ROWS = 1200
LOOKUP_ROWS = 200
NO_BLOB = BlobAt(0, 0)
CHANGED = FileChanging.code  # its bytes change while being read


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
    unchanged: int = 0
    """Things that were read again and turned out to be what they were."""
    _marks: Recogniser = field(init=False)
    _desk_mark: Callable[[str], bytes] = field(init=False)
    _pack: PackId | None = None
    _entries: list[Entry] = field(default_factory=list)
    _undecided: int = 0
    """Entries from this place on have not been looked up."""
    _rows: commit.Rows = field(default_factory=commit.Rows)
    _new: dict[int, NewRecord] = field(default_factory=dict)
    _by_mark: dict[bytes, KnownRecord] = field(default_factory=dict)
    _rereads: list[Reread] = field(default_factory=list)
    _tickets: int = 0
    _bytes: int = 0
    _since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._marks = self.archive.recogniser()
        self._desk_mark = lru_cache(256)(self._marks.desk)  # one folder's things come together

    def received(
        self, arrival: Arrival, item: Item, examined: Examined, before: Before | None = None
    ) -> None:
        """Something was read: keep it, or refuse it with the code that examining gave."""
        if before is not None and examined.refused and examined.refused == before.code:
            self.unchanged += 1
            return
        entry = Entry(arrival, self.archive.new_id(), item, examined, before, examined.refused)
        self._entries.append(entry)
        self._bytes += examined.size_bytes
        if len(self._entries) - self._undecided >= LOOKUP_ROWS or self._bytes >= COMMIT_BYTES:
            self._decide()
        self._commit_when_due()

    def refused(self, arrival: Arrival, code: str) -> None:
        """Something could not be had at all."""
        self._entries.append(Entry(arrival, self.archive.new_id(), code=code))
        self._commit_when_due()

    def again(self, arrival: Arrival, known: KnownRecord) -> None:
        """Something whose bytes are a record already."""
        self._entries.append(Entry(arrival, self.archive.new_id(), known=known))
        self._commit_when_due()

    def known(self, digests: list[tuple[bytes, int]]) -> list[KnownRecord | None]:
        """For each (SHA-256, size) the record with these bytes, None when they are new."""
        self._decide()
        marks = [self._marks.content(digest, size) for digest, size in digests]
        self._look_up(marks)
        return [self._by_mark.get(mark) for mark in marks]

    def reached(self, parent: Parent, ordinal: int) -> None:
        """Members up to `ordinal` have been handed over."""
        self._rows.cursors[parent.occurrence] = ordinal

    def finished(self, parent: Parent) -> None:
        """All members of a container have been handed over."""
        self._rows.finished.append(parent.occurrence)
        self._rows.cursors.pop(parent.occurrence, None)
        self._commit_when_due()

    def reread(self, record: Record, key: bytes, examined: Examined) -> None:
        """A record that is here has been examined again, with the text of its pages."""
        self._rereads.append(Reread(record, key, examined))
        self._seal_derived(self._rereads[-1])
        self._commit_when_due()

    def superseded(self, occurrence_id: str) -> None:
        """An earlier version at the same place is not the current one any more."""
        self._rows.superseded.append(occurrence_id)

    def flush(self) -> None:
        """Commit everything received so far."""
        self._decide()
        if self._entries or self._rereads or not self._rows.empty():
            pack = self._close_pack()
            self._take_proofs()
            with self.seconds.timed("commit"):
                pages = self._write_keys()
                self._make_rows()
                commit.commit(self.archive, self._rows, pack=pack, pages=pages, now=self.clock())
        self._entries, self._undecided, self._bytes = [], 0, 0
        self._rows, self._new, self._by_mark, self._rereads = commit.Rows(), {}, {}, []
        self._since = time.monotonic()

    def _commit_when_due(self) -> None:
        if (
            self._bytes >= COMMIT_BYTES
            or len(self._entries) >= COMMIT_ROWS
            or len(self._rows.finished) >= COMMIT_ROWS
            or time.monotonic() - self._since >= COMMIT_SECONDS
        ):
            self.flush()

    def _decide(self) -> None:
        """Look up what has arrived since; what is new goes to the sealing process at once."""
        entries = [e for e in self._entries[self._undecided :] if e.examined and not e.code]
        self._undecided = len(self._entries)
        if not entries:
            return
        marks = [self._marks.content(e.examined.sha256, e.examined.size_bytes) for e in entries if e.examined]
        self._look_up(marks)
        for entry, mark in zip(entries, marks, strict=True):
            entry.known = self._by_mark.get(mark)
            if entry.known is None:
                self._seal(entry, mark)
            else:
                self._prove(entry)
            entry.item = entry.examined = None  # its bytes are in the sealing process now

    def _look_up(self, marks: list[bytes]) -> None:
        unknown = [mark for mark in marks if mark not in self._by_mark]
        if not unknown:
            return
        rows = Record.objects.filter(case_id=self.archive.case_id, fingerprint__in=unknown)
        columns = ("fingerprint", "id", "key_page", "is_container", "commitment")
        for mark, record_id, page, is_container, commitment in rows.values_list(*columns):
            self._by_mark[bytes(mark)] = KnownRecord(record_id, page, is_container, bytes(commitment))

    def _seal(self, entry: Entry, mark: bytes) -> None:
        """A new record: its own key, its parts on the way to the sealing process."""
        item, examined = entry.item, entry.examined
        if item is None or examined is None:
            return
        new = new_record(self.archive, entry.arrival, examined, mark)
        entry.ticket = self._next_ticket()
        self._new[entry.ticket] = new
        entry.known = KnownRecord(new.row.id, "", new.is_container, new.row.commitment)
        self._by_mark[mark] = entry.known
        started = time.perf_counter()
        self.sealer.seal(
            SealRequest(
                ticket=entry.ticket,
                record_id=new.row.id,
                key=new.key,
                content=told(item, examined),
                sha256=examined.sha256,
                derived=examined.derived,
                mentions=examined.mentions,
                segments=tuple((s.length, s.key_id, s.key) for s in new.segments),
                columns=columns_of(new, entry.arrival, entry.occurrence_id),
            )
        )
        self.seconds["seal"] += time.perf_counter() - started

    def _prove(self, entry: Entry) -> None:
        """A double is one when the sealing process has read the same bytes; who parsed it may have lied."""
        item, examined = entry.item, entry.examined
        if item is not None and examined is not None:
            entry.proof = self._tickets = self._tickets + 1
            self.sealer.prove(ProveRequest(entry.proof, told(item, examined), examined.sha256))

    def _take_proofs(self) -> None:
        proofs = self.sealer.proofs()
        for entry in self._entries:
            if entry.proof and not proofs[entry.proof]:
                entry.known, entry.code = None, CHANGED

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
        if self._pack is None:
            self.archive.home.require_room()
            self._pack = commit.reserve_pack(self.archive, now=self.clock())
            self.sealer.open_pack(self._pack)
        self._tickets += 1
        return self._tickets

    def _close_pack(self) -> tuple[PackId, int, int] | None:
        """The durable pack, after noting where everything stands in it."""
        if self._pack is None:
            return None
        started = time.perf_counter()
        closed, answers = self.sealer.close_pack()
        self.seconds["seal"] += time.perf_counter() - started
        for ticket, new in self._new.items():
            self._place(new, answers[ticket], closed.pack_id)
        for again in self._rereads:
            self._renew(again, answers[again.ticket], closed.pack_id)
        self._pack = None
        return PackId(closed.pack_id), closed.size_bytes, closed.blobs

    def _place(self, new: NewRecord, sealed: Sealed, pack: str) -> None:
        if sealed.changed:
            new.lost = True
        else:
            self._rows.segments += place(self.archive, new, sealed, pack)

    def _renew(self, again: Reread, sealed: Sealed, pack: str) -> None:
        """The record's row with what was read now; questions that are raised for the first time."""
        record, examined = again.record, again.examined
        said = self.archive.open(again.key, record.id, RECORD_SEALED, record.sealed)
        problems: tuple[Problem, ...] = (Problem(examined.problem or examined.refused),)
        record.awaits_ocr, record.mentions_mac = False, b""
        if examined.summary is not None and sealed.derived is not None:
            summary = examined.summary
            problems = summary.problems
            now_said = said | {"title": describe_again(self.archive, record, summary, said)}
            record.sealed = self.archive.seal(again.key, record.id, RECORD_SEALED, now_said)
            record.awaits_ocr = False
            record.derived_pack = pack
            record.derived_offset = sealed.derived.offset
            record.derived_length = sealed.derived.length
            kept = sealed.mentions or NO_BLOB
            record.mentions_offset, record.mentions_length = kept.offset, kept.length
            self._rows.mentions += mention_rows(self.archive, record, summary)
        record.mac = mac_of(self.archive, record)
        self._rows.reread.append(record)
        self._rows.answered.append(record.id)
        self._ask(record.id, still_asked(self.archive, record, problems))

    def _write_keys(self) -> NewPages:
        """Make the new keys durable and note their pages in the rows."""
        keys: dict[str, bytes] = {}
        for new in self._new.values():
            if not new.lost:
                keys[new.row.id] = new.key
                keys.update({segment.key_id: segment.key for segment in new.segments})
        pages = self.archive.write_pages(keys)
        for new in self._new.values():
            if not new.lost:
                new.row.key_page = pages[new.row.id].id
        for segment in self._rows.segments:
            segment.key_page = pages[segment.key_id].id
        return pages

    def _make_rows(self) -> None:
        by_record = {new.row.id: new for new in self._new.values()}
        for entry in self._entries:
            made = self._new.get(entry.ticket)
            twin = by_record.get(entry.known.record_id) if entry.known else None
            if entry.before is not None and not self._replaces(entry, entry.before):
                continue
            if entry.known is None or (twin is not None and twin.lost):
                self._make_refusal(entry)
                continue
            if made is not None:
                self._make_record(made)
            self._make_occurrence(entry, entry.known, twin, made)

    def _replaces(self, entry: Entry, before: Before) -> bool:
        """Whether it is a new version; the same bytes with another date or inode are none."""
        if entry.known is not None and entry.known.record_id == before.record:
            self.unchanged += 1
            self._rows.touched[before.occurrence] = entry.arrival.stat_fingerprint
            return False
        self._rows.superseded.append(before.occurrence)
        return True

    def _make_refusal(self, entry: Entry) -> None:
        code = entry.code or CHANGED
        self._rows.occurrences.append(
            occurrence_row(
                self.archive,
                self.accession,
                entry.arrival,
                occurrence_id=entry.occurrence_id,
                sealed=self._names(entry, self.source_key),
                desk=self._desk_mark(entry.arrival.desk),
                record_id=None,
                state="refused",
                code=code,
            )
        )
        self._event(
            "refused",
            (f"accession:{self.accession.id}", f"occurrence:{entry.occurrence_id}"),
            code=code,
        )

    def _make_record(self, new: NewRecord) -> None:
        self._rows.mentions += mention_rows(self.archive, new.row, new.summary)
        new.row.mac = mac_of(self.archive, new.row)
        self._rows.records.append(new.row)
        problems = new.summary.problems
        if new.problem:
            problems = (Problem(new.problem), *problems)
        self._ask(new.row.id, problems)

    def _make_occurrence(
        self, entry: Entry, known: KnownRecord, twin: NewRecord | None, made: NewRecord | None
    ) -> None:
        arrival = entry.arrival
        self._rows.occurrences.append(
            occurrence_row(
                self.archive,
                self.accession,
                arrival,
                occurrence_id=entry.occurrence_id,
                sealed=made.names if made else self._names(entry, self._key(known, twin)),
                desk=self._desk_mark(arrival.desk),
                record_id=known.record_id,
                state="open" if known.is_container else "kept",
            )
        )
        objects = [
            f"accession:{self.accession.id}",
            f"occurrence:{entry.occurrence_id}",
            f"record:{known.record_id}",
        ]
        if made is None:
            self._rows.earlier_orders.setdefault(known.record_id, arrival.order_key)
        if arrival.parent is not None:
            objects.append(f"container:{arrival.parent.record}")
            for container, path in arrival.parent.paths_of(arrival.ordinal):
                self._rows.owners.append((container, path, known.record_id))
        facts: dict[str, str | int] = {"content": known.commitment.hex()}
        if made is None:
            facts["duplicate"] = True
        else:
            facts["padded_bytes"] = made.row.padded_bytes
        self._event("received", objects, **facts)

    def _key(self, known: KnownRecord, twin: NewRecord | None) -> bytes:
        """The key of a record that was here before, or that an earlier arrival of the batch made."""
        return twin.key if twin else self.archive.key(known.key_page, known.record_id)

    def _names(self, entry: Entry, key: bytes) -> bytes:
        """The sealed names of an arrival that brought no new record."""
        return self.archive.seal(key, entry.occurrence_id, OCCURRENCE_SEALED, names_of(entry.arrival))

    def _ask(self, record_id: str, problems: tuple[Problem, ...]) -> None:
        questions = question_rows(self.archive, record_id, problems, now=self.clock())
        self._rows.questions += questions
        self._rows.events += questions_raised(self.archive, questions)

    def _event(self, act: str, objects: tuple[str, ...] | list[str], **facts: str | int) -> None:
        self._rows.events.append(Event(self.archive.agent, act, objects, facts))
