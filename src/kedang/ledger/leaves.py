"""Leaves: one event each, written as the canonical JSON of RFC 8785.

    {"act":…,"actor":…,"facts":{…},"n":…,"objects":[…],"time":…}

Names stand in this order because RFC 8785 sorts them. Values come from the schema's alphabets, which
need no escapes, so that `written` equals what any RFC 8785 writer gives (a property test shows it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kedang.ledger.errors import LeafMalformed, LeafTooLarge, ObjectsMalformed, TimeWithoutZone
from kedang.ledger.schema import FactValue, act_named, is_id
from kedang.ledger.tree import leaf_hash
from kedang.records.errors import KedangError
from kedang.records.ids import AgentId

LEAF_BYTES_MAX = 65_535  # C2SP tlog-tiles: an entry's length is a 16-bit number in its bundle


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done, before it has a number and a time.

    Objects are "kind:id" in the order that the act names them.
    """

    actor: AgentId
    act: str
    objects: Sequence[str]
    facts: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One event as it stands in the ledger, with the very bytes that are hashed."""

    n: int
    time: datetime
    event: Event
    data: bytes

    @property
    def hash(self) -> bytes:
        """The leaf's hash in the tree."""
        return leaf_hash(self.data)


def written(event: Event, *, n: int, time: str) -> bytes:
    """The bytes of the leaf for an event.

    Raises:
        ActUnknown, FactsMalformed, ObjectsMalformed: the event does not follow the schema.
        LeafTooLarge: more than LEAF_BYTES_MAX bytes; split the event.
    """
    act = act_named(event.act)
    if not is_id(event.actor):
        raise ObjectsMalformed(act=act.name, object_kind="actor")
    text = (
        f'{{"act":"{act.name}","actor":"{event.actor}","facts":{act.written_facts(event.facts)},'
        f'"n":{n},"objects":{act.written_objects(event.objects)},"time":"{time}"}}'
    )
    data = text.encode()
    if len(data) > LEAF_BYTES_MAX:
        raise LeafTooLarge(act=act.name, size_bytes=len(data))
    return data


def read_leaf(data: bytes) -> Leaf:
    """The event of a leaf's bytes, sure to be written as `written` writes it.

    Raises:
        LeafMalformed: not canonical, not of the schema, or not JSON at all.
    """
    try:
        entry = json.loads(data)
        event = Event(
            actor=AgentId(entry["actor"]),
            act=entry["act"],
            objects=tuple(entry["objects"]),
            facts=entry["facts"],
        )
        n, time = entry["n"], datetime.fromisoformat(entry["time"])
        if type(n) is not int or written(event, n=n, time=said_time(time)) != data:
            raise LeafMalformed(size_bytes=len(data))
    except LeafMalformed:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, KedangError) as error:
        raise LeafMalformed(size_bytes=len(data)) from error
    return Leaf(n=n, time=time, event=event, data=data)


def said_time(time: datetime) -> str:
    """The time as leaves write it: UTC with six digits of a second, 2026-11-21T08:15:30.000000Z.

    Raises:
        TimeWithoutZone: the time does not say which zone it is of.
    """
    if time.tzinfo is None:
        raise TimeWithoutZone()
    plain = time.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"
