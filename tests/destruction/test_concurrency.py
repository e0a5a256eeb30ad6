"""Intake, search and two destructions at the same time, each in a process of its own: nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.destruction import driver, searching, stale
from tests.destruction.ordering import with_copy
from tests.sharing import made_once
from tests.world import COMMAND_SECONDS, World, kill_all

FIRST, SECOND, KEPT, NEW = "黄河路七号的甲方", "淮河路八号的丙方", "长江路九号的乙方", "珠江路十号的丁方"
OF_EACH, ARRIVING = 3, 300


def write_texts(folder: Path, party: str, count: int) -> None:
    """So many contracts with this party."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        text = f"服务合同 第{number}号 {party} 签订于2023年{number % 12 + 1}月{number % 28 + 1}日"
        (folder / f"{party}{number}.txt").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> World:
    """An archive of nine texts, with a copy. Copied, not used."""

    def made(folder: Path) -> World:
        world = with_copy(opened_case.copied(folder))
        for party in (FIRST, SECOND, KEPT):
            write_texts(folder / "desk", party, OF_EACH)
        world.intake(folder / "desk")
        return world

    return made_once(tmp_path_factory, "filled-for-concurrency", made)


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """The process, which is not left behind."""
    try:
        yield process
    finally:
        if process.poll() is None:
            kill_all(process.pid)
        process.wait()


def ended(process: subprocess.Popen[bytes]) -> bytes:
    """What a process that must end well printed."""
    out, err = process.communicate(timeout=COMMAND_SECONDS)
    assert process.returncode == 0, err.decode()
    return out


def named(world: World, party: str) -> list[str]:
    """The records that hold a party."""
    return [hit["record_id"] for hit in world.ask("search", f'"{party}"', "--limit", "500")["hits"]]


def destroy(world: World, records: list[str]) -> None:
    """One destruction, from the list to its outcome, in a process of its own."""
    program = (sys.executable, str(Path(driver.__file__)))
    ran = world.run(world.root / "copy", "-", "-", *records, program=program)
    assert ran.status == 0, ran.said


def wait_for_accession(world: World, intake: subprocess.Popen[bytes]) -> None:
    """Until the intake beside this has begun to receive: the keys are to change while it does."""
    while len(world.rows("SELECT id FROM holdings_accession")) < 2:
        assert intake.poll() is None
        time.sleep(0.05)


def test_intake_search_and_destructions_run_at_the_same_time_and_lose_nothing(
    filled: World, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    doomed = [named(world, FIRST), named(world, SECOND)]
    write_texts(world.root / "arriving", NEW, ARRIVING)
    stop = world.root / "stop"
    searching_program = (sys.executable, str(Path(searching.__file__)))
    taking = ("intake", str(world.root / "arriving"), "--no-name-model", "--workers", "1", "--json")
    with (
        running(world.start(stop, FIRST, KEPT, program=searching_program)) as search,
        running(world.start(*taking)) as intake,
    ):
        wait_for_accession(world, intake)
        for records in doomed:
            destroy(world, records)
        ended(intake)
        stop.touch()
        said = json.loads(ended(search))
    assert said["errors"] == {}
    assert set(said["found"][FIRST]) <= {str(OF_EACH), "0"}  # all of them, then none
    assert set(said["found"][KEPT]) == {str(OF_EACH)}
    balance = world.ask("status")["balance"]
    assert (balance["received"], balance["kept"]) == (3 * OF_EACH + ARRIVING, 3 * OF_EACH + ARRIVING)
    assert world.ask("verify", "--deep")["faults"] == []
    left = {party: len(named(world, party)) for party in (FIRST, SECOND, KEPT, NEW)}
    assert left == {FIRST: 0, SECOND: 0, KEPT: OF_EACH, NEW: ARRIVING}
    dead = world.rows("SELECT id FROM holdings_record WHERE state = 'destroyed'")
    assert {record for (record,) in dead} == {*doomed[0], *doomed[1]}


def test_a_process_that_held_the_old_epoch_opens_nothing_of_the_destroyed_and_works_on_under_the_new(
    filled: World, tmp_path: Path
) -> None:
    world = filled.copied(tmp_path / "world")
    doomed = named(world, FIRST)
    go = world.root / "go"
    with running(world.start(doomed[0], go, program=(sys.executable, str(Path(stale.__file__))))) as old:
        assert old.stdout is not None
        assert FIRST in old.stdout.readline().decode()
        # It does nothing meanwhile; its lease lasts a minute, and nobody waits for it here.
        world.change("UPDATE holdings_keyholder SET lease_until = '2000-01-01 00:00:00'")
        destroy(world, doomed)
        go.touch()
        said = json.loads(ended(old))
    assert said == {"held": 1, "opened": "KD-H127", "hits": 0, "kept": [2, 32]}
