"""After `rotate --reseal` an old key sheet with old key pages opens nothing of the live archive; all else stays."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from kedang.records.errors import KedangError
from kedang.records.ids import CaseId
from kedang.vault.column import ColumnBinding, open_column
from tests.destruction import thief
from tests.destruction.ordering import destroyed, holed, record_named, require_whole, total
from tests.resealing.conftest import BAD, CONTAINERS, DOOMED, GOOD, KEPT, Robbed
from tests.sharing import made_once
from tests.world import PASSPHRASE, World, files_below

SEALED = {
    "record": "record.sealed",
    "occurrence": "occurrence.sealed",
    "customer": "customer.sealed",
    "source": "source.sealed",
    "case": "case.sealed",
    "agent": "agent.sealed",
    "order": "order.sealed",
    "copy": "copy.sealed",
    "keyplace": "key_place.sealed",
}
"""Every table with a sealed column that stays, and what it is bound to."""
KEPT_COLUMNS = "id, reference_code, state, commitment, record_class, retention_until, fingerprint"


@pytest.fixture(scope="module")
def anew(tmp_path_factory: pytest.TempPathFactory, robbed: Robbed) -> World:
    """The archive sealed anew; `kept-copy` is its copy as it was then."""

    def made(folder: Path) -> World:
        world = robbed.world
        told = world.run("rotate", "--reseal", "--json")
        assert (told.status, told.json["not_promised"][0]) == (1, "case-key"), told.said
        done = world.run("rotate", "--reseal", "--yes", "--json")
        assert done.status == 0, done.said + done.text
        assert done.json["packs_removed"] > 0
        assert list(done.json["old_packs"].values()) == [done.json["packs_removed"]]
        shutil.copytree(world.root / "copy", world.root / "kept-copy")
        return world

    return made_once(tmp_path_factory, "sealed-anew", made)


def keys_of_thief(robbed: Robbed, world: World) -> dict[str, set[bytes]]:
    """Every key that opens to somebody with the sheet of that day, every secret, and every page that ever was."""
    shares = [line for line in (world.root / "shares.txt").read_text().splitlines() if len(line.split()) > 20]
    sheet = next((robbed.loot / "keys").glob("*.keysheet"))
    secret = next(world.secrets.glob("*.secret"))
    unlocked = list(thief.unlocked_with([sheet], passphrase=PASSPHRASE, secret=secret, shares=shares[:2]))
    assert unlocked, "the thief has secrets that open the sheet"
    return thief.keys_in([*robbed.vaults, world.home / "vault", world.root / "copy"], unlocked)


def columns_opened(world: World, keys: dict[str, set[bytes]]) -> Iterator[str]:
    """Every sealed cell of the database that one of the keys opens, whichever holder's."""
    case = CaseId(world.sheet().stem)
    every = sorted({key for some in keys.values() for key in some})
    with closing(sqlite3.connect(world.database)) as database:
        for table, column in SEALED.items():
            for row, sealed in database.execute(f"SELECT id, sealed FROM holdings_{table}"):  # noqa: S608
                for key in every if sealed else ():
                    with suppress(KedangError):
                        open_column(key, sealed, binding=ColumnBinding(case, row, column))
                        yield f"{table}/{row}"


def test_the_thief_could_open_everything_before(robbed: Robbed) -> None:
    keys = keys_of_thief(robbed, robbed.before)
    case = CaseId(robbed.before.sheet().stem)
    assert GOOD in set(thief.contents_in([robbed.before.home / "vault"], case, keys))
    opened = {one.partition("/")[0] for one in columns_opened(robbed.before, keys)}
    assert opened == set(SEALED)


def test_who_kept_the_old_sheet_and_every_old_page_opens_nothing_of_the_live_archive(
    robbed: Robbed, anew: World
) -> None:
    keys = keys_of_thief(robbed, anew)
    case = CaseId(anew.sheet().stem)
    assert list(thief.contents_in([anew.home / "vault"], case, keys)) == []
    assert list(columns_opened(anew, keys)) == []
    pages = {path.name for path in files_below(anew.home / "vault" / "ring")}
    assert pages
    assert not pages & {path.name for path in files_below(robbed.loot / "home" / "vault" / "ring")}
    parts = {path.name for path in files_below(anew.home / "index")}
    assert parts
    assert not parts & {path.name for path in files_below(robbed.loot / "home" / "index")}


def test_the_archive_is_whole_and_says_what_it_said(robbed: Robbed, anew: World) -> None:
    require_whole(anew)
    rows = f"SELECT {KEPT_COLUMNS} FROM holdings_record ORDER BY id"  # noqa: S608 - names of our own
    assert anew.rows(rows) == robbed.before.rows(rows)
    for query in (DOOMED, KEPT, "白鹭洲", "沧浪路"):
        assert total(anew, query) == total(robbed.before, query)
    assert total(anew, KEPT) > 0
    assert anew.catalogue() == robbed.before.catalogue()
    assert anew.ask("customers") == robbed.before.ask("customers")


@pytest.mark.parametrize("name", CONTAINERS)
def test_holes_of_earlier_destructions_stay_as_they_are(robbed: Robbed, anew: World, name: str) -> None:
    record = record_named(robbed.before, name)["record_id"]
    left = holed(anew, record)
    assert left == holed(robbed.before, record)
    assert BAD not in left
    assert GOOD in left or name.endswith(".eml")


def test_nothing_of_before_lies_in_the_home(robbed: Robbed, anew: World) -> None:
    packs = {path.name for path in files_below(anew.home / "vault" / "packs")}
    assert packs
    assert not packs & {path.name for path in files_below(robbed.loot / "home" / "vault" / "packs")}
    assert anew.run("verify", "--json").json["unreferenced"] == 0
    assert anew.rows("SELECT count(*) FROM holdings_sealinganew") == [(0,)]
    assert anew.rows("SELECT count(*) FROM holdings_oldpage") == [(0,)]


def test_the_copy_is_restored_and_the_archive_goes_on(anew: World, tmp_path: Path) -> None:
    world = anew.copied(tmp_path / "world")
    world.lose_home()
    back = world.run("restore", world.root / "kept-copy", "--json")
    assert back.status == 0, back.said + back.text
    require_whole(world)
    assert world.catalogue() == anew.catalogue()
    desk = tmp_path / "later"
    desk.mkdir()
    (desk / "后来.txt").write_text("后来的函件", "utf-8")
    world.intake(desk)
    destroyed(world, record_named(world, "后来.txt")["record_id"])


def test_the_next_backup_names_what_old_keys_still_open(anew: World, tmp_path: Path) -> None:
    world = anew.copied(tmp_path / "world")
    done = world.run("backup", "--json")
    assert done.status == 0, done.said + done.text
    assert [one["old_packs"] > 0 for one in done.json["copies"]] == [True]


def test_it_is_done_again_whenever_it_is_wanted(anew: World, tmp_path: Path) -> None:
    world = anew.copied(tmp_path / "world")
    done = world.run("rotate", "--reseal", "--yes", "--json")
    assert done.status == 0, done.said + done.text
    require_whole(world)
