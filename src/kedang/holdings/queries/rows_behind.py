"""Whose the rows are that extraction has not read of a table, by what they carry with them.

Such a row belongs to whoever stands foremost in it, when he certainly is a customer; a person who has parted
that customer from the record is heard. Everything else that names somebody belongs to nobody and is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.intake.holders import Holders
from kedang.holdings.models import Record
from kedang.holdings.queries.forwarding import Forwarding
from kedang.holdings.queries.parting import parted
from kedang.holdings.queries.row_owners import RANK
from kedang.resolution.links import Linked, LinkKey, decide, fingerprinted
from kedang.resolution.named_rows import NamedInRow, NamedRow

Place = tuple[int, int]
"""Table and number of a row, as the program shows it."""
Named = tuple[NamedInRow, tuple[LinkKey, ...]]
"""One who is named, and his keys as fingerprints."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a row is, and why; nobody's when it names somebody who is not certain."""

    customer: str = ""
    ground: str = ""


class OwnersBehind:
    """Decides some rows at a time; it keeps nothing that grows with them."""

    def __init__(self, archive: Archive, record: Record) -> None:
        self._archive = archive
        self._recogniser = archive.recogniser()
        self._merged = Forwarding.of(archive.case_id)
        self._parted = {self._merged.head(one) for other, one in parted(archive) if other == record.id}

    def of(self, rows: Sequence[NamedRow]) -> Mapping[Place, Owner]:
        """The owner of each row that names somebody who may own it."""
        foremost = {
            (row.table, row.number): self.with_keys(min(some, key=lambda one: RANK[one.role]))
            for row in rows
            if (some := [one for one in row.named if one.role in RANK])
        }
        holders = Holders(self._archive, self._merged)
        holders.look_up(key for _, keys in foremost.values() for key in keys)
        return {place: self._decided(*one, holders) for place, one in foremost.items()}

    def with_keys(self, one: NamedInRow) -> Named:
        """One who is named, with what he can be tied by as the database has it."""
        keys = fingerprinted(one.link_keys(), lambda said: self._fingerprint(*said.split(":", 1)))
        return one, keys

    def all_with_keys(self, rows: Iterable[NamedRow]) -> list[Named]:
        """Everybody whom rows name, the same."""
        return [self.with_keys(one) for row in rows for one in row.named]

    def _fingerprint(self, kind: str, value: str) -> str:
        return self._recogniser.mention(kind, value).hex()

    def _decided(self, one: NamedInRow, keys: tuple[LinkKey, ...], holders: Holders) -> Owner:
        decision = decide(keys, holders.candidates(keys), by_name=one.by_name)
        if not isinstance(decision, Linked) or decision.customer in self._parted:
            return Owner()
        return Owner(decision.customer, decision.grounds[0].value if decision.grounds else "")
