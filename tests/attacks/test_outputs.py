"""What leaves the archive in clear: recorded first, its owner's alone, unable to command the terminal."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.attacks.archives import SOURCE_TEXT, leaves
from tests.world import World

HOSTILE_NAME = "\x1b[2J\x1b]0;账目平衡\x07甲\u202eexe.txt\n  KD-Z999  伪造的一行[bold red]x.txt"
OBEYED = ("\x1b", "\x07", "\u202e", "\x9b", "\n  KD-Z999", "\nKD-Z999")


@pytest.fixture(scope="module")
def taken_in(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with one ordinary file and one whose name and text attack the terminal. Copied, not used."""
    source = tmp_path_factory.mktemp("hostile") / "source"
    source.mkdir()
    (source / "合同.txt").write_text(SOURCE_TEXT)
    (source / HOSTILE_NAME).write_text(f"琉璃厂 \x1b[31m \x9b5m \u202e {HOSTILE_NAME}")
    world = opened_case.copied(source.parent / "world")
    world.intake(source)
    return world


@pytest.fixture
def kept(taken_in: World, tmp_path: Path) -> World:
    """That archive, for this test alone."""
    return taken_in.copied(tmp_path / "kept")


@pytest.mark.parametrize(
    "command",
    [
        ("search", "琉璃厂"),
        ("questions",),
        ("show", "{}"),
        ("search", "琉璃厂", "--json"),
        ("show", "{}", "--json"),
    ],
)
def test_received_names_command_no_terminal(kept: World, command: tuple[str, ...]) -> None:
    reference = kept.rows("SELECT id FROM holdings_record ORDER BY first_order")[0][0]
    ran = kept.run(*(part.format(reference) for part in command))
    assert not [sign for sign in OBEYED if sign in ran.text]
    if "--json" in command:
        assert "\x9b5m" in json.dumps(ran.json, ensure_ascii=False), "a program reads what was there"


@pytest.mark.parametrize(
    "command",
    [
        ("catalogue", "--format", "csv"),
        ("catalogue", "--format", "xlsx"),
        ("catalogue", "--format", "json", "--with-text"),
        ("report",),
        ("open", "{}"),
    ],
)
def test_an_export_that_fails_on_its_way_is_in_the_ledger(
    kept: World, command: tuple[str, ...], tmp_path: Path
) -> None:
    """A full disk or a pull of the plug: whoever took something out has been written down before."""
    reference = kept.rows("SELECT id FROM holdings_record")[0][0]
    before = len(leaves(kept))
    ran = kept.run(*(part.format(reference) for part in command), "--out", "/dev/full")
    assert ran.status == 5, ran.said
    said = leaves(kept)[before:]
    assert [leaf["act"] for leaf in said] == ["exported"]
    assert Path("/dev/full").is_char_device(), "a device is written to, not replaced"


def test_an_export_goes_into_no_file_that_somebody_else_has_laid_out(kept: World, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o777)
    theirs = tmp_path / "theirs"
    theirs.write_text("")
    theirs.chmod(0o666)
    (shared / "a.csv.part").symlink_to(theirs)
    ran = kept.run("catalogue", "--format", "csv", "--out", str(shared / "a.csv"))
    assert ran.status == 0, ran.said
    assert theirs.read_text() == ""
    assert stat.S_IMODE((shared / "a.csv").stat().st_mode) == 0o600
    os.link(theirs, shared / "b.csv.part")
    assert kept.run("catalogue", "--format", "csv", "--out", str(shared / "b.csv")).status == 0
    assert theirs.read_text() == ""
    assert not list(shared.glob("*.part"))


def test_an_original_that_does_not_open_leaves_no_half_of_it(kept: World, tmp_path: Path) -> None:
    kept.change("UPDATE holdings_record SET content_offset = content_offset + 1")
    reference = kept.rows("SELECT id FROM holdings_record")[0][0]
    ran = kept.run("open", reference, "--out", str(tmp_path / "original"))
    assert ran.status == 4
    assert not list(tmp_path.glob("original*"))


def test_everything_that_is_written_is_its_owners_alone(kept: World, tmp_path: Path) -> None:
    everything = [kept.root / "shares.txt"]
    for folder in (kept.home, kept.keys, kept.secrets):
        everything += [folder, *folder.rglob("*")]
    assert len(everything) > 10
    assert not [path for path in everything if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_a_case_whose_shares_cannot_be_written_is_not_begun(tmp_path: Path) -> None:
    world = World(tmp_path)
    (tmp_path / "shares.txt").write_text("something else")
    ran = world.init("--json")
    assert ran.status == 5
    assert (tmp_path / "shares.txt").read_text() == "something else"
    (tmp_path / "shares.txt").unlink()
    assert world.init("--json").status == 0
    assert (tmp_path / "shares.txt").read_text()
