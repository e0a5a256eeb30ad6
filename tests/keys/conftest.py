"""Archives whose keys are changed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.keys import driver
from tests.sharing import made_once
from tests.world import Ran, World

MARKED = "长江路九号的乙方"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of three texts with a registered copy."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        for number in range(3):
            text = f"服务合同 第{number}号 {MARKED} 签订于2023年6月{number + 1}日"
            (desk / f"{number}.txt").write_text(text, encoding="utf-8")
        world.intake(desk)
        assert drive(world, "register").status == 0
        return world

    return made_once(tmp_path_factory, "filled-for-keys", made)


@pytest.fixture
def keyed(filled: World, tmp_path: Path) -> World:
    """Such an archive of this test alone."""
    return filled.copied(tmp_path / "world")


def drive(world: World, work: str, step: str = "-", when: str = "-") -> Ran:
    """The driver, to its end or its death."""
    return world.run(world.root / "copy", work, step, when, program=(sys.executable, driver.__file__))


def assert_whole(world: World) -> None:
    """Everything opens and nothing is amiss."""
    verified = world.run("verify", "--deep", "--json")
    assert verified.json["faults"] == [], verified.text
    assert world.ask("search", f'"{MARKED}"')["total"] == 3
