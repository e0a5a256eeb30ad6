"""Backups into a bucket of a real S3 server, with faults on the way."""

from __future__ import annotations

import pytest

from tests.acceptance.markers import traces_in
from tests.breaking import Break
from tests.copies.kept import Bucketed, no_half_object, same_as_home
from tests.s3 import CREDENTIALS
from tests.world import World


def test_a_bucket_is_registered_backed_up_and_drilled_without_credentials_at_hand(bucketed: Bucketed) -> None:
    world = bucketed.world
    (result,) = world.ask("backup")["copies"]
    assert result["complete"]
    assert same_as_home(world, bucketed.objects())
    assert world.run("drill").status == 0
    (again,) = world.ask("backup", "--verify")["copies"]
    assert (again["verified"], again["mended"]) == (True, 0)


def test_credentials_stand_nowhere_in_clear(bucketed: Bucketed) -> None:
    world = bucketed.world
    ran = world.run("backup", "--json")
    said = ran.out + ran.err + world.run("copies", "list", "--json").out
    database = b"".join(path.read_bytes() for path in world.home.glob("kedang.sqlite3*"))
    for secret in (CREDENTIALS.secret_access_key, CREDENTIALS.access_key_id):
        assert secret.encode() not in said + database


FAULTS = {
    "one answer 500": [("PUT", "/packs/", Break.REFUSED_500, 1)],
    "done, but answered 500": [("PUT", "/packs/", Break.DONE_BUT_500, 1)],
    "answer lost": [("PUT", "/snapshots/", Break.ANSWER_LOST, 1)],
    "torn upload": [("PUT", "/packs/", Break.REQUEST_TORN, 1)],
    "torn uploads of every kind": [("PUT", "", Break.REQUEST_TORN, 4)],
    "wrong bytes on the way there": [("PUT", "/packs/", Break.REQUEST_FLIPPED, 1)],
    "wrong bytes on the way back": [("GET", "/packs/", Break.ANSWER_FLIPPED, 1)],
    "stored twice": [("PUT", "/ring/", Break.TWICE, 2)],
    "said to be stored": [("PUT", "/packs/", Break.PRETENDED_200, 3)],
    "cut in the middle of reading": [("GET", "/packs/", Break.ANSWER_TORN, 2)],
    "no room": [("PUT", "/packs/", Break.FULL_507, 12)],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_the_way_never_leaves_a_half_object_counted_as_done(
    bucketed: Bucketed, fault: str
) -> None:
    world = bucketed.world
    for method, path, how, times in FAULTS[fault]:
        bucketed.proxy.will(method, how, path=path, times=times)
    (result,) = world.run("backup", "--json").json["copies"]
    assert no_half_object(world, bucketed.objects())
    if result["complete"]:
        assert same_as_home(world, bucketed.objects())
    bucketed.proxy.breaks.clear()
    (after,) = world.ask("backup")["copies"]
    assert after["complete"]
    assert same_as_home(world, bucketed.objects())


def test_a_full_bucket_is_said_by_its_own_code_and_stops_no_other_copy(bucketed: Bucketed) -> None:
    world = bucketed.world
    world.ask("copies", "add", world.root / "copy")
    bucketed.proxy.will("PUT", Break.FULL_507, path="/packs/", times=1000)
    ran = world.run("backup", "--json")
    assert ran.status == 1
    assert {one["number"]: one["code"] for one in ran.json["copies"]} == {1: "KD-V203", 2: ""}


def test_a_server_that_is_away_is_said_and_forgotten_when_it_is_back(bucketed: Bucketed) -> None:
    world = bucketed.world
    bucketed.proxy.will("GET", Break.REFUSED_500, times=1000)
    ran = world.run("backup", "--json")
    assert (ran.status, ran.json["copies"][0]["code"]) == (5, "KD-V204")
    bucketed.proxy.breaks.clear()
    assert world.ask("backup")["copies"][0]["complete"]
    assert world.ask("copies", "list")[0]["last_code"] == ""


def test_the_server_sees_ids_and_sizes_only(bucketed: Bucketed, archive: World) -> None:
    archive.ask("backup")
    paths = {path.partition("?")[0] for _, path in bucketed.proxy.seen}
    assert all(
        set(path.rpartition("/")[2]) <= set("0123456789abcdef") for path in paths if path.count("/") > 3
    )
    for name, stored in bucketed.objects().items():
        assert traces_in(name, stored) == []
        assert "服务合同".encode() not in stored
