"""Every step of sealing anew fails once before and once after it took effect; then it is carried through."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.destruction.ordering import require_whole, total
from tests.resealing import driver
from tests.resealing.driver import DIED
from tests.sharing import made_once
from tests.world import Ran, World, files_below

MARKED = "长江路九号的乙方"
STEPS = (
    "first-sealing",
    "first-switched",
    "first-done",
    "listed",
    "records",
    "names",
    "case",
    "backup",
    "begun",
    "words",
    "sealing",
    "sheet-both",
    "switched",
    "sheet-new",
    "erased",
    "done",
    "files",
    "packs",
    "outcome",
)
FAULTS = [("ordered", "after"), *((step, when) for step in STEPS for when in ("before", "after"))]
KEPT_AFTER = {
    ("backup", "after"): "first.copy",
    ("switched", "before"): "both.copy",
    ("sheet-new", "before"): "new.copy",
}
"""Copies that are set aside where the work died, to be restored."""


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of four texts; where its copy lies goes with it."""

    def made(folder: Path) -> World:
        world = opened_case.copied(folder)
        desk = folder / "desk"
        desk.mkdir()
        for number in range(4):
            text = f"服务合同 第{number}号 {MARKED} 签订于2023年6月{number + 1}日"
            (desk / f"{number}.txt").write_text(text, "utf-8")
        world.intake(desk)
        return world

    return made_once(tmp_path_factory, "few-for-resealing", made)


def drive(world: World, step: str, when: str) -> Ran:
    """One attempt to seal the archive anew."""
    return world.run(step, when, program=(sys.executable, str(Path(driver.__file__))))


@pytest.fixture(scope="session")
def died(tmp_path_factory: pytest.TempPathFactory, few: World) -> World:
    """The archive after a run that died at every step, before it and after it; each attempt went on from there."""

    def made(folder: Path) -> World:
        world = few.copied(folder)
        world.ask("copies", "add", world.root / "copy")
        world.ask("backup")
        shutil.copytree(world.home / "vault", folder / "vault-before")
        for step, when in FAULTS:
            ran = drive(world, step, when)
            assert ran.status == DIED, (step, when, ran.said)
            if step == "ordered":
                assert world.run("rotate", "--json").json["error"] == "KD-H121"
                assert total(world, MARKED) == 4
            if (step, when) in KEPT_AFTER:
                shutil.copytree(world.root / "copy", folder / KEPT_AFTER[step, when])
                shutil.copytree(world.keys, folder / f"{KEPT_AFTER[step, when]}-keys")
        return world

    return made_once(tmp_path_factory, "died-everywhere", made)


def test_sealing_anew_that_dies_at_every_step_is_carried_through(died: World) -> None:
    resumed = died.run("rotate", "--resume", "--json")
    assert resumed.status == 0, resumed.said + resumed.text
    assert died.rows("SELECT count(*) FROM holdings_sealinganew") == [(0,)]
    require_whole(died)
    assert total(died, MARKED) == 4
    before = {path.name for path in files_below(died.root / "vault-before")}
    assert not before & {path.name for path in files_below(died.home / "vault")}
    acts = [leaf["act"] for leaf in died.ask("ledger", "list", "--limit", "40")]
    assert (acts.count("resealing-ordered"), acts.count("resealed"), acts.count("epoch-changed")) == (1, 1, 2)


@pytest.mark.parametrize("copy", KEPT_AFTER.values())
def test_a_copy_of_the_middle_is_restored_and_the_work_goes_on(
    died: World, tmp_path: Path, copy: str
) -> None:
    world = died.copied(tmp_path / "world")
    world.lose_home()
    shutil.rmtree(world.keys)
    shutil.copytree(world.root / f"{copy}-keys", world.keys)
    back = world.run("restore", world.root / copy, "--json")
    assert back.status == 0, back.said + back.text
    assert back.json["withheld_records"] == 0
    require_whole(world)
    assert total(world, MARKED) == 4
    assert world.rows("SELECT count(*) FROM holdings_sealinganew") == [(1,)]
    world.ask("copies", "remove", "1")
    world.ask("copies", "add", tmp_path / "own")
    resumed = world.run("rotate", "--resume", "--json")
    assert resumed.status == 0, resumed.said + resumed.text
    require_whole(world)
    assert total(world, MARKED) == 4
