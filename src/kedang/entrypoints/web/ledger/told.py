"""Events as people read them: names, reference codes, facts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kedang.entrypoints.ledger_page.words import Said
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.queries.ledger_paging import agent_names
from kedang.records.days import said_day

OBJECTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One line of the ledger."""

    n: int
    time: str
    """Day and time of day to the second, in the case's time zone."""
    who: str
    act: str
    objects: Sequence[str]
    more: int
    facts: Sequence[tuple[str, str]]


def told_events(desk: Desk, events: Sequence[Mapping[str, Any]]) -> list[ToldEvent]:
    """The events in the words of the page's language."""
    said, names = Said(desk.language), agent_names(desk.archive)
    return [_told(one, said, names) for one in events]


def _told(event: Mapping[str, Any], said: Said, names: Mapping[str, str]) -> ToldEvent:
    objects = _objects(event, said)
    return ToldEvent(
        n=event["n"],
        time=f"{said_day(event['moment'], said.language)} {event['moment']:%H:%M:%S}",
        who=names.get(event["actor"]) or event["actor"][:8],
        act=event["act_zh"] if said.chinese else event["act_en"],
        objects=objects[:OBJECTS_SHOWN],
        more=max(0, len(event["objects"]) - OBJECTS_SHOWN),
        facts=list(_facts(event, said)),
    )


def _objects(event: Mapping[str, Any], said: Said) -> list[str]:
    if event["reference_codes"]:
        return list(event["reference_codes"])
    pairs = [one.split(":") for one in event["objects"]]
    pairs.sort(key=lambda pair: pair[0] not in ("record", "customer", "order"))
    return [f"{said.kind(kind)} {one[:8]}" for kind, one in pairs]


def _facts(event: Mapping[str, Any], said: Said) -> list[tuple[str, str]]:
    found = []
    for key, value in event["facts"].items():
        shown = said.size(value) if key.endswith("bytes") else said.value(value, key)
        if shown and value not in event["reference_codes"]:
            found.append((said.fact(key), shown))
    return found
