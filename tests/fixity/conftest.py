"""An archive in which every table has rows, with a copy."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.archives import SOURCE_TEXT
from tests.attacks.test_edited_rows import LIST
from tests.sharing import made_once
from tests.world import World

DRIVER = str(Path(__file__).with_name("driver.py"))
DESTROYER = str(Path(__file__).parents[1] / "destruction" / "driver.py")


@pytest.fixture(scope="session")
def whole(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Contract, customers, container, double, refusal, questions; a copy; a destruction. Copied, not used."""

    def made(folder: Path) -> World:
        source = folder / "source"
        source.mkdir()
        (source / "合同.txt").write_text(SOURCE_TEXT)
        (source / "合同 副本.txt").write_text(SOURCE_TEXT)
        (source / "客户名单.csv").write_text(LIST)
        (source / "便条.txt").write_text("慕容雪霏 13800138000 来电\n")
        (source / "坏.docx").write_bytes(b"PK\3\4 broken")
        (source / "别处.txt").symlink_to("/etc/hostname")
        with zipfile.ZipFile(source / "包.zip", "w") as packed:
            packed.writestr("甲.txt", "收据 甲")
            packed.writestr("乙.txt", "收据 乙")
        world = opened_case.copied(folder / "world")
        world.intake(source)
        (world.root / "copy").mkdir()
        world.ask("copies", "add", world.root / "copy")
        member = (
            "SELECT record_id FROM holdings_occurrence WHERE parent_id IS NOT NULL ORDER BY ordinal LIMIT 1"
        )
        destroyed = world.rows(member)[0][0]
        done = world.run(str(world.root / "copy"), "-", "-", destroyed, program=(sys.executable, DESTROYER))
        assert done.status == 0, done.said
        world.ask("backup")
        assert world.ask("verify", "--deep")["clean"]
        return world

    return made_once(tmp_path_factory, "fixity-archive", made)


@pytest.fixture
def kept(whole: World, tmp_path: Path) -> World:
    """The archive and its copy, of this test alone; the copy stays where it was registered."""
    return whole.copied(tmp_path / "kept")


def driven(world: World, *arguments: str) -> list[dict[str, Any]]:
    """What the driver says of what it did to the archive."""
    ran = world.run(*arguments, program=(sys.executable, DRIVER))
    assert ran.status == 0, ran.said
    said: list[dict[str, Any]] = json.loads(ran.out)
    return said


def flipped(path: Path, bit: int | None = None) -> None:
    """One bit of a file is turned, in its middle unless it is said where."""
    octets = bytearray(path.read_bytes())
    at = len(octets) * 4 if bit is None else bit
    octets[at // 8] ^= 1 << at % 8
    path.chmod(0o600)
    path.write_bytes(bytes(octets))
