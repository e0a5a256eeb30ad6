"""A mark of each record, packed: 32 bytes a record, so that a case of any size is held in little memory.

An id is 32 hexadecimal digits. Marks are found by bisection once they are in order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

ID_BYTES = 16
HALF = 8
"""Bytes of a mark that say where the mentions lie; the others say whose they are."""
MARK_BYTES = 2 * HALF
_ENTRY = ID_BYTES + MARK_BYTES
_FIRST_BYTES = 256
SAME, NEW, TIED = range(3)
"""How a record stands to what it was: NEW when its mentions lie elsewhere, TIED when its links have changed."""


@dataclass(frozen=True, slots=True)
class RecordMarks:
    """Marks in the order of the records' ids."""

    ids: bytes = field(default=b"", repr=False)
    marks: bytearray = field(default_factory=bytearray, repr=False)

    def __len__(self) -> int:
        return len(self.ids) // ID_BYTES

    def __iter__(self) -> Iterator[str]:
        """The ids of all records."""
        for start in range(0, len(self.ids), ID_BYTES):
            yield self.ids[start : start + ID_BYTES].hex()

    def id_at(self, place: int) -> str:
        """The id of one record."""
        return self.ids[place * ID_BYTES : (place + 1) * ID_BYTES].hex()

    def place_of(self, record: str) -> int | None:
        """Where the record stands; None when it has no mark."""
        wanted, ids = bytes.fromhex(record), self.ids
        place = bisect_left(
            range(len(self)), wanted, key=lambda one: ids[one * ID_BYTES : (one + 1) * ID_BYTES]
        )
        return place if ids[place * ID_BYTES : (place + 1) * ID_BYTES] == wanted else None

    def at(self, place: int) -> tuple[bytes, bytes]:
        """Both halves of a mark."""
        start = place * MARK_BYTES
        return bytes(self.marks[start : start + HALF]), bytes(self.marks[start + HALF : start + MARK_BYTES])

    def marks_between(self, start: int, end: int) -> bytes:
        """The marks of the records from one place to before another."""
        return bytes(self.marks[start * MARK_BYTES : end * MARK_BYTES])

    def tie(self, place: int, number: int) -> None:
        """Add one link to the half that says whose the mentions are; the order of links does not matter."""
        start = place * MARK_BYTES + HALF
        now = int.from_bytes(self.marks[start : start + HALF], "big")
        self.marks[start : start + HALF] = (now ^ number).to_bytes(HALF, "big")


class Marking:
    """Takes marks in any order."""

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(_FIRST_BYTES)]

    def add(self, record: str, number: int) -> None:
        """One record, and the half of its mark that says where its mentions lie."""
        one = bytes.fromhex(record)
        self._parts[one[0]] += one + number.to_bytes(HALF, "big") + bytes(HALF)

    def in_order(self) -> RecordMarks:
        """All of them. Nothing can be added any more."""
        ids, marks = bytearray(), bytearray()
        while self._parts:
            part = self._parts.pop(0)
            for entry in sorted(part[start : start + _ENTRY] for start in range(0, len(part), _ENTRY)):
                ids += entry[:ID_BYTES]
                marks += entry[ID_BYTES:]
        return RecordMarks(bytes(ids), marks)


def compared(then: RecordMarks, now: RecordMarks) -> tuple[bytearray, list[str]]:
    """How each record stands to what it was, and which are there no more; both are in order."""
    states, gone = bytearray(), []
    known, known_count = 0, len(then)
    for place, one in enumerate(now):
        while known < known_count and (other := then.id_at(known)) < one:
            gone.append(other)
            known += 1
        if known == known_count or then.id_at(known) != one:
            states.append(NEW)
            continue
        (lay, whose), (lies, is_whose) = then.at(known), now.at(place)
        states.append(NEW if lay != lies else TIED if whose != is_whose else SAME)
        known += 1
    gone += (then.id_at(place) for place in range(known, known_count))
    return states, gone


def packed(record: str, customer: str) -> bytes:
    """Two ids as one short value."""
    return bytes.fromhex(record) + bytes.fromhex(customer)


def unpacked(octets: bytes) -> tuple[str, str]:
    """The same read back."""
    return octets[:ID_BYTES].hex(), octets[ID_BYTES:].hex()
