"""An archive that was backed up, then destroyed in part, then went on; its copy has the older snapshot only."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.destruction.ordering import destroyed, record_named
from tests.destruction.test_containment import BAD, DOOMED, GOOD, KEPT, mailed, tarred, zipped
from tests.destruction.test_containment_of_rows import BO, CHEN, LIN, TABLE
from tests.sharing import made_once
from tests.world import Ran, World

HELD = f"借款合同 {DOOMED} 另一份 签订于2023年7月1日。".encode()
CONTAINERS = ("合同.zip", "来信.eml", "名单.zip")
"""Containers that live on with holes."""


def contents() -> dict[str, bytes]:
    """What lies on the desk, by name."""
    two = (("坏.txt", BAD), ("好.txt", GOOD))
    table = TABLE.encode("gb18030")
    return {
        "合同.zip": zipped(*two, stored=True),
        "来信.eml": mailed("合同往来", *two),
        "名单.zip": zipped(("客户名单.csv", table), ("外.txt", GOOD + b"1"), stored=True),
        "客户名单.csv": table,
        "拆.tar.gz": gzip.compress(tarred(*two), mtime=0),
        "限.tar.gz": gzip.compress(tarred(("留.txt", HELD), ("好.txt", GOOD)), mtime=0),
        "说明.txt": "本所合同的说明。".encode(),
    }


@dataclass(frozen=True, slots=True)
class Older:
    """The archive as it goes on, and which records were which."""

    world: World
    member: str
    dissolved: str
    restricted: str
    table: str
    containers: dict[str, str]

    @property
    def copy(self) -> Path:
        """The copy with today's ring and the older snapshot, as it was then: no archive knows of it."""
        return self.world.root / "kept-copy"


@pytest.fixture(scope="session")
def older(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> Older:
    """Backed up, destroyed in part, gone on."""

    def made(folder: Path) -> Older:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        for name, octets in contents().items():
            (desk / name).write_bytes(octets)
        world.intake(desk)
        world.ask("copies", "add", folder / "copy")
        world.ask("backup")
        (snapshot,) = (folder / "copy" / "snapshots").rglob("*/*")
        found = {
            name: record_named(world, name)["record_id"]
            for name in (*CONTAINERS, "拆.tar.gz", "坏.txt", "留.txt")
        }
        table = next(one["record_id"] for one in world.catalogue() if "白鹭洲" in one["text"])
        destroyed(world, found["坏.txt"], "--dissolve")
        destroyed(world, found["留.txt"], status=1)
        destroyed(world, "--rows", f"{table}:2")
        destroyed(world, "--rows", f"{table}:1")
        later = folder / "later"
        later.mkdir()
        (later / "后来.txt").write_text(f"补充协议 后来的 {KEPT} 签订于2023年8月1日", "utf-8")
        world.intake(later)
        world.ask("backup")
        for newer in (folder / "copy" / "snapshots").rglob("*/*"):
            if newer != snapshot:
                newer.unlink()
        shutil.copytree(folder / "copy", folder / "kept-copy")
        containers = {name: found[name] for name in CONTAINERS}
        return Older(world, found["坏.txt"], found["拆.tar.gz"], found["留.txt"], table, containers)

    return made_once(tmp_path_factory, "destroyed-since", made)


@pytest.fixture
def clean(older: Older, tmp_path: Path) -> World:
    """Another computer with the key sheet and the secrets, and no home yet."""
    world = older.world.copied(tmp_path / "world")
    world.lose_home()
    shutil.rmtree(world.root / "copy")  # the registered one: another test's archive may have gone on with it
    shutil.copytree(older.copy, world.root / "copy")
    return world


def restored(world: World, *copy: Path | str) -> Any:
    """What a restore that must end well says."""
    ran: Ran = world.run("restore", *copy, "--json")
    assert ran.status == 0, ran.said + ran.text
    return ran.json


__all__ = ["BAD", "BO", "CHEN", "DOOMED", "GOOD", "HELD", "LIN", "TABLE"]
