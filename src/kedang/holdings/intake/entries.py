"""What has been received and waits for its commit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kedang.holdings.intake.arrivals import Arrival, Before
from kedang.holdings.intake.rows import KnownRecord
from kedang.holdings.models import Record
from kedang.pipeline.items import Item
from kedang.pipeline.messages import Examined


@dataclass(slots=True)
class Entry:
    """One arrival and what has become of it so far."""

    arrival: Arrival
    occurrence_id: str
    item: Item | None = None
    examined: Examined | None = None
    before: Before | None = None
    code: str = ""
    known: KnownRecord | None = None
    ticket: int = 0
    """Of the new record that this arrival made."""
    proof: int = 0
    """Ticket under which the sealing process reads what is said to be a double."""


@dataclass(slots=True)
class Reread:
    """A record examined again, and the ticket of its new derived parts."""

    record: Record
    key: bytes = field(repr=False)
    examined: Examined
    ticket: int = 0


def told(item: Item, examined: Examined) -> Item:
    """Where the sealing process finds the bytes, and how many there were when they were examined."""
    return item if item.size_bytes == examined.size_bytes else replace(item, size_bytes=examined.size_bytes)
