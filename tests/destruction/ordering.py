"""Orders of destruction as a person gives them: look at the list, then confirm its digest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.destruction import registering
from tests.world import Ran, World

REASON = "保管期满"


def with_copy(world: World) -> World:
    """The archive with a folder registered as its copy."""
    program = (sys.executable, str(Path(registering.__file__)))
    ran = world.run(world.root / "copy", program=program)
    assert ran.status == 0, ran.said
    return world


def planned(world: World, *arguments: str) -> Any:
    """The list of what would be destroyed."""
    ran = world.run("destroy", *arguments, "--json")
    assert ran.status == 1, ran.said + ran.text
    return ran.json


def refused(world: World, *arguments: str) -> str:
    """The code with which an order is refused."""
    ran = world.run("destroy", *arguments, "--json")
    code: str = ran.json["error"]
    return code


def destroyed(world: World, *arguments: str, status: int = 0) -> Any:
    """The outcome of an order that was reviewed and confirmed; the archive is whole after it."""
    digest = planned(world, *arguments)["digest"]
    ran = world.run(
        "destroy",
        *arguments,
        "--confirm",
        digest,
        "--reason",
        REASON,
        "--no-name-model",
        "--json",
    )
    assert ran.status == status, ran.said + ran.text
    require_whole(world)
    return ran.json


def require_whole(world: World) -> None:
    """Nothing is wrong in the archive, every byte opened."""
    verified = world.run("verify", "--deep", "--json")
    assert verified.json["faults"] == [], verified.text


def record_named(world: World, name: str) -> dict[str, Any]:
    """The only record with an occurrence at this place, else the only one with a member of this name."""
    listed = world.catalogue()
    places = [one["occurrences"].split(" | ") for one in listed]
    found = [one for one, there in zip(listed, places, strict=True) if name in there]
    if not found:
        found = [
            one
            for one, there in zip(listed, places, strict=True)
            if any(place.endswith(f"/{name}") for place in there)
        ]
    assert len(found) == 1, places
    return found[0]


def opened(world: World, record: str, *options: str) -> Ran:
    """The original of a record."""
    return world.run("open", record, "--out", "-", *options)


def holed(world: World, record: str) -> bytes:
    """The original with zeros in place of what was destroyed."""
    ran = opened(world, record, "--with-holes")
    assert ran.status == 0, ran.said
    return ran.out


def zeroed(octets: bytes, *parts: bytes) -> bytes:
    """The bytes with each of the parts, which occur once, as zeros."""
    for part in parts:
        assert octets.count(part) == 1
        octets = octets.replace(part, bytes(len(part)))
    return octets


def total(world: World, words: str) -> int:
    """How many records a phrase is found in."""
    found: int = world.ask("search", f'"{words}"')["total"]
    return found
