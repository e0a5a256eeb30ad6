"""Snapshots share the blocks of rows that have not changed: small backups, and nothing lost when one is gone."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.copies import driver
from tests.copies.blocks import snapshots_of
from tests.copies.conftest import MANY, one_more
from tests.copies.kept import held_at_home, objects_of, same_as_home
from tests.world import World


def test_a_later_snapshot_refers_to_the_blocks_of_the_one_before(grown: World) -> None:
    first, second = sorted(snapshots_of(grown, grown.root / "copy").values(), key=lambda one: one.taken)
    assert first.blocks >= 6
    assert first.objects.keys() < second.objects.keys()
    (new,) = second.objects.keys() - first.objects.keys()
    assert second.objects[new] < sum(first.objects.values()), "what is new, not the whole archive"
    before = {(table, str(row.get("id"))) for table, row in first.rows}
    after = {(table, str(row.get("id"))) for table, row in second.rows}
    assert before < after
    assert sum(table == "record" for table, _ in second.rows) == MANY + 1
    assert sum(table == "marks" for table, _ in second.rows) >= MANY + 1


def test_the_home_keeps_what_the_newest_needs_and_no_more(grown: World) -> None:
    newest = max(snapshots_of(grown, grown.root / "copy").values(), key=lambda one: one.taken)
    at_home = {name for name in held_at_home(grown) if name.startswith("blocks/")}
    assert at_home == {f"blocks/{one}" for one in newest.objects}


def without(world: World, *objects: str) -> World:
    """The copy without these objects of blocks, and a clean machine."""
    for one in objects:
        (world.root / "copy" / "blocks" / one[:2] / one).unlink()
    world.lose_home()
    return world


def test_a_copy_without_the_last_blocks_is_restored_from_the_snapshot_before(
    grown: World, tmp_path: Path
) -> None:
    world = grown.copied(tmp_path / "world")
    first, second = sorted(snapshots_of(world, world.root / "copy").values(), key=lambda one: one.taken)
    without(world, *second.objects.keys() - first.objects.keys())
    ran = world.run("restore", world.root / "copy", "--json")
    assert ran.status == 0, ran.text + ran.said
    assert (ran.json["passed_over"], ran.json["records"]) == (1, MANY)


def test_a_copy_without_blocks_that_all_need_says_so(copied: World) -> None:
    without(copied, *(path.name for path in (copied.root / "copy" / "blocks").glob("*/*")))
    ran = copied.run("restore", copied.root / "copy", "--json")
    assert (ran.status, ran.json["error"]) == (4, "KD-B106")
    assert not copied.rows("SELECT id FROM holdings_case")


def test_a_copy_that_has_lost_blocks_fails_its_drill_and_is_made_whole(copied: World) -> None:
    whole = objects_of(copied.root / "copy")
    for path in (copied.root / "copy" / "blocks").glob("*/*"):
        path.unlink()
    ran = copied.run("drill", "--json")
    assert ran.status != 0
    assert "KD-B106" in {one["code"] for one in ran.json["drills"][0]["findings"]}
    assert copied.ask("backup")["copies"][0]["complete"]
    blocks = {name: stored for name, stored in whole.items() if name.startswith("blocks/")}
    assert blocks.items() <= objects_of(copied.root / "copy").items()
    assert copied.run("drill").status == 0


def test_a_copy_that_was_away_gets_all_that_it_lacks(copied: World) -> None:
    (copied.root / "copy").rename(copied.root / "away")
    copied.ask("copies", "add", copied.root / "near", "--name", "near")
    (copied.root / "desk" / "一.txt").write_text("一", "utf-8")
    copied.intake(copied.root / "desk")
    assert copied.ask("backup", "near")["copies"][0]["complete"]
    (copied.root / "away").rename(copied.root / "copy")
    one_more(copied, "二")
    for place in ("copy", "near"):
        assert same_as_home(copied, objects_of(copied.root / place))
    assert copied.run("drill").status == 0


def test_what_no_snapshot_needs_leaves_the_copy_when_everything_is_read(copied: World) -> None:
    debris = copied.root / "copy" / "blocks" / "ab" / ("ab" + "0" * 30)
    debris.parent.mkdir(exist_ok=True)
    debris.write_bytes(b"of a snapshot that was broken off")
    assert copied.run("backup", "--verify").status == 0
    needed = {name for one in snapshots_of(copied, copied.root / "copy").values() for name in one.objects}
    assert {path.name for path in (copied.root / "copy" / "blocks").glob("*/*")} == needed


def test_damaged_blocks_at_home_are_found_and_brought_back(copied: World) -> None:
    (blocks,) = copied.objects("blocks")
    stored = blocks.read_bytes()
    blocks.write_bytes(stored[:999] + bytes([stored[999] ^ 1]) + stored[1000:])
    found = copied.run("verify", "--deep", "--json").json["faults"]
    assert [(one["code"], one["object"]) for one in found] == [("KD-B106", f"blocks/{blocks.name}")]
    assert copied.run("verify", "--deep", "--heal").status == 0
    assert blocks.read_bytes() == stored


def test_blocks_that_no_copy_has_are_written_anew(copied: World) -> None:
    (blocks,) = copied.objects("blocks")
    (copied.root / "copy").rename(copied.root / "away")
    blocks.write_bytes(blocks.read_bytes()[:-1] + b"x")
    assert copied.run("verify", "--deep", "--heal").status == 4
    assert not blocks.exists()
    (copied.root / "away").rename(copied.root / "copy")
    assert copied.ask("backup")["copies"][0]["complete"]
    assert copied.ask("verify", "--deep")["clean"]
    assert copied.run("drill").status == 0


def test_a_backup_that_can_take_no_snapshot_ends_and_the_next_goes_on(copied: World) -> None:
    (copied.root / "desk" / "新.txt").write_text("新", "utf-8")
    copied.intake(copied.root / "desk")
    snapshots = copied.home / "vault" / "snapshots"
    snapshots.rename(copied.root / "aside")
    snapshots.write_text("no folder")
    before = objects_of(copied.root / "copy")
    ran = copied.run("backup", "--json")
    assert (ran.status, ran.json["error"]) == (5, "KD-V204")
    after = objects_of(copied.root / "copy")
    assert {name.partition("/")[0] for name in after.keys() - before.keys()} <= {"packs"}
    snapshots.unlink()
    (copied.root / "aside").rename(snapshots)
    assert copied.ask("backup")["copies"][0]["complete"]
    assert same_as_home(copied, objects_of(copied.root / "copy"))
    assert copied.run("drill").status == 0


def test_a_snapshot_killed_at_any_of_its_writes_leaves_nothing_for_long(copied: World) -> None:
    driven = copied.run("snapshot", program=(sys.executable, str(Path(driver.__file__))))
    assert driven.status == 0, driven.said
    assert {name.partition("/")[0] for name in driven.json["deaths"]} >= {"blocks", "snapshots", "ring"}
    assert copied.ask("backup")["copies"][0]["complete"]
    newest = max(snapshots_of(copied, copied.root / "copy").values(), key=lambda one: one.taken)
    assert {path.name for path in copied.objects("blocks") if path.suffix != ".part"} == set(newest.objects)
    assert copied.ask("verify", "--deep")["clean"]
