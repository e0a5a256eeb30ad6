"""Backups into folders: incremental, verified, mending, and never into the wrong place."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copies.kept import held_at_home, no_half_object, objects_of, same_as_home
from tests.world import World


def take_in_more(world: World, text: str) -> None:
    """One more file from the desk."""
    (world.root / "desk" / f"{text}.txt").write_text(text, "utf-8")
    world.intake(world.root / "desk")


def largest(root: Path, kind: str) -> Path:
    """The largest object of a kind."""
    return max((root / kind).glob("*/*"), key=lambda path: path.stat().st_size)


def flip(path: Path, place: int) -> None:
    """Turn one bit of a file over."""
    stored = path.read_bytes()
    path.write_bytes(stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :])


def page_that_is_not_of_the_case(world: World) -> Path:
    """A key page of records: the case opens without it."""
    ((page,),) = world.rows(
        "SELECT stored FROM holdings_keypage WHERE id = (SELECT key_page FROM holdings_record LIMIT 1)"
    )
    stored = str(page)
    return world.home / "vault" / "ring" / stored[:2] / stored


def test_a_copy_holds_everything_and_a_second_backup_writes_only_leaves(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "copy")
    (first,) = archive.ask("backup")["copies"]
    assert first["complete"]
    assert same_as_home(archive, objects_of(archive.root / "copy"))
    (second,) = archive.ask("backup")["copies"]
    assert second["snapshot"] == first["snapshot"], "nothing has changed but the ledger"
    assert (second["objects"], second["kept"]) == (1, first["objects"] - 1)
    (listed,) = archive.ask("copies", "list")
    assert (listed["level"], listed["verification"], listed["keys"]) == ("good", "good", "current")


def test_only_what_is_new_is_written(copied: World) -> None:
    before = objects_of(copied.root / "copy")
    take_in_more(copied, "补充协议")
    (result,) = copied.ask("backup")["copies"]
    after = objects_of(copied.root / "copy")
    assert before.keys() < after.keys()
    assert result["bytes"] < 100_000, "the six megabytes of the first backup stay where they are"
    assert same_as_home(copied, after)


def test_older_snapshots_lie_in_the_copy_only(copied: World) -> None:
    take_in_more(copied, "补充协议")
    copied.ask("backup")
    in_copy = {name for name in objects_of(copied.root / "copy") if name.startswith("snapshots/")}
    at_home = {name for name in held_at_home(copied) if name.startswith("snapshots/")}
    assert (len(in_copy), len(at_home)) == (2, 1)
    assert at_home < in_copy


def test_an_empty_mount_point_is_never_taken_for_the_copy(copied: World) -> None:
    (copied.root / "copy").rename(copied.root / "unplugged")
    (copied.root / "copy").mkdir()
    ran = copied.run("backup", "--json")
    assert ran.status == 5
    assert ran.json["copies"][0]["code"] == "KD-H145"
    assert list((copied.root / "copy").iterdir()) == []
    (listed,) = copied.ask("copies", "list")
    assert listed["last_code"] == "KD-H145"
    (copied.root / "copy").rmdir()
    (copied.root / "unplugged").rename(copied.root / "copy")
    assert copied.ask("backup")["copies"][0]["complete"]
    assert copied.ask("copies", "list")[0]["last_code"] == ""


def test_another_disk_in_its_place_is_not_written_to(copied: World) -> None:
    mark = copied.root / "copy" / "copy" / "00" / ("0" * 32)
    mark.write_bytes(b"0" * 64)
    ran = copied.run("backup", "--json")
    assert (ran.status, ran.json["copies"][0]["code"]) == (5, "KD-H145")


def test_a_copy_that_fails_does_not_stop_the_others(copied: World) -> None:
    copied.ask("copies", "add", copied.root / "second", "--name", "second")
    (copied.root / "copy").rename(copied.root / "unplugged")
    ran = copied.run("backup", "--json")
    assert ran.status == 1
    assert [one["complete"] for one in ran.json["copies"]] == [False, True]
    assert same_as_home(copied, objects_of(copied.root / "second"))


def test_one_copy_alone_is_backed_up_by_its_name(copied: World) -> None:
    copied.ask("copies", "add", copied.root / "second", "--name", "second")
    (result,) = copied.ask("backup", "second")["copies"]
    assert result["number"] == 2


def test_flipped_bits_in_a_copy_are_found_and_mended(copied: World) -> None:
    before = objects_of(copied.root / "copy")
    for kind in ("packs", "ring", "blocks", "snapshots"):
        flip(largest(copied.root / "copy", kind), 100)
    (result,) = copied.ask("backup", "--verify")["copies"]
    assert (result["mended"], result["verified"]) == (4, True)
    assert objects_of(copied.root / "copy") | before == objects_of(copied.root / "copy")


def test_a_cut_object_in_a_copy_is_mended_by_any_backup(copied: World) -> None:
    damaged = largest(copied.root / "copy", "packs")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    (result,) = copied.ask("backup")["copies"]
    assert result["mended"] == 1
    assert damaged.read_bytes() == whole


def test_damage_at_home_never_replaces_what_is_whole_in_a_copy(copied: World) -> None:
    before = objects_of(copied.root / "copy")
    flip(largest(copied.home / "vault", "packs"), 1000)
    flip(page_that_is_not_of_the_case(copied), 100)
    ran = copied.run("backup", "--verify", "--json")
    assert (ran.status, ran.json["copies"][0]["code"]) == (5, "KD-H147")
    after = objects_of(copied.root / "copy")
    assert {name: after[name] for name in before if not name.startswith("leaves/")} == {
        name: stored for name, stored in before.items() if not name.startswith("leaves/")
    }


def test_what_the_home_lacks_is_said_and_the_rest_is_written(copied: World) -> None:
    take_in_more(copied, "补充协议")
    copied.run("copies", "add", copied.root / "second")
    packs = sorted((copied.home / "vault" / "packs").glob("*/*"), key=lambda path: path.stat().st_size)
    packs[0].unlink()
    ran = copied.run("backup", "2", "--json")
    assert (ran.status, ran.json["copies"][0]["code"]) == (5, "KD-H147")
    assert no_half_object(copied, objects_of(copied.root / "second"))
    assert len(list((copied.root / "second" / "packs").glob("*/*"))) == len(packs) - 1
    assert copied.rows("SELECT last_complete FROM holdings_copy WHERE ordinal = 2") == [(None,)]


def test_a_rate_is_kept(archive: World) -> None:
    archive.ask("copies", "add", archive.root / "copy", "--rate", "2")
    started = time.monotonic()
    archive.ask("backup")
    assert time.monotonic() - started > 3.5, "12 MB are written and read back, one second's worth at once"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB, mounted; a skip where mounting is not allowed."""
    place = tmp_path / "tiny"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs an administrator")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_said_and_leaves_no_half_object(archive: World, tiny_disk: Path) -> None:
    assert archive.ask("copies", "add", tiny_disk)["beside_home"] is False
    ran = archive.run("backup", "--json")
    assert (ran.status, ran.json["copies"][0]["code"]) == (5, "KD-V203")
    assert no_half_object(archive, objects_of(tiny_disk))
    assert archive.rows("SELECT last_complete FROM holdings_copy") == [(None,)]
    subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
    assert archive.ask("backup")["copies"][0]["complete"]
    assert same_as_home(archive, objects_of(tiny_disk))


def test_what_others_put_into_a_copy_stays(copied: World) -> None:
    foreign = copied.root / "copy" / "packs" / "ab" / ("ab" + "0" * 30)
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_bytes(b"not ours")
    copied.ask("backup")
    assert foreign.read_bytes() == b"not ours"


def test_the_ledger_says_what_was_backed_up(copied: World) -> None:
    leaves = [
        bytes(leaf).decode() for (leaf,) in copied.rows("SELECT leaf FROM holdings_ledgerleaf ORDER BY n")
    ]
    assert '"act":"copy-registered"' in leaves[-3]
    assert '"act":"snapshot-taken"' in leaves[-2]
    assert '"act":"backed-up"' in leaves[-1]
    assert '"verified":true' in leaves[-1]
