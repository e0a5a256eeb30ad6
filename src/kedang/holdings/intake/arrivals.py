"""Things on their way in, before they are rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kedang.records.ids import OccurrenceId, RecordId

RANK_BYTES = 5  # things of one survey
ORDINAL_BYTES = 4


@dataclass(frozen=True, slots=True)
class Parent:
    """The container occurrence that members arrive from, and the containers around it."""

    occurrence: OccurrenceId
    record: RecordId
    order_key: bytes
    depth: int
    ordinal: int
    name: str
    folders: tuple[str, ...]
    """Readable folders and container names down to this container, its own name included."""
    segmented: bool
    """Whether its content is sealed range by range."""
    desk: str
    """Whose desk it was found at; its members were found there too."""
    around: Parent | None = None

    def holds_itself(self) -> bool:
        """Whether a container around this one has the same bytes: it would go on for ever."""
        container = self.around
        while container is not None:
            if container.record == self.record:
                return True
            container = container.around
        return False

    def paths_of(self, ordinal: int) -> Iterator[tuple[RecordId, str]]:
        """(container record, member path) of member `ordinal` in every range-sealed container around it."""
        container: Parent | None = self
        path = str(ordinal)
        while container is not None:
            if container.segmented:
                yield container.record, path
            path = f"{container.ordinal}/{path}"
            container = container.around


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing found at one place, with what its occurrence row will say."""

    order_key: bytes
    place_fingerprint: bytes
    stat_fingerprint: bytes
    raw_name: bytes
    """Raw path below the source's root, or the raw name inside the container."""
    name: str
    """The same, readable."""
    desk: str
    """Whose desk it was found at 部门: see `desk_of`."""
    folders: tuple[str, ...]
    ordinal: int
    depth: int
    version: int = 1
    parent: Parent | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What stands in the archive for the same place since an earlier accession."""

    occurrence: str
    record: str
    """Empty when it was refused."""
    code: str


def desk_of(path: str, *, registered: str, source: str) -> str:
    """Whose desk a thing at a readable path lies at: that of the register, else the first folder, else the source."""
    folder, slash, _ = path.partition("/")
    return registered or (folder if slash else source)


def order_key_of_file(accession_ordinal: int, rank: int) -> bytes:
    """The sort key of a surveyed thing: accessions in turn, then the order of the survey."""
    return accession_ordinal.to_bytes(ORDINAL_BYTES, "big") + rank.to_bytes(RANK_BYTES, "big")


def order_key_of_member(parent_key: bytes, ordinal: int) -> bytes:
    """The sort key of a member: right behind its container, in the container's order."""
    return parent_key + ordinal.to_bytes(ORDINAL_BYTES, "big")
