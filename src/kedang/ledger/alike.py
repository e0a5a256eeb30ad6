"""Leaves of one act that state and name the same kinds of things, written together at a fraction of the cost.

What is written here is what `leaves.written` writes. What is not sure to be a leaf is left to it, and with it to
say what is wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from kedang.ledger.leaves import LEAF_BYTES_MAX, Event, written
from kedang.ledger.schema import Act, Writer, acts, is_id

_FEW = 4  # events that are written one by one
_SELDOM = 4  # times that a value is stated on average, from which on each is written once only
_Column = str | Iterable[str]
"""What stands in all of the leaves, or in each of them."""


def written_all(events: Sequence[Event], *, first: int, time: str) -> list[bytes]:
    """The bytes of the leaves for the events, numbered from `first`.

    Raises:
        ActUnknown, FactsMalformed, ObjectsMalformed, LeafTooLarge: as `written` does for one of them.
    """
    alike = defaultdict(list)
    for place, event in enumerate(events):
        alike[event.act, event.actor, len(event.objects), *event.facts].append(place)
    leaves = [b""] * len(events)
    for places in alike.values():
        some = [events[place] for place in places]
        numbers = [first + place for place in places]
        found = _written_alike(some, numbers, time)
        if found is None:
            found = [written(event, n=n, time=time) for event, n in zip(some, numbers, strict=True)]
        for place, leaf in zip(places, found, strict=True):
            leaves[place] = leaf
    return leaves


def _written_alike(events: Sequence[Event], numbers: Iterable[int], time: str) -> list[bytes] | None:
    """None when there is something to be judged for each event on its own."""
    act, actor = acts().get(events[0].act), events[0].actor
    if len(events) < _FEW or act is None or not is_id(actor):
        return None
    facts = _facts(act, [event.facts for event in events])
    objects = _objects(act, [event.objects for event in events])
    if facts is None or objects is None:
        return None
    form, gaps = f'{{"act":"{act.name}","actor":"{actor}","facts":{{', list[Iterable[str]]()
    for piece in (*facts, '},"n":', map(str, numbers), ',"objects":[', *objects, f'],"time":"{time}"}}'):
        if not isinstance(piece, str):
            gaps.append(piece)
        form += piece if isinstance(piece, str) else "%s"
    leaves = [text.encode() for text in map(form.__mod__, zip(*gaps, strict=True))]
    return leaves if max(map(len, leaves)) <= LEAF_BYTES_MAX else None


def _facts(act: Act, stated: Sequence[Mapping[str, object]]) -> list[_Column] | None:
    """The facts, which have the same names in all events; None when they are not those of the act."""
    names = stated[0]
    found: list[_Column] = []
    for name, required, write in act.facts:
        if name in names:
            column = _values(write, [facts[name] for facts in stated])
            if column is None:
                return None
            found += (f',"{name}":' if found else f'"{name}":', column)
        elif required:
            return None
    return found if len(found) == 2 * len(names) else None


def _values(write: Writer, values: Sequence[object]) -> _Column | None:
    """The values of one fact; None when one is not of its type. Events often share the very objects that they state."""
    distinct = {id(value): value for value in values}
    if len(distinct) == 1:
        return write(values[0])
    if len(distinct) * _SELDOM > len(values):
        return _known(list(map(write, values)))
    texts = _known([write(value) for value in distinct.values()])
    return texts and map(dict(zip(distinct, texts, strict=True)).__getitem__, map(id, values))


def _known(texts: Sequence[str | None]) -> list[str] | None:
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) else None


def _objects(act: Act, objects: Sequence[Sequence[str]]) -> list[_Column] | None:
    """The objects, as many in all events; None when they are not in all of the kinds that they are of in the first."""
    act.written_objects(objects[0])
    found: list[_Column] = []
    for first, column in zip(objects[0], zip(*objects, strict=True), strict=True):
        if set(map(type, column)) != {str}:
            return None
        whole = "\n".join((*column, ""))
        if not _of_kind(first.partition(":")[0]).fullmatch(whole) or whole.count("\n") != len(column):
            return None
        found += ('","' if found else '"', column)
    return [*found, '"'] if found else []


@cache
def _of_kind(kind: str) -> re.Pattern[str]:
    return re.compile(f"(?:{kind}:[0-9a-f]{{32}}\n)*+")
