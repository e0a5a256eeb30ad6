"""A serving process that was held up while another process changed the keys: nothing is done under the old ones, nothing is lost."""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser, Page

from tests.destruction import driver
from tests.web.conftest import PEOPLE, Served, enrol, serving, signed_in
from tests.web.keeping_world import carried_out, send
from tests.world import World, descendants

DOOMED, KEPT = "玄武湖盘点结果甲", "莫愁湖盘点结果乙"
AT_ONCE = 16  # requests; two for each thread of the door
LOCKED_SECONDS = 30.0
LOOKED_SECONDS = 2.5  # the keyring looks every two seconds


@dataclass(frozen=True, slots=True)
class Asleep:
    """A door, and the record that dies while it sleeps beside the one that lives."""

    door: Served
    doomed: str
    kept: str


@pytest.fixture(scope="module")
def two(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, str]]:
    """A case of two texts, and somebody who may sign in. Copied, not used."""
    folder = tmp_path_factory.mktemp("old epoch")
    world = replace(opened_case.copied(folder / "world"), environment={"KEDANG_SCHEDULE_SECONDS": "0"})
    desk = folder / "desk"
    desk.mkdir()
    for words in (DOOMED, KEPT):
        (desk / f"{words[:3]}.txt").write_text(f"仓库说明：{words}，数目相符。", encoding="utf-8")
    world.intake(desk)
    enrol(world, PEOPLE[:1])
    return world, {words: world.ask("search", words)["hits"][0]["record_id"] for words in (DOOMED, KEPT)}


@pytest.fixture
def holding(two: tuple[World, dict[str, str]], tmp_path: Path) -> Iterator[Asleep]:
    """Such a case of this test alone, with a copy, served."""
    world = two[0].copied(tmp_path / "world")
    for command in (("copies", "add", world.root / "copy"), ("backup",)):
        assert world.run(*command).status == 0
    with serving(world, {}) as door:
        yield Asleep(door, two[1][DOOMED], two[1][KEPT])


@contextmanager
def asleep(door: Served) -> Iterator[None]:
    """The whole serving process stands still, longer than its leases last: they are ended for it."""
    processes = (door.process.pid, *descendants(door.process.pid))
    time.sleep(0.5)  # whatever it wrote last has been written
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        door.world.change("UPDATE holdings_keyholder SET lease_until = '2000-01-01 00:00:00'")
        yield
        time.sleep(LOOKED_SECONDS)  # whoever let a lease of a minute end has not looked for longer than this
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def texts(page: Page, door: Served, record: str) -> list[tuple[int, str]]:
    """What many requests at once are answered, from every thread of the door."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    address = door.page(f"records/{record}/?view=text")

    def asked(_number: int) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(address, headers={"Cookie": cookies})
            ) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    with ThreadPoolExecutor(AT_ONCE) as many:
        return list(many.map(asked, range(AT_ONCE)))


def destroy(world: World, record: str) -> None:
    """The destruction of one record, in a process of its own."""
    program = (sys.executable, str(Path(driver.__file__)))
    ran = world.run(world.root / "copy", "-", "-", record, program=program)
    assert ran.status == 0, ran.said


def test_nothing_destroyed_is_told_and_work_goes_on_under_the_new_epoch(
    holding: Asleep, browser: Browser
) -> None:
    door, world = holding.door, holding.door.world
    with signed_in(browser, door, "lin") as page:
        assert all(
            DOOMED in text for _, text in texts(page, door, holding.doomed)
        )  # every thread holds its key
        assert all(KEPT in text for _, text in texts(page, door, holding.kept))
        with asleep(door):
            destroy(world, holding.doomed)
        told = texts(page, door, holding.doomed)
        assert not [status for status, text in told if DOOMED in text]
        assert [(status, KEPT in text) for status, text in texts(page, door, holding.kept)] == [
            (200, True)
        ] * AT_ONCE
        new = "第三个口令 很长 2026"
        assert send(page, door, "keeping/keys/passphrase/", new=new, repeated=new).status == 302
        assert "完成" in carried_out(page, door, "keeping/backup/")
        epochs = world.rows("select distinct epoch from holdings_keyholder")
        assert epochs == world.rows("select epoch from holdings_case") == [(2,)]
    opened = replace(world, environment={"KEDANG_PASSPHRASE": new})
    assert opened.ask("search", KEPT)["total"] == 1
    assert opened.ask("search", DOOMED)["total"] == 0
    assert opened.ask("verify", "--deep")["clean"]


def test_a_door_whose_own_way_of_opening_was_taken_away_is_locked_and_opens_by_another(
    holding: Asleep, browser: Browser
) -> None:
    door, world = holding.door, holding.door.world
    lines = (world.root / "shares.txt").read_text("utf-8").splitlines()
    passphrase = [line.strip() for line in lines if line.strip()][-1]
    with signed_in(browser, door, "lin") as page:
        assert all(KEPT in text for _, text in texts(page, door, holding.kept))
        with asleep(door):
            person = replace(world, environment={"KEDANG_PASSPHRASE": passphrase})
            removed = person.run("keys", "remove", "unattended")
            assert removed.status == 0, removed.said
        assert not [status for status, text in texts(page, door, holding.kept) if KEPT in text]
        until = time.monotonic() + LOCKED_SECONDS
        while "/locked/" not in page.url and time.monotonic() < until:
            page.goto(door.page("keeping/"), wait_until="commit")
        page.fill("#passphrase", passphrase)
        page.click("form:has(#passphrase) button")
        page.wait_for_url(lambda address: "/locked/" not in address)
        assert [(status, KEPT in text) for status, text in texts(page, door, holding.kept)] == [
            (200, True)
        ] * AT_ONCE
    assert person.ask("verify", "--deep")["clean"]
