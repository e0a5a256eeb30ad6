"""Where a copy may lie, and how it is registered, listed and given up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.copies.kept import objects_of
from tests.world import World


def test_a_folder_is_registered_and_listed_as_due_but_not_late(archive: World) -> None:
    added = archive.ask(
        "copies", "add", archive.root / "copy", "--name", "移动硬盘", "--every", "3", "--rate", "2.5"
    )
    assert (added["name"], added["ordinal"], added["every_days"]) == ("移动硬盘", 1, 3)
    assert added["beside_home"] is True
    (listed,) = archive.ask("copies", "list")
    assert (listed["level"], listed["keys"], listed["alarming"]) == ("due", "never", False)
    assert archive.rows("SELECT bytes_per_second FROM holdings_copy") == [(2_500_000,)]


def test_no_name_path_or_secret_of_a_copy_stands_in_clear(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "copy", "--name", "财务室的硬盘")
    database = b"".join(path.read_bytes() for path in archive.home.glob("kedang.sqlite3*"))
    assert "财务室的硬盘".encode() not in database
    assert str(archive.root / "copy").encode() not in database


def collected(world: World) -> Path:
    """A folder that was just taken in."""
    folder = world.root / "collected"
    folder.mkdir()
    (folder / "neu.txt").write_text("补充协议", "utf-8")
    world.intake(folder)
    return folder


PLACES: dict[str, Callable[[World], Path]] = {
    "in the home": lambda world: world.home / "copy",
    "around the home": lambda world: world.root,
    "with the keys": lambda world: world.keys / "copy",
    "with the unattended secret": lambda world: world.secrets,
    "in a source": lambda world: collected(world) / "copy",
    "at a source": lambda world: collected(world),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_is_refused_where_it_would_be_lost_or_stolen_with_something_else(
    archive: World, place: str
) -> None:
    ran = archive.run("copies", "add", PLACES[place](archive), "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H144")
    assert archive.rows("SELECT count(*) FROM holdings_copy") == [(0,)]


def test_the_same_place_is_not_registered_twice(copied: World) -> None:
    ran = copied.run("copies", "add", copied.root / "copy", "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H143")
    inside = copied.run("copies", "add", copied.root / "copy" / "deeper", "--json")
    assert (inside.status, inside.json["error"]) == (3, "KD-H144")


def test_a_copied_copy_is_known_by_its_mark(copied: World) -> None:
    shutil.copytree(copied.root / "copy", copied.root / "another")
    ran = copied.run("copies", "add", copied.root / "another", "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H143")


def test_a_folder_with_other_things_is_refused(archive: World) -> None:
    taken = archive.root / "taken"
    taken.mkdir()
    (taken / "holiday.jpg").write_bytes(b"x")
    ran = archive.run("copies", "add", taken, "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H142")
    assert [path.name for path in taken.iterdir()] == ["holiday.jpg"]


def test_the_copy_of_another_case_is_refused(copied: World, opened_case: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    assert other.init().status == 0
    ran = other.run("copies", "add", copied.root / "copy", "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H142")
    assert opened_case.root != other.root


def test_a_disk_that_is_just_formatted_is_free(archive: World) -> None:
    disk = archive.root / "disk"
    (disk / "lost+found").mkdir(parents=True)
    archive.ask("copies", "add", disk)


def test_a_copy_is_not_made_where_no_folder_is_above_it(archive: World) -> None:
    ran = archive.run("copies", "add", archive.root / "media" / "stick" / "copy", "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H142")
    assert not (archive.root / "media").exists()


def test_a_copy_that_was_given_up_is_taken_up_again_with_all_it_holds(copied: World) -> None:
    before = objects_of(copied.root / "copy")
    assert copied.ask("copies", "remove", "1")["removed"]
    assert copied.ask("copies", "list") == []
    assert objects_of(copied.root / "copy") == before
    copied.ask("copies", "add", copied.root / "copy")
    (result,) = copied.ask("backup")["copies"]
    assert result["kept"] == len([name for name in before if name.startswith(("packs/", "ring/", "blocks/"))])


@pytest.mark.parametrize("said", ["7", "no such", "/tmp"])
def test_a_copy_that_is_not_known_is_refused(copied: World, said: str) -> None:
    for verb in (("copies", "remove"), ("backup",), ("drill",)):
        ran = copied.run(*verb, said, "--json")
        assert (ran.status, ran.json["error"]) == (2, "KD-H146")


def test_without_copies_there_is_nothing_to_back_up_or_drill(archive: World) -> None:
    for verb in ("backup", "drill"):
        ran = archive.run(verb, "--json")
        assert (ran.status, ran.json["error"]) == (2, "KD-H148")
    assert archive.ask("copies", "list") == []


@pytest.mark.parametrize("address", ["s3://", "ftp://host/folder", "s3://bucket/prefix"])
def test_an_address_that_leads_nowhere_is_refused(archive: World, address: str) -> None:
    ran = archive.run("copies", "add", address, "--json")
    assert (ran.status, ran.json["error"]) == (2, "KD-H141")
