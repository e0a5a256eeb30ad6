"""The second pass: what the kept containers hold, level by level, in order.

Rules:
1. Only the lowest open level is worked on, in the order of its occurrences, so that a run that was killed goes
   on in the order in which an undisturbed run would have gone.
2. A container that is a second copy of one already opened gets the same members without being parsed again.
3. A container is read from its sealed content, never from its source, which may have gone or changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kedang.accession.limits import Budget, Limits
from kedang.accession.members import TOO_DEEP
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import item_of
from kedang.holdings.adapters.lister import Lister, ListingFailed
from kedang.holdings.adapters.names import occurrence_names
from kedang.holdings.intake.arrivals import (
    ORDINAL_BYTES,
    RANK_BYTES,
    Arrival,
    Parent,
    order_key_of_member,
)
from kedang.holdings.intake.budgets import budget_left
from kedang.holdings.intake.receiver import Receiver
from kedang.holdings.intake.rows import KnownRecord
from kedang.holdings.intake.steps import Finished, Reached, Read, Refuse, Repeat, Step
from kedang.holdings.models import Accession, Occurrence, Record
from kedang.pipeline.contents import content_of, digest_of
from kedang.pipeline.items import Item
from kedang.pipeline.messages import MembersRequest, ReceivedMember
from kedang.pipeline.pool import DIED
from kedang.records.errors import KedangError
from kedang.records.ids import OccurrenceId, RecordId

LEVEL_BATCH = 200
DEEPEST = Limits().depth


@dataclass(slots=True)
class Unpacking:
    """The second pass over one accession."""

    archive: Archive
    accession: Accession
    receiver: Receiver
    lister: Lister
    process_key: bytes = field(repr=False)
    spool_folder: Path
    _budgets: dict[bytes, Budget] = field(default_factory=dict)
    """What each received file may still unpack to, by the first bytes of its order key."""
    _tickets: int = 0

    def next_level(self) -> list[Occurrence]:
        """The first open containers of the lowest level; empty when none is left."""
        waiting = Occurrence.objects.filter(
            case_id=self.archive.case_id, accession_id=self.accession.id, state="open"
        ).order_by("depth", "order_key")
        found = list(waiting[:LEVEL_BATCH])
        return [one for one in found if one.depth == found[0].depth]

    def steps(self, containers: list[Occurrence]) -> Iterator[Step]:
        """The members of each container, in order."""
        listed: set[str] = set()
        for occurrence in containers:
            record_id = occurrence.record_id or ""
            twin = self._opened_twin(occurrence)
            if twin is None and record_id in listed:
                continue  # its first copy is of this very batch: it is copied in the next round
            parent = self._parent_of(occurrence)
            if parent.depth >= DEEPEST or parent.holds_itself():
                yield Refuse(self._arrival(parent, 0, b"", "", None), TOO_DEEP)
            elif twin is not None:
                yield from self._copied(parent, twin)
            else:
                listed.add(record_id)
                yield from self._listed(parent, occurrence)
            yield Finished(parent)

    def _listed(self, parent: Parent, occurrence: Occurrence) -> Iterator[Step]:
        """The members as a worker lists them, from where an earlier run stopped."""
        record = Record.objects.get(case_id=self.archive.case_id, id=parent.record)
        item = item_of(
            self.archive,
            record,
            ticket=0,
            name=parent.name,
            folders=parent.folders,
            process_key=self.process_key,
            spools=self.spool_folder,
        )
        top = occurrence.order_key[: RANK_BYTES + ORDINAL_BYTES]
        budget = self._budgets.get(bytes(top)) or self._resumed_budget(parent, occurrence)
        request = MembersRequest(
            item=item,
            format_name=record.format_name,
            start_after=occurrence.cursor,
            depth=parent.depth,
            bytes_left=budget.bytes_left if budget else None,
            members_left=budget.members_left if budget else 0,
        )
        last = occurrence.cursor
        try:
            for chunk in self.lister.chunks(request):
                self._budgets[bytes(top)] = Budget(chunk.bytes_left, chunk.members_left)
                yield from self._arrived(parent, chunk.members)
                if chunk.members:
                    last = chunk.members[-1].ordinal
                    yield Reached(parent, last)
        except ListingFailed as failed:
            yield Refuse(self._arrival(parent, last + 1, b"", "", None), failed.code)
        if item.spool is not None:
            Path(item.spool).unlink(missing_ok=True)

    def _resumed_budget(self, parent: Parent, occurrence: Occurrence) -> Budget | None:
        """What an earlier run left of it; None for a received file that nobody has begun to unpack."""
        if occurrence.depth == 0 and occurrence.cursor < 0:
            return None
        received = parent
        while received.around is not None:
            received = received.around
        return budget_left(self.archive.case_id, received.occurrence, occurrence)

    def _arrived(self, parent: Parent, members: tuple[ReceivedMember, ...]) -> Iterator[Step]:
        whole = [member for member in members if not member.code]
        known = dict(
            zip(
                (member.ordinal for member in whole),
                self.receiver.known([(member.sha256, member.size_bytes) for member in whole]),
                strict=True,
            )
        )
        for member in members:
            arrival = self._arrival(parent, member.ordinal, member.raw_name, member.name, member.modified)
            again = known.get(member.ordinal)
            if member.code:
                yield Refuse(arrival, member.code)
            elif again is not None:
                self._require_true(self._item(arrival, member), member)
                yield Repeat(arrival, again)
            else:
                yield Read(arrival, self._item(arrival, member))

    def _require_true(self, item: Item, member: ReceivedMember) -> None:
        """Nothing when a double has the bytes that are said; the process that lists may have been taken over.

        Raises:
            ListingFailed: it has lied, and is not heard any more.
        """
        try:
            same = digest_of(content_of(item, self.process_key)) == member.sha256
        except KedangError:
            same = False
        if member.spool is not None:
            Path(member.spool).unlink(missing_ok=True)
        if not same:
            self.lister.close()
            raise ListingFailed(DIED)

    def _item(self, arrival: Arrival, member: ReceivedMember) -> Item:
        self._tickets += 1
        return Item(
            ticket=self._tickets,
            name=member.name.rpartition("/")[2],
            folders=arrival.folders,
            size_bytes=member.size_bytes,
            data=member.data,
            spool=member.spool,
        )

    def _arrival(
        self, parent: Parent, ordinal: int, raw_name: bytes, name: str, modified: datetime | None
    ) -> Arrival:
        mark = self.archive.recogniser().member(parent.occurrence, ordinal, raw_name)
        return Arrival(
            order_key=order_key_of_member(parent.order_key, ordinal),
            place_fingerprint=mark,
            stat_fingerprint=b"",
            raw_name=raw_name,
            name=name,
            desk=parent.desk,
            folders=(*parent.folders, *name.split("/")[:-1]),
            ordinal=ordinal,
            depth=parent.depth + 1,
            parent=parent,
            modified=modified,
        )

    def _opened_twin(self, occurrence: Occurrence) -> Occurrence | None:
        """Another occurrence of the same container whose members are all here."""
        return (
            Occurrence.objects.filter(
                case_id=self.archive.case_id, record_id=occurrence.record_id, state="kept"
            )
            .order_by("order_key")
            .first()
        )

    def _copied(self, parent: Parent, twin: Occurrence) -> Iterator[Step]:
        """The members of an equal container, as they were received there; none that was destroyed comes back."""
        children = (
            Occurrence.objects.filter(case_id=self.archive.case_id, parent_id=twin.id)
            .select_related("record", "source")
            .order_by("ordinal")
        )
        for child in children.iterator(chunk_size=500):
            if child.record is not None and not child.record.key_page:
                continue
            said = occurrence_names(self.archive, child)
            arrival = self._arrival(parent, child.ordinal, said.raw_name, said.name, said.modified)
            if child.record is None:
                yield Refuse(arrival, child.code)
            else:
                row = child.record
                yield Repeat(
                    arrival,
                    KnownRecord(row.id, row.key_page, row.is_container, bytes(row.commitment)),
                )

    def _parent_of(self, occurrence: Occurrence) -> Parent:
        record = occurrence.record
        if record is None:
            raise ValueError("a container is a record")
        around = self._parent_of(occurrence.parent) if occurrence.parent else None
        said = occurrence_names(self.archive, occurrence)
        steps = tuple(said.name.split("/"))
        return Parent(
            occurrence=OccurrenceId(occurrence.id),
            record=RecordId(record.id),
            order_key=bytes(occurrence.order_key),
            depth=occurrence.depth,
            ordinal=occurrence.ordinal,
            name=steps[-1],
            folders=(*around.folders, *steps) if around else steps,
            segmented=record.segments > 0,
            desk=said.desk,
            around=around,
        )
