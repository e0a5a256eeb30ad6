"""The archive's own places: never taken in, apart from each other, writable, and no older than what was signed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.attacks.archives import leaves
from tests.world import World

OWN = "KD-A108"


def noted(world: World, folder: Path, text: str = "一") -> Path:
    """A source with one note."""
    folder.mkdir(exist_ok=True)
    (folder / f"便条 {text}.txt").write_text(text)
    return folder


def test_home_keys_and_secret_inside_a_source_are_left_out_with_a_code(world: World) -> None:
    """Somebody takes in the whole disk that the archive and its keys lie on."""
    (world.root / "便条.txt").write_text("一")
    os.link(world.sheet(), world.root / "linked")
    source = world.root
    said = world.intake(source)
    # home, keys, keys-unattended, and the sheet by its other name; user and tmp are empty folders.
    assert said["refused"] == {OWN: 4}
    assert said["received"] == said["kept"] + 4
    names = [row["occurrences"] for row in world.catalogue()]
    assert sorted(names) == ["shares.txt", "便条.txt"]
    assert world.ask("verify", "--deep")["clean"]
    assert world.intake(source)["unchanged"] == said["received"]


def test_a_key_place_as_source_gives_what_lies_beside_the_keys(world: World) -> None:
    (world.keys / "别的.txt").write_text("不是密钥")
    said = world.intake(world.keys)
    assert said["refused"].keys() == {OWN}
    assert (said["kept"], said["received"]) == (1, 1 + said["refused"][OWN])
    assert said["refused"][OWN] >= 1


def test_a_key_sheet_alone_is_not_taken_in(world: World) -> None:
    said = world.intake(world.sheet())
    assert (said["refused"], said["kept"]) == ({OWN: 1}, 0)


@pytest.mark.parametrize("inside", ["", "vault", "kedang.sqlite3"])
def test_the_home_is_no_source(inside: str, world: World, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(world.home)
    for way in (world.home, tmp_path / "link"):
        ran = world.run("intake", way / inside, "--json")
        assert (ran.status, ran.json["error"]) == (3, "KD-H116")
    assert not world.rows("SELECT 1 FROM holdings_source")


@pytest.mark.parametrize("place", ["keys", "keys/unattended"])
def test_a_secret_beside_its_sheet_begins_no_case(place: str, tmp_path: Path) -> None:
    world = World(tmp_path, environment={"KEDANG_UNATTENDED": str(tmp_path / place)})
    ran = world.init("--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H117")
    assert not world.rows("SELECT 1 FROM holdings_case")
    assert not list(tmp_path.rglob("*.keysheet")) + list(tmp_path.rglob("*.secret"))
    assert not (tmp_path / "shares.txt").exists()
    assert world.init("--no-unattended").status == 0, "there is no secret to lie beside it"


@pytest.fixture
def read_only(world: World, tmp_path: Path) -> Iterator[World]:
    """An archive whose home is mounted so that nobody can write to it."""
    world.intake(noted(world, tmp_path / "source"))
    home = str(world.home)
    bound = [["mount", "--bind", home, home], ["mount", "-o", "remount,ro,bind", home]]
    for command in bound:
        if subprocess.run(command, check=False, capture_output=True).returncode != 0:
            subprocess.run(["umount", "-l", home], check=False, capture_output=True)
            pytest.skip("mounting needs an administrator")
    try:
        yield world
    finally:
        subprocess.run(["umount", "-l", home], check=True)


def test_a_home_that_cannot_be_written_to_says_so_and_a_copy_of_it_opens(
    read_only: World, tmp_path: Path
) -> None:
    for command in (("search", "一"), ("show", "x"), ("verify",), ("status",), ("questions",)):
        ran = read_only.run(*command, "--json")
        assert (ran.status, ran.json["error"]) == (3, "KD-H118"), command
    copy = tmp_path / "copy"
    shutil.copytree(read_only.home, copy)
    world = replace(read_only, environment={"KEDANG_HOME": str(copy)})
    assert world.ask("search", "一")["total"] == 1
    assert world.ask("verify", "--deep")["clean"]


def test_a_home_whose_folder_is_closed_to_this_user_says_so(
    world: World, unprivileged: tuple[str, ...]
) -> None:
    world.home.chmod(0o500)
    try:
        ran = replace(world, wrapping=unprivileged).run("search", "一", "--json")
    finally:
        world.home.chmod(0o700)
    assert (ran.status, ran.json["error"]) == (3, "KD-H118"), ran.text


@pytest.fixture
def restored(world: World, tmp_path: Path) -> World:
    """A home as it was before something was taken in and signed; the key places as they are now."""
    world.intake(noted(world, tmp_path / "source"))
    shutil.copytree(world.home, tmp_path / "backup")
    world.intake(noted(world, tmp_path / "source", "二"))
    shutil.rmtree(world.home)
    shutil.copytree(tmp_path / "backup", world.home)
    return world


def test_an_older_home_beside_a_newer_head_goes_no_further(restored: World, tmp_path: Path) -> None:
    before = len(leaves(restored))
    out = str(tmp_path / "out")
    for command in (
        ("search", "一", "--json"),
        ("questions", "--json"),
        ("intake", str(tmp_path / "source"), "--json"),
    ):
        ran = restored.run(*command)
        assert (ran.status, ran.json["error"]) == (3, "KD-H119"), command
    for command in (("report", "--out", out), ("catalogue", "--out", out), ("customers", "--out", out)):
        ran = restored.run(*command)
        assert ran.status == 3
        assert "KD-H119" in ran.said
    assert not Path(out).exists()
    assert len(leaves(restored)) == before, "the older ledger is not continued beside the newer one"


def test_verify_says_what_an_older_home_lacks(restored: World) -> None:
    ran = restored.run("verify", "--json")
    assert ran.status == 4
    assert {fault["code"] for fault in ran.json["faults"]} == {"KD-L206"}


def test_a_ledger_that_grew_another_way_is_not_continued(restored: World, tmp_path: Path) -> None:
    """The older home went on while the place of the newer head was not connected."""
    kept = tmp_path / "kept"
    heads = list(restored.keys.glob("*.head"))
    kept.mkdir()
    for head in heads:
        shutil.move(head, kept / head.name)
    restored.intake(noted(restored, tmp_path / "source", "三"))
    restored.intake(noted(restored, tmp_path / "source", "四"))
    for head in heads:
        shutil.copy(kept / head.name, head)
    ran = restored.run("search", "一", "--json")
    assert (ran.status, ran.json["error"]) == (3, "KD-H119")


def test_a_head_that_is_older_than_the_home_stands_in_nobodys_way(world: World, tmp_path: Path) -> None:
    """A stick that was not connected for a while has an earlier head of the same ledger."""
    world.intake(noted(world, tmp_path / "source"))
    earlier = {head: head.read_bytes() for head in world.keys.glob("*.head")}
    world.intake(noted(world, tmp_path / "source", "二"))
    for head, said in earlier.items():
        head.write_bytes(said)
    assert world.ask("search", "一")["total"] == 1
    world.change("DELETE FROM holdings_checkpoint")
    assert world.ask("search", "一")["total"] == 1, "the leaves say the same"
