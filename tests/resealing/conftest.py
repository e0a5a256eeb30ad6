"""An archive with containers, some with holes, and everything that a thief took before it was sealed anew."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.destruction.ordering import destroyed, record_named
from tests.destruction.test_containment import BAD, DOOMED, GOOD, KEPT, mailed, tarred, zipped
from tests.destruction.test_containment_of_rows import TABLE
from tests.sharing import made_once
from tests.world import World

CONTAINERS = ("合同.zip", "来信.eml")
"""Containers with holes."""


@dataclass(frozen=True, slots=True)
class Robbed:
    """The archive, the same as it was that day, and what the thief has of it: home, copy and key sheet."""

    world: World
    before: World
    loot: Path

    @property
    def vaults(self) -> list[Path]:
        """Where the thief finds key pages and packs of that day."""
        return [self.loot / "home" / "vault", self.loot / "copy"]


@pytest.fixture(scope="session")
def robbed(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> Robbed:
    """Taken in, backed up, destroyed in part, backed up again; then everything is copied away."""

    def made(folder: Path) -> Robbed:
        world = opened_case.copied(folder / "world")
        desk = folder / "desk"
        desk.mkdir()
        two = (("坏.txt", BAD), ("好.txt", GOOD))
        contents = {
            "合同.zip": zipped(*two, stored=True),
            "来信.eml": mailed("合同往来", *two),
            "客户名单.csv": TABLE.encode("gb18030"),
            "留.tar.gz": gzip.compress(tarred(("留.txt", GOOD + b"2")), mtime=0),
            "大.txt": f"补充协议 {KEPT}\n".encode() * 60_000,
            "空.txt": b"",
        }
        for name, octets in contents.items():
            (desk / name).write_bytes(octets)
        world.intake(desk)
        world.ask("copies", "add", folder / "world" / "copy")
        world.ask("backup")
        destroyed(world, record_named(world, "坏.txt")["record_id"])
        table = next(one["record_id"] for one in world.catalogue() if "白鹭洲" in one["text"])
        destroyed(world, "--rows", f"{table}:2")
        world.ask("backup")
        for name, place in (("copy", world.root / "copy"), ("home", world.home), ("keys", world.keys)):
            shutil.copytree(place, folder / "loot" / name)
        return Robbed(world, world.copied(folder / "before"), folder / "loot")

    return made_once(tmp_path_factory, "robbed", made)


__all__ = ["BAD", "CONTAINERS", "DOOMED", "GOOD", "KEPT"]
