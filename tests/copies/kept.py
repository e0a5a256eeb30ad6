"""What lies in a copy, seen by others than kedang's own commands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kedang.vault.object_store import ObjectStore
from tests.breaking import BreakingProxy
from tests.s3 import CREDENTIALS, S3Server
from tests.world import World

KINDS = ("packs", "ring", "leaves", "blocks", "snapshots")


@dataclass(frozen=True, slots=True)
class Bucketed:
    """An archive, the proxy before its bucket, and the bucket itself."""

    world: World
    proxy: BreakingProxy
    server: S3Server
    prefix: str

    def objects(self) -> dict[str, bytes]:
        """Everything in the bucket below the prefix, read past the proxy."""
        store = ObjectStore(self.server.bucket(self.prefix), CREDENTIALS, random_bytes=os.urandom)
        return {name: store.read(name) for kind in KINDS for name in store.names(kind)}


def objects_of(folder: Path) -> dict[str, bytes]:
    """Every whole object in a folder, by the name that a store gives it."""
    return {
        f"{path.parents[1].name}/{path.name}": path.read_bytes()
        for kind in KINDS
        for path in (folder / kind).glob("*/*")
        if not path.name.endswith(".part")
    }


def held_at_home(world: World) -> dict[str, bytes]:
    """What the home has of what copies hold; leaves lie in the database there."""
    return objects_of(world.home / "vault")


def same_as_home(world: World, objects: dict[str, bytes]) -> bool:
    """Whether the copy holds everything that the home does, byte for byte, and no other key page."""
    home = held_at_home(world)
    pages = {name for name in objects if name.startswith("ring/")}
    return objects | home == objects and pages == {name for name in home if name.startswith("ring/")}


def no_half_object(world: World, objects: dict[str, bytes]) -> bool:
    """Whether nothing in the copy differs from the object of that name in the home."""
    home = held_at_home(world)
    return all(home.get(name, stored) == stored for name, stored in objects.items())
