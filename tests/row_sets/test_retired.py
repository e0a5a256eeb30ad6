"""Tables retired, then one customer destroyed: his rows are gone from every byte, everybody else's live on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kedang.accession.contents import BytesContent
from kedang.extraction.limits import Limits
from kedang.extraction.sheet_rows import rows_of
from kedang.records.content import Family, Format
from kedang.records.ids import CaseId
from tests.destruction import thief
from tests.destruction.ordering import destroyed, opened, planned, refused, require_whole, total
from tests.row_sets.company import BO, CHEN, LIN, MARKER, csv_lines, workbook, write_tables
from tests.sharing import made_once
from tests.world import PASSPHRASE, World, files_below

XLSX = Format("application/x", Family.SHEET, "xlsx")
NAMES = ("客户台账.xlsx", "客户名单.csv", "客户资料.db")


@dataclass(frozen=True, slots=True)
class Retired:
    """An archive whose tables live in row sets, before and after one of its customers was destroyed."""

    before: World
    after: World
    copies: Path
    """The registered copy as it was at four times: early (no row sets), made, retired, last."""
    records: dict[str, str]


def cells(octets: bytes) -> Any:
    content = BytesContent(octets)
    return [(sheet, list(rows)) for sheet, rows in rows_of(content, XLSX, limits=Limits()).tables()]


def backed_up(world: World, then: Path) -> None:
    assert world.run("backup", "--json").status == 0
    shutil.copytree(world.root.parent / "copy", then / "copy")
    shutil.copytree(world.home, then / "home")
    shutil.copytree(world.keys, then / "keys")


@pytest.fixture(scope="module")
def retired(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> Retired:
    """Three tables taken in, split, confirmed and retired; then 薄青山 destroyed."""

    def made(folder: Path) -> Retired:
        world = opened_case.copied(folder / "world")
        write_tables(folder / "desk")
        world.intake(folder / "desk")
        assert world.run("copies", "add", folder / "copy").status == 0
        backed_up(world, folder / "early")
        assert len(world.ask("rows", "make")["made"]) == 3
        found = {one["occurrences"]: one["record_id"] for one in world.catalogue()}
        for name in NAMES:
            world.ask("rows", "confirm", found[name])
        backed_up(world, folder / "made")
        outcome = destroyed(world, *(word for name in NAMES for word in ("--retire", found[name])))
        assert sorted(outcome["retired"]) == sorted(found.values())
        backed_up(world, folder / "retired")
        before = world.copied(folder / "before")
        plan = planned(world, "--customer", "2")
        assert {one["record_id"] for one in plan["row_sets"]} == set(found.values())
        assert all(one["retired"] for one in plan["row_sets"])
        outcome = destroyed(world, "--customer", "2")
        assert (outcome["row_sets"], outcome["restricted"]) == (4, 0)
        shutil.copytree(folder / "copy", folder / "last")  # others may write into the registered one
        return Retired(before, world, folder, found)

    return made_once(tmp_path_factory, "retired-tables", made)


def test_a_retired_table_opens_as_a_file_rebuilt_from_its_rows_and_says_so(retired: Retired) -> None:
    world, records = retired.before, retired.records
    ran = opened(world, records["客户台账.xlsx"])
    assert cells(ran.out) == cells(workbook())
    assert "由行集还原" in ran.said
    assert opened(world, records["客户名单.csv"]).out == "".join(csv_lines()).encode("gb18030")
    assert opened(world, records["客户资料.db"]).out.startswith(b"PK")
    shown = world.ask("show", records["客户名单.csv"])
    assert (shown["title"], shown["state"]) == ("客户名单", "archived")
    assert total(world, MARKER) == 0


def test_rows_of_one_customer_are_shown_and_handed_over_alone(retired: Retired, tmp_path: Path) -> None:
    world = retired.before
    parts = world.ask("rows", "of", "2")
    assert len(parts) == 4
    assert all(len(one["rows"]) == 1 and BO[0] in one["rows"][0] for one in parts)
    for name in ("rows.xlsx", "rows.csv"):
        out = tmp_path / name
        assert world.run("rows", "of", "2", "--out", out).status == 0
        octets = out.read_bytes()
        text = repr(cells(octets)) if out.suffix == ".xlsx" else octets.decode("utf-8-sig")
        assert text.count(MARKER) == 4
        assert LIN[0] not in text
    assert world.run("rows", "of", "2", "--out", tmp_path / "rows.pdf").status == 2


def test_his_rows_are_gone_and_the_others_stand_where_they_were(retired: Retired) -> None:
    world, records = retired.after, retired.records
    whole = "".join(csv_lines()).encode("gb18030")
    row = f'{BO[0]},{BO[1]},{BO[2]},"{BO[5]}"\r\n'.encode("gb18030")
    assert opened(world, records["客户名单.csv"]).out == whole.replace(row, b"")
    left = cells(opened(world, records["客户台账.xlsx"]).out)
    expected = [
        (sheet, [(number, one) for number, one in rows if BO[0] not in one])
        for sheet, rows in cells(workbook())
    ]
    assert left == expected
    assert BO[0] not in repr(cells(opened(world, records["客户资料.db"]).out))
    require_whole(world)


def opened_by_thief(retired: Retired, sheets: list[Path]) -> bytes:
    """Everything that opens to somebody who has all bytes, all secrets and these sheets."""
    world, kept = retired.after, [retired.copies / one for one in ("early", "made", "retired")]
    vaults = [world.home / "vault", retired.copies / "last"]
    vaults += [then / "copy" for then in kept] + [then / "home" / "vault" for then in kept]
    shares = [line for line in (world.root / "shares.txt").read_text().splitlines() if len(line.split()) > 20]
    secret = next(world.secrets.glob("*.secret"))
    unlocked = list(thief.unlocked_with(sheets, passphrase=PASSPHRASE, secret=secret, shares=shares[:2]))
    keys = thief.keys_in(vaults, unlocked)
    return b"\n".join(thief.contents_in(vaults, CaseId(world.sheet().stem), keys))


def test_who_kept_every_byte_but_old_sheets_opens_no_row_of_his(retired: Retired) -> None:
    found = opened_by_thief(retired, [retired.after.sheet()])
    assert CHEN[5].encode() in found
    assert CHEN[5].encode("gb18030") in found
    for codec in ("utf-8", "gb18030"):
        assert MARKER.encode(codec) not in found
        assert BO[0].encode(codec) not in found
    old = next((retired.copies / "made" / "keys").glob("*.keysheet"))
    assert MARKER.encode() in opened_by_thief(retired, [old])


def test_no_byte_has_a_row_in_clear(retired: Retired) -> None:
    for path in files_below(retired.after.home, retired.before.home, retired.copies / "last"):
        octets = path.read_bytes()
        for codec in ("utf-8", "gb18030"):
            assert MARKER.encode(codec) not in octets, path
            assert CHEN[5].encode(codec) not in octets, path


@pytest.mark.parametrize("then", ["early", "made", "retired"])
def test_backups_of_any_age_give_the_other_rows_back(retired: Retired, tmp_path: Path, then: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(retired.copies / "last", copy)
    shutil.rmtree(copy / "snapshots")
    shutil.copytree(retired.copies / then / "copy" / "snapshots", copy / "snapshots")
    world = retired.after.copied(tmp_path / "world")
    world.lose_home()
    restored = world.run("restore", copy, "--json")
    assert restored.status == 0, restored.text + restored.said
    for name in NAMES:
        record = retired.records[name]
        assert opened(world, record).out == opened(retired.after, record).out, name
    assert len(world.ask("rows", "of", "1")) == 4
    verified = world.run("verify", "--deep", "--json")
    assert verified.json["faults"] == [], verified.text


def test_keys_of_row_sets_go_on_when_everything_is_sealed_anew(retired: Retired, tmp_path: Path) -> None:
    world = retired.before.copied(tmp_path / "world")
    ran = world.run("rotate", "--reseal", "--yes", "--json")
    assert ran.status in (0, 1), ran.text + ran.said
    require_whole(world)
    assert len(world.ask("rows", "of", "2")) == 4


def test_a_table_is_retired_once_and_only_when_a_person_has_confirmed(retired: Retired) -> None:
    world, record = retired.before, retired.records["客户台账.xlsx"]
    assert refused(world, "--retire", record) == "KD-H185"
    assert refused(world, "--rows", f"{record}:1") == "KD-H185"
    for verb in ("make", "check", "confirm"):
        assert world.run("rows", verb, record, "--json").json["error"] == "KD-H185"
