"""What one comparison leaves for the next: its models, and by what each mention can be met, in fingerprints.

With it only new mentions are read, and those in whose surroundings they are. It names nobody; but fingerprints of
names are personal data all the same: whoever keeps it seals it, and forgets it whole when somebody is destroyed.

It lies in a head and segments. A segment holds some thousand mentions that follow one another in the order of their
records and places; the head says with which mention each begins. One segment is open at a time, and those of which
no mention is compared again stay as they are, to the byte. Format: docs/formats/home.md.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack, unpack

import msgspec

from kedang.pipeline.resolving_messages import At

VERSION = 3
NOBODY = -1
SEGMENT_MENTIONS = 16_384  # about half a mebibyte; one that has grown to twice as many is parted
_LAST_PLACE = 99_999_999  # of a mention in its record, as `mention_id` writes it
_KEY = 0xFFFFFFFF


class SeenMention(msgspec.Struct, array_like=True, gc=False):
    """One mention that was compared."""

    at: int
    home: int
    """Number of its surroundings."""
    customer: int
    """Place of the customer that it is tied to, among those of the segment; `NOBODY` for none."""
    keys: bytes
    """By what others meet it (`resolution.keeping.meeting`), the lower 4 bytes of each, little end first.

    That two meet by chance costs a comparison and changes nothing."""


class Segment(msgspec.Struct, array_like=True):
    """Mentions that follow one another."""

    customers: list[str]
    records: dict[str, list[SeenMention]]


class Head(msgspec.Struct, array_like=True):
    """What is kept beside the segments."""

    version: int
    models: bytes
    secret: bytes
    """Key of the fingerprints."""
    learnt_on: int
    """How many mentions there were when the models were learnt."""
    homes: int
    """How many numbers of surroundings were given."""
    mentions: int
    """How many mentions the segments hold."""
    firsts: list[str]
    """With which mention each segment begins; there is one at least."""


@dataclass(frozen=True, slots=True)
class Line:
    """A mention with everything that is kept of it."""

    at: At
    home: int
    customer: str
    """Empty for nobody's."""
    keys: bytes = field(repr=False)


_ENCODER = msgspec.msgpack.Encoder()
_HEADS = msgspec.msgpack.Decoder(Head)
_SEGMENTS = msgspec.msgpack.Decoder(Segment)
_EMPTY = _ENCODER.encode(Segment([], {}))


def mention_id(at: At) -> str:
    """A mention as one value; in the order of these values mentions follow one another."""
    return f"{at[0]}/{at[1]:08d}"


def mention_at(one: str) -> At:
    """The same read back."""
    record, _, place = one.partition("/")
    return record, int(place)


def encode_head(head: Head) -> bytes:
    """As it is kept."""
    return _ENCODER.encode(head)


def decode_head(octets: bytes) -> Head | None:
    """The head that was kept; None for nothing, or for what another release has kept."""
    if not octets:
        return None
    try:
        head = _HEADS.decode(octets)
    except msgspec.MsgspecError:
        return None
    return head if head.version == VERSION else None


def segment_of(firsts: Sequence[str], record: str) -> int:
    """In which segment the first mention of a record stands, or would; the first one for what comes before all."""
    return max(0, bisect_right(firsts, mention_id((record, 0))) - 1)


def packed_keys(keys: Iterable[int]) -> bytes:
    """Fingerprints as a mention keeps them."""
    some = [key & _KEY for key in keys]
    return pack(f"<{len(some)}I", *some)


class Before:
    """The head with its segments, of which one is open."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.payloads: list[bytes] = []
        self._opened: tuple[int, Segment] = (-1, Segment([], {}))

    @property
    def is_whole(self) -> bool:
        """Whether every segment is there."""
        return len(self.payloads) == len(self.head.firsts)

    def segment(self, place: int) -> Segment:
        """One segment opened."""
        if self._opened[0] != place:
            self._opened = place, _SEGMENTS.decode(self.payloads[place])
        return self._opened[1]

    def segments(self) -> Iterator[Segment]:
        """All of them, one open at a time."""
        return map(self.segment, range(len(self.payloads)))

    def places(self, record: str) -> range:
        """The segments in which mentions of a record may stand."""
        if not self.payloads:
            return range(0)
        last = bisect_right(self.head.firsts, mention_id((record, _LAST_PLACE)))
        return range(segment_of(self.head.firsts, record), max(1, last))

    def seen(self, record: str) -> Mapping[int, str]:
        """The known mentions of a record, with whose they were; empty for nobody's."""
        found: dict[int, str] = {}
        for segment in map(self.segment, self.places(record)):
            for one in segment.records.get(record, ()):
                found[one.at] = segment.customers[one.customer] if one.customer != NOBODY else ""
        return found


@dataclass(frozen=True, slots=True)
class Changed:
    """What is not as it was."""

    keys: frozenset[int]
    """By which new mentions can be met."""
    mentions: Collection[At] = ()
    """Known mentions that were tied or judged since, or are gone."""
    customers: Collection[str] = ()
    """Whose ties have changed, or of whom somebody has spoken."""
    records: Collection[str] = field(default_factory=frozenset)
    """Records that are read anew or gone: whom they named is known no more."""


def touched(before: Before, changed: Changed) -> dict[str, set[int]]:
    """The known mentions that must be compared again: all surroundings of what has changed and of whom it meets.

    Mentions of a customer with other ties than before meet others as if they were new: with them changes whom the
    customer stands for.
    """
    wanted, known = set(changed.customers), set(changed.mentions)
    homes: set[int] = set()
    keys = {key & _KEY for key in changed.keys}
    for segment in before.segments():
        stirred = {place for place, one in enumerate(segment.customers) if one in wanted}
        for record, seen in segment.records.items():
            for one in seen:
                if one.customer in stirred or record in changed.records or (record, one.at) in known:
                    homes.add(one.home)
                    keys.update(_keys(one))
    if keys:
        for segment in before.segments():
            for seen in segment.records.values():
                homes.update(
                    one.home for one in seen if one.home not in homes and not keys.isdisjoint(_keys(one))
                )
    found: dict[str, set[int]] = {}
    for segment in before.segments() if homes else ():
        for record, seen in segment.records.items():
            if record not in changed.records and (some := {one.at for one in seen if one.home in homes}):
                found.setdefault(record, set()).update(some)
    return found


def _keys(one: SeenMention) -> tuple[int, ...]:
    return unpack(f"<{len(one.keys) // 4}I", one.keys)


Kept = tuple[int, bytes]
"""A segment as it is kept from now on: the place of the one that it was, with nothing more; or -1 and the new one."""


def updated(
    before: Before,
    lines: Iterable[Line],
    again: Mapping[str, Collection[int]],
    gone: Collection[str],
    most: int = SEGMENT_MENTIONS,
) -> Iterator[Kept]:
    """The segments with what a comparison has seen, lines in order; what is compared `again` and what is `gone` is forgotten.

    The head says, when all have been given, with which mentions they begin and how many there are.
    """
    firsts, head = before.head.firsts, before.head
    began: list[str] = []
    stirred = {place for record in (*again, *gone) for place in before.places(record)}
    coming = _Coming(lines)
    for place, first in enumerate(firsts):
        new = coming.below(firsts[place + 1] if place + 1 < len(firsts) else None)
        if not new and place not in stirred:
            began.append(first)
            yield place, b""
            continue
        old = list(_lines(before.segment(place)))
        left = [one for one in old if one.at[0] not in gone and one.at[1] not in again.get(one.at[0], ())]
        both = sorted((*left, *new), key=lambda one: one.at)
        head.mentions += len(both) - len(old)
        for start, payload in _parted(both, most if len(both) > 2 * most else max(1, len(both))):
            began.append(start)
            yield -1, payload
    if not began:
        began.append("")
        yield -1, _EMPTY
    head.firsts = began


def written(head: Head, lines: Iterable[Line], most: int = SEGMENT_MENTIONS) -> Iterator[Kept]:
    """Segments of what a comparison of everybody has seen, lines in order; told to the head as they are given."""
    head.firsts, head.mentions = [], 0

    def counted() -> Iterator[Line]:
        for line in lines:
            head.mentions += 1
            yield line

    for start, payload in _parted(counted(), most):
        head.firsts.append(start)
        yield -1, payload
    if not head.firsts:
        head.firsts.append("")
        yield -1, _EMPTY


class _Coming:
    """Lines in order, taken up to a mention."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self._next = next(self._lines, None)

    def below(self, end: str | None) -> list[Line]:
        """The lines before a mention; all that are left, without one."""
        found = []
        while self._next is not None and (end is None or mention_id(self._next.at) < end):
            found.append(self._next)
            self._next = next(self._lines, None)
        return found


def _lines(segment: Segment) -> Iterator[Line]:
    for record, seen in segment.records.items():
        for one in seen:
            customer = segment.customers[one.customer] if one.customer != NOBODY else ""
            yield Line((record, one.at), one.home, customer, one.keys)


def _parted(lines: Iterable[Line], most: int) -> Iterator[tuple[str, bytes]]:
    """Segments of at most so many mentions, each with the mention that it begins with."""
    places: dict[str, int] = {}
    records: dict[str, list[SeenMention]] = {}
    first, count = "", 0
    for line in lines:
        if count == most:
            yield first, _ENCODER.encode(Segment(list(places), records))
            places, records, count = {}, {}, 0
        first = first if count else mention_id(line.at)
        customer = places.setdefault(line.customer, len(places)) if line.customer else NOBODY
        records.setdefault(line.at[0], []).append(SeenMention(line.at[1], line.home, customer, line.keys))
        count += 1
    if count:
        yield first, _ENCODER.encode(Segment(list(places), records))
