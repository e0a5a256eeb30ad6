"""The first pass of an accession: everything that lies in the source, in the order of its raw paths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from kedang.accession.survey import Found, Surveyed
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import any_of_octets
from kedang.holdings.adapters.names import SourceNames, source_names
from kedang.holdings.intake.arrivals import Arrival, Before, desk_of, order_key_of_file
from kedang.holdings.intake.origins import Origin
from kedang.holdings.intake.places import Recogniser
from kedang.holdings.intake.steps import Read, Refuse, Step
from kedang.holdings.models import Accession, Occurrence

LOOKUP = 400  # places looked up in one query


@dataclass(slots=True)
class Collecting:
    """One pass over one source."""

    archive: Archive
    accession: Accession
    origin: Origin
    unchanged: int = 0
    """Things that were here already and have not changed."""
    surveyed_bytes: int = 0
    _recogniser: Recogniser = field(init=False)
    _source: SourceNames = field(init=False)
    _tickets: int = field(default=0)

    def __post_init__(self) -> None:
        self._recogniser = self.archive.recogniser()
        self._source = source_names(self.archive, self.accession.source)

    def count(self) -> int:
        """How many things a survey finds now."""
        return sum(1 for _ in self.origin.survey())

    def steps(self) -> Iterator[Step]:
        """What is new or changed, in order."""
        ranked = enumerate(self.origin.survey())
        while batch := list(islice(ranked, LOOKUP)):
            yield from self._new_of(batch)

    def _new_of(self, batch: list[tuple[int, Surveyed]]) -> Iterator[Step]:
        mark, source = partial(self.origin.mark, self._recogniser), self.accession.source_id
        marks = [mark(source, found.raw_path) for _, found in batch]
        known = {
            bytes(row.place_fingerprint): row
            for row in Occurrence.objects.filter(
                case_id=self.archive.case_id,
                place_fingerprint__in=any_of_octets(marks),
                current=True,
            ).only("id", "place_fingerprint", "stat_fingerprint", "version", "state", "code", "record")
        }
        for (rank, found), its_mark in zip(batch, marks, strict=True):
            self.surveyed_bytes += found.signature.size_bytes if found.signature else 0
            step = self._step(rank, found, its_mark, known.get(its_mark))
            if step is None:
                self.unchanged += 1
            else:
                yield step

    def _step(self, rank: int, found: Surveyed, mark: bytes, before: Occurrence | None) -> Step | None:
        stat = self._recogniser.stat(found.signature)
        if before is not None:
            same_file = before.state != "refused" and bytes(before.stat_fingerprint) == stat
            same_refusal = before.state == "refused" and before.code == (found.code or "")
            if same_file or same_refusal:
                return None
        arrival = Arrival(
            order_key=order_key_of_file(self.accession.ordinal, rank),
            place_fingerprint=mark,
            stat_fingerprint=stat,
            raw_name=found.raw_path,
            name=found.path,
            desk=desk_of(found.path, registered=self._source.desk, source=self._source.name),
            folders=tuple(found.path.split("/")[:-1]),
            ordinal=rank,
            depth=0,
            version=before.version + 1 if before else 1,
            modified=_modified(found),
        )
        supersedes = before.id if before else ""
        if found.found is Found.REFUSED or found.signature is None:
            return Refuse(arrival, found.code or "", supersedes)
        self._tickets += 1
        item = self.origin.item(found, found.signature, ticket=self._tickets, folders=arrival.folders)
        return Read(arrival, item, _before(before))


def _before(row: Occurrence | None) -> Before | None:
    return None if row is None else Before(row.id, row.record_id or "", row.code)


def _modified(found: Surveyed) -> datetime | None:
    if found.signature is None:
        return None
    try:
        return datetime.fromtimestamp(found.signature.modified_ns / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return None  # a clock far out of range says nothing
