"""What verification finds: each fault with its code, what it concerns and what could mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

BALANCE = "KD-H201"
ORPHAN_RECORD = "KD-H202"
ROW_ALTERED = "KD-H203"
KEY_MISSING = "KD-H204"
BLOB_MISSING = "KD-H205"
CONTENT_DIFFERS = "KD-H206"
LEDGER_BROKEN = "KD-H207"
INDEX_INCOMPLETE = "KD-H208"
NUMBER_FAULT = "KD-H209"
OCCURRENCE_LOOSE = "KD-H210"
NAME_ALTERED = "KD-H211"
ROWS_DISAGREE = "KD-H212"
NOT_EMPTIED = "KD-H213"
UNREADABLE_ROWS = "KD-H214"
DATABASE_DAMAGED = "KD-H215"
COUNT_DIFFERS = "KD-H216"
HEAD_ALTERED = "KD-H217"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: a code and the opaque id of what it concerns."""

    code: str
    subject: str
    name: str = ""
    """The damaged thing: an object's name, or `<table>/<id>` for a row; empty when it is none of these."""
    records: tuple[str, ...] = ()
    """Ids of the records that cannot be read, or not be trusted, until it is mended."""
    copies: tuple[str, ...] = ()
    """Ids of the copies that hold it at its right length."""

    def to_json(self) -> dict[str, Any]:
        """The fault for a program."""
        return {
            "code": self.code,
            "subject": self.subject,
            "object": self.name,
            "records": list(self.records),
            "copies": list(self.copies),
        }


@dataclass(slots=True)
class Verification:
    """What was checked and what was found wrong."""

    records: int = 0
    packs: int = 0
    pages: int = 0
    leaves: int = 0
    unreferenced: int = 0
    """Packs and pages that a crash left; no fault."""
    content_bytes: int = 0
    """Of the records, as padded."""
    opened: dict[str, set[int]] = field(default_factory=dict)
    """By pack: the offsets of the blobs of which every byte has been opened."""
    faults: list[Fault] = field(default_factory=list)

    def add(self, code: str, subject: str, *, name: str = "", records: Iterable[str] = ()) -> None:
        """Note a fault, once."""
        fault = Fault(code, subject, name, tuple(records))
        if fault not in self.faults[-8:]:
            self.faults.append(fault)

    def note_opened(self, pack: str, offset: int) -> None:
        """Every byte of the blob that lies there has been opened."""
        self.opened.setdefault(pack, set()).add(offset)

    def take(self, other: Verification) -> None:
        """Add what another check has found."""
        self.records += other.records
        self.packs += other.packs
        self.pages += other.pages
        self.leaves += other.leaves
        self.unreferenced += other.unreferenced
        self.content_bytes += other.content_bytes
        self.faults += other.faults
        for pack, offsets in other.opened.items():
            self.opened.setdefault(pack, set()).update(offsets)

    def to_json(self) -> dict[str, Any]:
        """The outcome for a program."""
        return {
            "clean": not self.faults,
            "records": self.records,
            "packs": self.packs,
            "pages": self.pages,
            "leaves": self.leaves,
            "unreferenced": self.unreferenced,
            "faults": [fault.to_json() for fault in self.faults],
        }
