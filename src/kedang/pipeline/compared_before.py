"""What one comparison leaves for the next: its models, and by what each mention can be met, in fingerprints.

With it only new mentions are read, and those in whose surroundings they are. It names nobody; but fingerprints of
names are personal data all the same: whoever keeps it seals it, and forgets it whole when somebody is destroyed.
Format: docs/formats/home.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from struct import pack, unpack

import msgspec

from kedang.pipeline.resolving_messages import At

VERSION = 2
NOBODY = -1
MOST_BYTES = 24 * 1024 * 1024
"""Some 700,000 mentions. More is not kept: the coordinator holds it as one value, a few times while it is sealed.
The next comparison looks at everything."""
_KEY = 0xFFFFFFFF


class SeenMention(msgspec.Struct, array_like=True, gc=False):
    """One mention that was compared."""

    at: int
    home: int
    """Number of its surroundings."""
    customer: int
    """Place of the customer that it is tied to, `NOBODY` for none."""
    keys: bytes
    """By what others meet it (`resolution.keeping.meeting`), the lower 4 bytes of each, little end first.

    That two meet by chance costs a comparison and changes nothing."""


class Before(msgspec.Struct, array_like=True):
    """All that is kept."""

    version: int
    models: bytes
    secret: bytes
    """Key of the fingerprints."""
    learnt_on: int
    """How many mentions there were when the models were learnt."""
    homes: int
    """How many numbers of surroundings were given."""
    customers: list[str]
    records: dict[str, list[SeenMention]]

    def mentions(self) -> int:
        """How many mentions it knows."""
        return sum(map(len, self.records.values()))

    def ties(self, record: str) -> dict[int, str]:
        """Whose the mentions of a record were."""
        return {
            one.at: self.customers[one.customer]
            for one in self.records.get(record, ())
            if one.customer != NOBODY
        }


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Before)


def encode_before(before: Before) -> bytes:
    """As it is kept; empty when it is too much."""
    octets = _ENCODER.encode(before)
    return octets if len(octets) <= MOST_BYTES else b""


def decode_before(octets: bytes) -> Before | None:
    """What was kept; None for nothing, or for what another release has kept."""
    if not octets:
        return None
    try:
        before = _DECODER.decode(octets)
    except msgspec.MsgspecError:
        return None
    return before if before.version == VERSION else None


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
    wanted = set(changed.customers)
    stirred = {place for place, one in enumerate(before.customers) if one in wanted}
    known = set(changed.mentions)
    homes: set[int] = set()
    keys = {key & _KEY for key in changed.keys}
    for record, seen in before.records.items():
        for one in seen:
            if one.customer in stirred or record in changed.records or (record, one.at) in known:
                homes.add(one.home)
                keys.update(_keys(one))
    for seen in before.records.values():
        homes.update(one.home for one in seen if one.home not in homes and not keys.isdisjoint(_keys(one)))
    found: dict[str, set[int]] = {}
    for record, seen in before.records.items():
        if record not in changed.records and (some := {one.at for one in seen if one.home in homes}):
            found[record] = some
    return found


def _keys(one: SeenMention) -> tuple[int, ...]:
    return unpack(f"<{len(one.keys) // 4}I", one.keys)


@dataclass(frozen=True, slots=True)
class Seen:
    """A mention as this comparison has seen it."""

    at: At
    home: int
    """Of this comparison."""
    customer: str
    keys: list[int] = field(repr=False)


def forget_seen(before: Before, again: Mapping[str, Collection[int]], records: Collection[str] = ()) -> None:
    """Forget the mentions that are compared again, and all of these records."""
    for record in records:
        before.records.pop(record, None)
    for record, ats in again.items():
        left = [one for one in before.records.get(record, ()) if one.at not in ats]
        if left:
            before.records[record] = left
        else:
            before.records.pop(record, None)


def add_seen(before: Before, seen: Iterable[Seen]) -> None:
    """Take in what a comparison has seen."""
    places = {one: place for place, one in enumerate(before.customers)}
    last = before.homes
    for one in seen:
        place = places.setdefault(one.customer, len(places)) if one.customer else NOBODY
        keys = pack(f"<{len(one.keys)}I", *(key & _KEY for key in one.keys))
        mention = SeenMention(one.at[1], before.homes + one.home, place, keys)
        before.records.setdefault(one.at[0], []).append(mention)
        last = max(last, before.homes + one.home + 1)
    before.homes, before.customers = last, list(places)
