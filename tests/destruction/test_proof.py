"""The proof: no backup, whatever its age, gives back what has been destroyed, and each gives back all else."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kedang.records.ids import CaseId
from tests.copies.blocks import snapshots_in
from tests.destruction import thief
from tests.sharing import made_once
from tests.world import PASSPHRASE, World, files_below

OTHERS = 1000
THEIRS = "闻人拾柒号标记"
FILES = 40


def marker(number: int) -> str:
    """What identifies one planted line of somebody else."""
    return f"旁人标记{number:04d}号"


@dataclass(frozen=True, slots=True)
class Proof:
    """An archive whose one customer was destroyed after three backups; everything that was ever written."""

    world: World
    kept: tuple[Path, ...]
    """For each backup: the copy, the home and the key sheet as they were then."""


def _plant(desk: Path, round_number: int) -> None:
    """Files of one round: the customer's everywhere, everybody else's in the first."""
    desk.mkdir()
    (desk / f"客户{round_number}.txt").write_text(
        f"销售合同\n甲方：{THEIRS}\n第{round_number}批，签订于2023年4月1日", "utf-8"
    )
    if round_number:
        return
    each = OTHERS // FILES
    for number in range(FILES):
        lines = [f"{marker(number * each + line)} 收货 2023年3月{line + 1}日" for line in range(each)]
        (desk / f"旁人{number:02d}.txt").write_text("\n".join(lines), "utf-8")


@pytest.fixture(scope="session")
def proof(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> Proof:
    """Three rounds of intake and backup, then the destruction."""

    def made(folder: Path) -> Proof:
        world = opened_case.copied(folder / "world")
        assert world.run("copies", "add", folder / "copy").status == 0
        kept = []
        for number in range(3):
            desk = folder / f"desk{number}"
            _plant(desk, number)
            world.intake(desk)
            ran = world.run("backup", "--json")
            assert ran.status == 0, ran.text + ran.said
            then = folder / f"kept{number}"
            for name, place in (("copy", folder / "copy"), ("home", world.home), ("keys", world.keys)):
                shutil.copytree(place, then / name)
            kept.append(then)
        records = [hit["record_id"] for hit in world.ask("search", f'"{THEIRS}"')["hits"]]
        assert len(records) == 3
        plan = world.run("destroy", *records, "--json")
        done = world.run("destroy", *records, "--confirm", plan.json["digest"], "--reason", "期满", "--json")
        assert done.status == 0, done.text + done.said
        return Proof(world, tuple(kept))

    return made_once(tmp_path_factory, "proof-of-destruction", made)


def texts_of(world: World) -> str:
    """Everything that the archive tells of its records."""
    return "\n".join(f"{record['title']} {record['text']}" for record in world.catalogue())


@pytest.mark.parametrize("number", range(3))
def test_a_restored_backup_has_all_of_the_others_and_nothing_of_the_destroyed(
    proof: Proof, tmp_path: Path, number: int
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(proof.kept[number] / "copy", copy)
    shutil.rmtree(copy / "ring")
    shutil.copytree(proof.world.root.parent / "copy" / "ring", copy / "ring")
    world = proof.world.copied(tmp_path / "world")
    world.lose_home()
    restored = world.run("restore", copy, "--json")
    assert restored.status == 0, restored.text + restored.said
    assert restored.json["withheld_records"] == number + 1
    told = texts_of(world)
    assert THEIRS not in told
    assert sum(marker(one) in told for one in range(OTHERS)) == OTHERS
    assert world.ask("search", f'"{THEIRS}"')["total"] == 0
    assert world.ask("search", f'"{marker(OTHERS - 1)}"')["total"] == 1
    verified = world.run("verify", "--deep", "--json")
    assert verified.json["faults"] == [], verified.text


def test_a_backup_made_after_the_destruction_is_restored_without_a_finding(
    proof: Proof, tmp_path: Path
) -> None:
    world = proof.world.copied(tmp_path / "world")
    assert world.run("copies", "add", tmp_path / "later").status == 0
    assert world.run("backup", "2", "--json").status == 0
    world.lose_home()
    restored = world.run("restore", tmp_path / "later", "--json")
    assert restored.status == 0, restored.text + restored.said
    assert restored.json["withheld_records"] == 3
    verified = world.run("verify", "--deep", "--json")
    assert verified.json["faults"] == [], verified.text


def vaults_of(proof: Proof) -> list[Path]:
    """Every store that ever held objects."""
    vaults = [proof.world.home / "vault", proof.world.root.parent / "copy"]
    return vaults + [then / name for then in proof.kept for name in ("copy", "home/vault")]


def keys_of_thief(proof: Proof, sheets: list[Path]) -> dict[str, set[bytes]]:
    """Every key that opens to somebody who has all bytes, all secrets and these sheets."""
    world = proof.world
    shares = [line for line in (world.root / "shares.txt").read_text().splitlines() if len(line.split()) > 20]
    unlocked = list(
        thief.unlocked_with(
            sheets, passphrase=PASSPHRASE, secret=next(world.secrets.glob("*.secret")), shares=shares[:2]
        )
    )
    assert unlocked, "the thief has secrets that open the sheet"
    return thief.keys_in(vaults_of(proof), unlocked)


def opened_by_thief(proof: Proof, sheets: list[Path]) -> bytes:
    """Everything in packs that opens to him."""
    case = CaseId(proof.world.sheet().stem)
    return b"\n".join(thief.contents_in(vaults_of(proof), case, keys_of_thief(proof, sheets)))


def rows_of_thief(proof: Proof, sheets: list[Path]) -> list[tuple[str, dict[str, Any]]]:
    """Every row of every snapshot that opens to him, blocks that later ones refer to among them."""
    case, keys = CaseId(proof.world.sheet().stem), keys_of_thief(proof, sheets)
    read = [one for vault in vaults_of(proof) for one in snapshots_in(vault, case, keys).values()]
    assert all(one.blocks for one in read)
    return [row for one in read for row in one.rows]


def test_who_kept_every_byte_but_old_sheets_recovers_nothing_of_the_destroyed(proof: Proof) -> None:
    found = opened_by_thief(proof, [proof.world.sheet()])
    assert marker(7).encode() in found
    assert THEIRS.encode() not in found


def test_no_block_of_any_snapshot_gives_back_what_was_sealed_of_the_destroyed(proof: Proof) -> None:
    """Old snapshots open, and what they have of living records; of destroyed ones nothing that has a key."""
    case, sheets = CaseId(proof.world.sheet().stem), [proof.world.sheet()]
    rows, keys = rows_of_thief(proof, sheets), keys_of_thief(proof, sheets)
    gone = {
        str(one) for (one,) in proof.world.rows("SELECT id FROM holdings_record WHERE state = 'destroyed'")
    }
    theirs = [row for row in rows if gone & {row[1].get("id"), row[1].get("record_id"), row[1].get("holder")}]
    assert {table for table, _ in theirs} >= {"record", "occurrence", "marks"}, (
        "old snapshots have their rows"
    )
    assert list(thief.columns_in(theirs, case, {one: keys[one] for one in gone & keys.keys()})) == []
    found = b"\n".join(thief.columns_in(rows, case, keys))
    assert "旁人07".encode() in found or b"\\u65c1" in found, "names of others open"
    assert "客户1".encode() not in found


def test_who_kept_an_old_sheet_too_opens_what_the_limits_say(proof: Proof) -> None:
    old = next((proof.kept[2] / "keys").glob("*.keysheet"))
    case = CaseId(proof.world.sheet().stem)
    rows = rows_of_thief(proof, [old])
    assert "客户1".encode() in b"\n".join(thief.columns_in(rows, case, keys_of_thief(proof, [old])))


def test_who_kept_an_old_sheet_too_does_as_the_limits_say(proof: Proof) -> None:
    old = next((proof.kept[2] / "keys").glob("*.keysheet"))
    assert THEIRS.encode() in opened_by_thief(proof, [old])


def test_no_byte_of_home_or_copies_has_the_marker_in_clear(proof: Proof) -> None:
    folders = [proof.world.home, proof.world.root.parent / "copy", *proof.kept]
    for path in files_below(*folders):
        assert THEIRS.encode() not in path.read_bytes(), path
