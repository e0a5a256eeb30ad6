"""A batch whose things are sealed becomes rows, which are committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from kedang.accession.errors import FileChanging
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyring import NewPages
from kedang.holdings.adapters.record_columns import RECORD_SEALED, mac_of
from kedang.holdings.adapters.sealer import Sealer
from kedang.holdings.intake.arrivals import Before
from kedang.holdings.intake.batches import Batch
from kedang.holdings.intake.commit import Rows
from kedang.holdings.intake.committing import Committing
from kedang.holdings.intake.decided import describe_again, still_asked
from kedang.holdings.intake.entries import Entry, Reread
from kedang.holdings.intake.rows import (
    OCCURRENCE_SEALED,
    KnownRecord,
    NewRecord,
    mention_rows,
    names_of,
    occurrence_row,
    place,
    question_rows,
    questions_raised,
)
from kedang.holdings.models import Accession
from kedang.ledger.leaves import Event
from kedang.pipeline.messages import BlobAt, Sealed
from kedang.records.content import Problem
from kedang.records.ids import PackId

NO_BLOB = BlobAt(0, 0)
CHANGED = FileChanging.code  # its bytes change while being read


@dataclass(slots=True)
class Writing:
    """Writes the batches of one accession, one after the other."""

    archive: Archive
    sealer: Sealer
    accession: Accession
    source_key: bytes = field(repr=False)
    """For the names of what is refused, which has no record."""
    clock: Callable[[], datetime]
    committing: Committing
    unchanged: int = 0
    """Things that turned out to be what they were."""
    _desk_mark: Callable[[str], bytes] = field(init=False)

    def __post_init__(self) -> None:
        self._desk_mark = lru_cache(256)(self.archive.recogniser().desk)  # one folder's things come together

    def write(self, batch: Batch, pack: tuple[PackId, int, int] | None) -> None:
        """Begin to commit the batch; `pack` is (id, bytes, blobs) of its durable pack."""
        self._take_proofs(batch)
        pages = self._write_keys(batch)
        self._make_rows(batch)
        self.committing.begin(batch.rows, pack=pack, pages=pages, now=self.clock())

    def place(self, batch: Batch, answers: dict[int, Sealed], pack: str) -> None:
        """Note where everything stands in the batch's pack."""
        for ticket, new in batch.new.items():
            sealed = answers[ticket]
            if sealed.changed:
                new.lost = True
            else:
                batch.rows.segments += place(self.archive, new, sealed, pack)
        for again in batch.rereads:
            self._renew(batch.rows, again, answers[again.ticket], pack)

    def _take_proofs(self, batch: Batch) -> None:
        for entry in batch.entries:
            if entry.proof and not self.sealer.proven(entry.proof):
                entry.known, entry.code = None, CHANGED

    def _renew(self, rows: Rows, again: Reread, sealed: Sealed, pack: str) -> None:
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
            rows.mentions += mention_rows(self.archive, record, summary)
        record.mac = mac_of(self.archive, record)
        rows.reread.append(record)
        rows.answered.append(record.id)
        self._ask(rows, record.id, still_asked(self.archive, record, problems))

    def _write_keys(self, batch: Batch) -> NewPages:
        """Make the new keys durable and note their pages in the rows."""
        keys: dict[str, bytes] = {}
        for new in batch.new.values():
            if not new.lost:
                keys[new.row.id] = new.key
                keys.update({segment.key_id: segment.key for segment in new.segments})
        pages = self.archive.write_pages(keys)
        for new in batch.new.values():
            if not new.lost:
                new.row.key_page = pages[new.row.id].id
        for segment in batch.rows.segments:
            segment.key_page = pages[segment.key_id].id
        return pages

    def _make_rows(self, batch: Batch) -> None:
        rows = batch.rows
        for entry in batch.entries:
            known = entry.known
            if entry.before is not None and not self._replaces(rows, entry, entry.before):
                continue
            if known is None or (known.made is not None and known.made.lost):
                self._make_refusal(rows, entry)
                continue
            made = batch.new.get(entry.ticket)
            if made is not None:
                self._make_record(rows, made)
            self._make_occurrence(rows, entry, known, made)

    def _replaces(self, rows: Rows, entry: Entry, before: Before) -> bool:
        """Whether it is a new version; the same bytes with another date or inode are none."""
        if entry.known is not None and entry.known.record_id == before.record:
            self.unchanged += 1
            rows.touched[before.occurrence] = entry.arrival.stat_fingerprint
            return False
        rows.superseded.append(before.occurrence)
        return True

    def _make_refusal(self, rows: Rows, entry: Entry) -> None:
        code = entry.code or CHANGED
        rows.occurrences.append(
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
        objects = (f"accession:{self.accession.id}", f"occurrence:{entry.occurrence_id}")
        rows.events.append(Event(self.archive.agent, "refused", objects, {"code": code}))

    def _make_record(self, rows: Rows, new: NewRecord) -> None:
        rows.mentions += mention_rows(self.archive, new.row, new.summary)
        rows.records.append(new.row)
        problems = new.summary.problems
        if new.problem:
            problems = (Problem(new.problem), *problems)
        if problems:
            self._ask(rows, new.row.id, problems)

    def _make_occurrence(self, rows: Rows, entry: Entry, known: KnownRecord, made: NewRecord | None) -> None:
        arrival = entry.arrival
        rows.occurrences.append(
            occurrence_row(
                self.archive,
                self.accession,
                arrival,
                occurrence_id=entry.occurrence_id,
                sealed=made.names if made else self._names(entry, self._key(known)),
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
            rows.earlier_orders.setdefault(known.record_id, arrival.order_key)
        if arrival.parent is not None:
            objects.append(f"container:{arrival.parent.record}")
            for container, path in arrival.parent.paths_of(arrival.ordinal):
                rows.owners.append((container, path, known.record_id))
        facts: dict[str, str | int] = {"content": known.commitment.hex()}
        if made is None:
            facts["duplicate"] = True
        else:
            facts["padded_bytes"] = made.row.padded_bytes
        rows.events.append(Event(self.archive.agent, "received", objects, facts))

    def _key(self, known: KnownRecord) -> bytes:
        """The key of a record that was here before, or that an earlier arrival has made."""
        return known.made.key if known.made else self.archive.key(known.key_page, known.record_id)

    def _names(self, entry: Entry, key: bytes) -> bytes:
        """The sealed names of an arrival that brought no new record."""
        return self.archive.seal(key, entry.occurrence_id, OCCURRENCE_SEALED, names_of(entry.arrival))

    def _ask(self, rows: Rows, record_id: str, problems: tuple[Problem, ...]) -> None:
        questions = question_rows(self.archive, record_id, problems, now=self.clock())
        rows.questions += questions
        rows.events += questions_raised(self.archive, questions)
