"""A first snapshot is made by several processes: the same as by one, of one instant, whoever of them dies."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.copies.blocks import snapshots_of
from tests.copies.conftest import MANY
from tests.copies.kept import held_at_home, objects_of
from tests.world import Ran, World

SCRIPT = """
import json, os, signal, sys, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from datetime import UTC, datetime
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions import snapshot_shares
from kedang.holdings.actions.progress import Silent
from kedang.holdings.actions.snapshotting import kept_here, take_snapshot
from kedang.holdings.models import Record

how, said, classes = sys.argv[1], {"stages": []}, Record.objects.values_list("record_class", flat=True)
snapshot_shares.usual_processes = lambda: 2
snapshot_shares.MANY_RECORDS = 10**9 if how == "alone" else 10

class Telling(Silent):
    def stage(self, name, total):
        said["stages"].append(name)

def children():
    with open(f"/proc/self/task/{os.getpid()}/children") as listed:
        return [int(one) for one in listed.read().split()]

def begun():
    said["children"] = children()
    if how == "changed":
        Record.objects.update(record_class="changed")
    elif how == "one dies":
        time.sleep(0.3)  # it has begun, and waits until somebody reads
        os.kill(said["children"][0], signal.SIGKILL)
    elif how == "all end":
        print(json.dumps(said), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

def contents(archive, row):
    read = [line for line in kept_here(archive, row).reader() if line[0] != "snapshot"]
    pages = {values["id"]: values["key_page"] for _, values in read if "key_page" in values}
    for table, values in read:
        told = dict(values)
        if table == "marks" and told["sealed"]:
            key = archive.key(pages[told["holder"]], told["holder"])
            told["sealed"] = archive.open(key, told["holder"], "snapshot.marks", told["sealed"])
        yield table, json.dumps(told, default=str, sort_keys=True)

with new_context().changing("copies") as archive:
    row = take_snapshot(
        archive, clock=lambda: datetime.now(UTC), progress=Telling(), fresh=True, begun=begun
    )
    said["contents"] = sorted(contents(archive, row))
    said["left"] = children()
    said["now"] = sorted(set(classes))
print(json.dumps(said))
"""


FAILING = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from datetime import UTC, datetime
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions import block_writing
from kedang.holdings.actions.backing_up import back_up
from kedang.holdings.actions.progress import Silent
from kedang.holdings.adapters.copies import open_copies
from kedang.holdings.models import Snapshot

block_writing.FIRST_BYTES = block_writing.OBJECT_BYTES = 1
Snapshot.objects.update(dropped=datetime.now(UTC))  # no block is known
with new_context().changing("copies") as archive:
    own = [one for one in open_copies(archive) if one.name == "own"]
    back_up(archive, own, clock=lambda: datetime.now(UTC), progress=Silent())
"""


def ran(world: World, how: str) -> Ran:
    """A snapshot whose rows are all new; `how` says what happens when the processes have begun."""
    return world.run("-c", SCRIPT, how, program=(sys.executable,))


def said(world: World, how: str) -> dict[str, Any]:
    """What came of it."""
    done = ran(world, how)
    assert done.status == 0, done.said
    found: dict[str, Any] = json.loads(done.text)
    return found


@pytest.fixture
def world(grown: World, tmp_path: Path) -> World:
    """An archive of many records, with a folder of this test alone to copy it to."""
    world = grown.copied(tmp_path / "world")
    world.ask("copies", "add", world.root / "own", "--name", "own")
    return world


def test_several_processes_make_what_one_makes(world: World) -> None:
    alone, together = said(world, "alone"), said(world, "together")
    assert (alone["children"], len(together["children"])) == ([], 2)
    assert together["contents"] == alone["contents"]
    tables = [table for table, _ in together["contents"]]
    assert tables.count("record") == MANY + 1
    assert tables.count("marks") > MANY + 1
    assert together["stages"] == ["snapshot"]
    assert together["left"] == [], "no process is left behind"


def test_all_processes_read_what_was_there_when_they_began(world: World) -> None:
    before, meanwhile = said(world, "alone"), said(world, "changed")
    assert meanwhile["now"] == ["changed"], "others write while it is taken"
    assert meanwhile["contents"] == before["contents"]
    assert said(world, "together")["contents"] != before["contents"]


def test_when_one_process_dies_no_row_is_missing(world: World) -> None:
    alone, mended = said(world, "alone"), said(world, "one dies")
    assert mended["stages"] == ["snapshot", "snapshot"], "begun anew by the one that waited"
    assert mended["contents"] == alone["contents"]
    assert mended["left"] == []
    assert world.ask("backup", "own")["copies"][0]["complete"]
    newest = max(snapshots_of(world, world.root / "own").values(), key=lambda one: one.taken)
    at_home = {name for name in held_at_home(world) if name.startswith("blocks/")}
    assert at_home == {f"blocks/{one}" for one in newest.objects}, "what it had written is gone"


def test_a_row_that_cannot_be_written_ends_it_as_it_would_by_one_process(world: World) -> None:
    beyond = "UPDATE holdings_record SET padded_bytes = ? WHERE id IN (SELECT max(id) FROM holdings_record)"
    world.change(beyond, 2**53)  # no snapshot holds that
    ends = {how: ran(world, how) for how in ("alone", "together")}
    assert {end.status for end in ends.values()} == {1}
    last = {how: end.said.strip().splitlines()[-1] for how, end in ends.items()}
    assert last["together"] == last["alone"]
    assert "ValueError" in last["alone"]


def test_when_all_are_killed_nothing_goes_on_and_the_next_backup_does(world: World) -> None:
    before = held_at_home(world)
    died = ran(world, "all end")
    children = json.loads(died.text)["children"]
    assert len(children) == 2
    until = time.monotonic() + 20
    while any(_runs(child) for child in children):
        assert time.monotonic() < until, "what was forked ends when nobody reads any more"
        time.sleep(0.05)
    assert {name for name in held_at_home(world) if name.startswith("snapshots/")} <= before.keys()
    assert said(world, "together")["contents"]
    assert world.ask("backup", "own")["copies"][0]["complete"]
    assert world.ask("verify", "--deep")["clean"]
    assert world.run("drill", "own").status == 0


def test_blocks_that_no_snapshot_refers_to_leave_the_copy_at_once(world: World) -> None:
    before = set(held_at_home(world))
    newest = "SELECT id FROM holdings_record ORDER BY first_order DESC LIMIT 1"
    ((last,),) = world.rows(newest)
    world.change(
        "UPDATE holdings_record SET padded_bytes = ? WHERE id = ?", 2**53, last
    )  # too much for a snapshot
    failed = world.run("-c", FAILING, program=(sys.executable,))
    assert failed.status == 1
    assert "ValueError" in failed.said.strip().splitlines()[-1], failed.said
    assert {name for name in set(held_at_home(world)) - before if name.startswith("blocks/")}, (
        "some were laid"
    )
    copied = objects_of(world.root / "own")
    assert any(name.startswith("packs/") for name in copied), "what does not depend on it went on"
    assert not any(name.startswith("blocks/") for name in copied)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"
