"""Where the key sheet lies: every change reaches every place that is there, and what is not there is said."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest

from tests.keys.conftest import MARKED, assert_whole
from tests.world import World

FINDINGS, REFUSED = 1, 3


@pytest.fixture
def sticked(keyed: World) -> World:
    """An archive with a stick as second place, named in the surroundings."""
    stick = keyed.root / "stick"
    stick.mkdir()
    added = keyed.ask("keys", "places", "add", stick / "keys", "--kind", "stick")
    assert (added["number"], added["kind"], added["leaves_remains"]) == (2, "stick", True)
    named = f"{keyed.keys}:{stick / 'keys'}"
    return replace(keyed, environment={"KEDANG_KEYS": named})


def standings(world: World) -> list[str]:
    """How the places stand, in order."""
    return [place["standing"] for place in world.run("keys", "--json").json["places"]]


def test_a_new_place_holds_sheet_head_and_mark_and_opens_the_case(sticked: World) -> None:
    kinds = sorted(path.suffix for path in (sticked.root / "stick" / "keys").iterdir())
    assert kinds == [".head", ".keysheet", ".place"]
    sticked.sheet().unlink()
    assert_whole(sticked)
    assert standings(sticked)[0] == "empty"
    assert sticked.run("keys", "places", "refresh").status == 0
    assert sticked.sheet().read_bytes() == sheet_of(sticked.root / "stick" / "keys")


def sheet_of(place: Path) -> bytes:
    """The sheet of a place."""
    return next(place.glob("*.keysheet")).read_bytes()


def test_a_place_that_was_away_is_named_until_it_is_refreshed_and_confirmed(sticked: World) -> None:
    stick, away = sticked.root / "stick", sticked.root / "in a drawer"
    stick.rename(away)
    stick.mkdir()  # the empty mount point
    rotated = sticked.run("rotate", "--json")
    assert rotated.status == FINDINGS
    assert len(rotated.json["places_missed"]) == 1
    assert list(stick.iterdir()) == []  # nothing was written beside the stick
    status = sticked.run("keys", "--json").json
    assert status["outstanding"]
    assert "confirm" in status["next_steps"]
    unreached = sticked.run("keys", "places", "confirm", "2", "--json")
    assert (unreached.status, unreached.json["error"]) == (REFUSED, "KD-H164")
    stick.rmdir()
    away.rename(stick)
    assert standings(sticked)[1] == "behind"
    assert_whole(sticked)  # the older sheet beside the newer one does not matter
    assert sticked.run("keys", "places", "refresh").status == 0
    assert standings(sticked)[1] == "outstanding"
    assert sticked.run("keys", "places", "confirm", "2").status == 0
    assert standings(sticked)[1] == "current"
    assert sheet_of(stick / "keys") == sheet_of(sticked.keys)


def test_a_place_is_known_by_its_mark_also_when_the_surroundings_do_not_name_it(sticked: World) -> None:
    unnamed = replace(sticked, environment={})
    assert unnamed.run("rotate", "--json").json["places_missed"] == []
    assert sheet_of(sticked.root / "stick" / "keys") == sheet_of(sticked.keys)


def test_a_copy_of_an_archive_does_not_write_to_the_places_of_its_original(keyed: World) -> None:
    before = keyed.sheet().read_bytes()
    assert keyed.copied(keyed.root.with_name("copy")).run("rotate").status == 0
    assert keyed.sheet().read_bytes() == before


@pytest.mark.parametrize(
    ("folder", "code"),
    [("Dropbox/keys", "KD-V802"), ("坚果云/保险/keys", "KD-V802"), ("/dev/shm", "KD-V803")],
)
def test_a_place_where_an_old_sheet_would_live_on_is_refused(keyed: World, folder: str, code: str) -> None:
    place = Path(folder) if folder.startswith("/") else keyed.root / folder
    if folder.startswith("/") and not place.is_dir():
        pytest.skip("no memory file system here")
    refused = keyed.run("keys", "places", "add", place, "--json")
    assert (refused.status, refused.json["error"]) == (REFUSED, code)
    assert len(standings(keyed)) == 1


def test_a_place_in_the_home_or_beside_the_secret_is_refused(keyed: World) -> None:
    inside = keyed.run("keys", "places", "add", keyed.home / "keys", "--json")
    assert inside.json["error"] == "KD-H114"
    beside = keyed.run("keys", "places", "add", keyed.secrets / "keys", "--json")
    assert beside.json["error"] == "KD-H117"


def test_a_case_is_not_begun_in_a_synced_folder(tmp_path: Path) -> None:
    world = World(tmp_path, environment={"KEDANG_KEYS": str(tmp_path / "OneDrive" / "keys")})
    refused = world.init("--json")
    assert (refused.status, refused.json["error"]) == (REFUSED, "KD-V802")
    assert not (tmp_path / "OneDrive").exists()


def test_a_place_given_up_holds_no_sheet_and_the_last_one_stays(sticked: World) -> None:
    assert sticked.ask("keys", "places", "remove", "2")["emptied"]
    assert list((sticked.root / "stick" / "keys").iterdir()) == []
    last = sticked.run("keys", "places", "remove", "1", "--json")
    assert (last.status, last.json["error"]) == (3, "KD-H165")
    unknown = sticked.run("keys", "places", "remove", "9", "--json")
    assert (unknown.status, unknown.json["error"]) == (2, "KD-H161")
    assert_whole(sticked)


def test_a_lost_place_stays_outstanding_until_a_person_confirms(sticked: World) -> None:
    (sticked.root / "stick").rename(sticked.root / "lost")
    removed = sticked.run("keys", "places", "remove", "2", "--json")
    assert (removed.status, removed.json["emptied"]) == (FINDINGS, False)
    assert sticked.run("rotate").status == 0
    lost = sticked.run("keys", "--json").json["outstanding"]
    assert len(lost) == 2  # the lost stick, and the disk that may keep remains
    assert sticked.run("keys", "places", "confirm", "2").status == 0
    assert len(sticked.run("keys", "--json").json["outstanding"]) == 1


def test_a_sheet_that_somebody_copied_by_hand_is_seen_and_refreshed(keyed: World) -> None:
    other = keyed.root / "other"
    other.mkdir()
    (other / keyed.sheet().name).write_bytes(keyed.sheet().read_bytes())
    world = replace(keyed, environment={"KEDANG_KEYS": f"{keyed.keys}:{other}"})
    assert standings(world) == ["current", "unregistered"]
    assert world.run("rotate").status == 0
    assert sheet_of(other) == sheet_of(keyed.keys)
    assert world.run("keys", "places", "add", other).status == 0
    assert "unregistered" not in standings(world)


def test_an_edited_row_of_a_place_is_noticed(sticked: World) -> None:
    sticked.change("UPDATE holdings_keyplace SET confirmed_serial = 99 WHERE ordinal = 2")
    refused = sticked.run("keys", "--json")
    assert (refused.status, refused.json["error"]) == (4, "KD-V104")


def test_two_key_ceremonies_at_once_are_refused_and_searching_goes_on(keyed: World) -> None:
    with (keyed.home / "lock-keys").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused = keyed.run("rotate", "--json")
        assert (refused.status, refused.json["error"]) == (REFUSED, "KD-H104")
        assert keyed.ask("search", f'"{MARKED}"')["total"] == 3
    assert keyed.run("rotate").status == 0
