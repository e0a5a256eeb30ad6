"""A web door that is really served, people who sign in, and a real browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.sharing import made_once
from tests.web import enrol as accounts
from tests.world import REPOSITORY, World, kill_all

PASSWORD = "一把很长的钥匙 2026"
DESKS = ("客服部", "桌面")
PEOPLE: list[dict[str, Any]] = [
    {"login": "lin", "name": "林知夏", "grants": [{"role": "owner"}]},
    {"login": "bo", "name": "薄雁秋", "grants": [{"role": "reviewer"}]},
    {"login": "chen", "name": "谌北川", "grants": []},
    {"login": "officer", "name": "档小满", "grants": [{"role": "officer"}]},
    {"login": "reader", "name": "阅立冬", "grants": [{"role": "reader", "scope": {"classes": ["contract"]}}]},
    {"login": "admin", "name": "方管理", "keeps_accounts": True, "grants": [{"role": "administrator"}]},
    {"login": "security", "name": "安保密", "grants": [{"role": "security"}]},
    {"login": "auditor", "name": "申审计", "grants": [{"role": "auditor"}]},
]
"""Lin may everything, Bo of the same office reviews, Chen has joined and may nothing; the others have one role each."""
NEVER_LOOKED_AT = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess")
"""Parts of Chromium's own window that it would load anew for each person: more work than most pages of the door."""
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 800}}


def enrol(world: World, people: list[dict[str, Any]]) -> dict[str, Any]:
    """Accounts with PASSWORD, joined to the case; their ids by sign-in name."""
    told = world.root / "people.json"
    told.write_text(json.dumps([{"password": PASSWORD} | one for one in people]), "utf-8")
    ran = world.run(told, program=(sys.executable, accounts.__file__))
    told.unlink()
    assert ran.status == 0, ran.said
    found: dict[str, Any] = ran.json
    return found


@dataclass(frozen=True, slots=True)
class Filled:
    """A case with the records of two desks of the sample company, and its people."""

    world: World
    people: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Served:
    """A door that is open."""

    world: World
    people: dict[str, Any]
    address: str
    process: subprocess.Popen[bytes]

    def page(self, path: str) -> str:
        """The address of a page of the case."""
        return f"{self.address}/c/{CODE}/{path}"


CODE = "Q001"


@pytest.fixture(scope="session")
def filled_case(tmp_path_factory: pytest.TempPathFactory, opened_case: World) -> Filled:
    """Copied or only looked at, never changed."""

    def filled(folder: Path) -> Filled:
        world = opened_case.copied(folder / "world")
        company = folder / "company"
        writing = [sys.executable, "-m", "examples.sample_company", "--out", str(company)]
        subprocess.run(writing, check=True, capture_output=True, cwd=REPOSITORY)
        world.intake(*(company / desk for desk in DESKS))
        people = enrol(world, PEOPLE)
        with serving(world, people):  # the first door makes its tables
            return Filled(world, people)

    return made_once(tmp_path_factory, "web-filled", filled)


@contextmanager
def serving(world: World, people: dict[str, Any], *options: str) -> Iterator[Served]:
    """The door, open until the end of the block."""
    process = world.start("serve", "--port", "0", *options)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://[^/]+", line.decode()):
                yield Served(world, people, found.group(), process)
                break
        else:
            raise AssertionError(process.stderr.read().decode() if process.stderr else "")
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                kill_all(process.pid)
        process.communicate()


@pytest.fixture(scope="module")
def served(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door to a copy of the case that the tests of one module share."""
    world = filled_case.world.copied(tmp_path_factory.mktemp("served") / "world")
    with serving(world, filled_case.people) as door:
        yield door


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen. It ends with the module: its event loop must not run beside other tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                f"--disable-features={','.join(NEVER_LOOKED_AT)}",
            ],
        )
        yield started
        started.close()


def sign_in(page: Page, door: Served, login: str) -> None:
    """Through the page, as a person does."""
    page.set_default_timeout(60_000)  # a machine that does other things too is slow, not wrong
    page.goto(f"{door.address}/account/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("form[action*='/login/'] button[type=submit]")
    page.wait_for_url(lambda address: "/login/" not in address)


def let_in(page: Page, door: Served, login: str) -> None:
    """Signed in by the form's own request, without drawing its page; the page is still empty."""
    page.set_default_timeout(60_000)  # as in sign_in
    form = f"{door.address}/account/login/"
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.request.get(form).text())
    assert token is not None
    said = {"csrfmiddlewaretoken": token[1], "login": login, "password": PASSWORD}
    answer = page.request.post(form, form=said, headers={"Referer": form}, max_redirects=0)
    assert (answer.status, "/login/" in answer.headers["location"]) == (302, False)


@contextmanager
def signed_in(
    browser: Browser, door: Served, login: str, size: str = "desk", language: str = "zh-CN"
) -> Iterator[Page]:
    """A page of somebody's own browser. A fault on the console fails the test that sees it."""
    context: BrowserContext = browser.new_context(viewport=SIZES[size], locale=language)  # type: ignore[arg-type]
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    try:
        let_in(page, door, login)
        yield page
    finally:
        context.close()
    assert faults == []
