"""Backups killed at any instant, and backups while others work: nothing is lost, nothing half."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.copies import driver
from tests.copies.kept import no_half_object, objects_of, same_as_home
from tests.world import World, kill_all


def test_a_backup_killed_before_or_after_any_of_its_writes_is_carried_on(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "copy")
    driven = archive.run(program=(sys.executable, str(Path(driver.__file__))))
    assert driven.status == 0, driven.said
    outcomes = driven.json
    assert len(outcomes["deaths"]) > 10, "every write of every kind of object has been an end"
    kinds = {name.partition("/")[0] for name in outcomes["deaths"]}
    assert kinds >= {"packs", "ring", "leaves", "blocks", "snapshots"}
    assert (outcomes["half"], outcomes["lacking"]) == ([], [])
    assert archive.ask("backup", "--verify")["copies"][0]["mended"] == 0
    assert same_as_home(archive, objects_of(archive.root / "copy"))
    assert archive.run("drill").status == 0
    assert archive.ask("verify")["clean"]


def test_intake_goes_on_beside_a_slow_backup(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "copy", "--rate", "1.5")
    slow = archive.start("backup", "--json")
    (archive.root / "desk" / "neu.txt").write_text("补充协议 第八号", "utf-8")
    archive.intake(archive.root / "desk")
    assert slow.poll() is None, "the backup is still on its way"
    out, err = slow.communicate(timeout=120)
    assert slow.returncode == 0, err.decode()
    assert b'"complete": true' in out
    assert archive.run("drill").status == 0
    archive.ask("backup")
    assert same_as_home(archive, objects_of(archive.root / "copy"))


def test_a_second_backup_is_refused_while_one_runs(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "copy", "--rate", "0.5")
    slow = archive.start("backup", "--json")
    while not list((archive.root / "copy").glob("packs/*/*")):
        assert slow.poll() is None
    ran = archive.run("backup", "--json")
    kill_all(slow.pid)
    slow.communicate()
    assert (ran.status, ran.json["error"]) == (3, "KD-H104")
    assert no_half_object(archive, objects_of(archive.root / "copy"))


def test_a_change_of_keys_in_the_middle_of_a_backup_leaves_new_pages_and_no_old_ones(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "fast")
    archive.ask("backup")
    archive.ask("copies", "add", archive.root / "slow", "--rate", "1.5")
    slow = archive.start("backup", "2", "--json")
    while not list((archive.root / "slow").glob("packs/*/*")):
        assert slow.poll() is None
    rotated = archive.run("rotate", "--json")
    assert rotated.status in (0, 1), rotated.text + rotated.said
    out, err = slow.communicate(timeout=120)
    assert slow.returncode == 0, out.decode() + err.decode()
    assert same_as_home(archive, objects_of(archive.root / "slow"))
    assert {one["keys"] for one in archive.ask("copies", "list")} == {"current"}
    assert archive.run("drill").status == 0
