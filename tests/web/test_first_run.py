"""The first set-up in the browser: the first person, the first case, the demonstration."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.web.conftest import Served
from tests.web.doors import OWN, browsing, followed, token_of
from tests.world import World, kill_all


def test_an_empty_installation_is_set_up_in_the_browser(tmp_path: Path, browser: Browser) -> None:
    world = World(tmp_path / "world")
    process = world.start("serve", "--port", "0")
    try:
        assert process.stdout is not None
        said = ""
        while "/first/#" not in said:
            said += process.stdout.readline().decode()
        first = re.search(r"(http://\S+?)/first/#(\S+)", said)
        assert first is not None
        door = Served(world, {}, first.group(1), process)
        with browsing(browser, accept_downloads=True) as page:
            page.goto(door.address)
            assert "kedang serve" in page.inner_text("main")
            wrong = page.goto(f"{door.address}/first/#wrong")
            assert wrong is not None
            fill_first_person(page)
            assert "KD-H318" in page.inner_text("main")
            page.goto("about:blank")
            page.goto(first.group())
            assert "#" not in page.url
            fill_first_person(page, "too short")
            assert "KD-H315" in page.inner_text("main")
            fill_first_person(page)
            page.wait_for_url(lambda address: address.endswith("/found/"))
            found_a_case(page)
            try_the_demo(page, door)
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            kill_all(process.pid)
            process.communicate()


def fill_first_person(page: Page, password: str = OWN) -> None:
    for name, value in (("name", "清算人"), ("login", "boss"), ("password", password), ("again", password)):
        page.fill(f"#{name}", value)
    followed(page, "text=建立账号并继续")


def found_a_case(page: Page) -> None:
    page.fill("#name", "青禾科技有限公司")
    page.fill("#passphrase", "一串很长的口令 12345")
    page.fill("#again", "一串很长的口令 12345")
    page.click("button:has-text('建立全宗')")
    page.wait_for_url(lambda address: address.endswith("/shares/"))
    with page.expect_download() as download:
        page.click("text=下载并打印份额卡")
    assert download.value.suggested_filename == "shares-Q001.pdf"
    for box in page.query_selector_all("input[type=checkbox]"):
        box.check()
    page.click("text=都已保存")
    page.wait_for_url(lambda address: address.endswith("/done/"))
    gone = page.request.get(page.url.replace("/done/", "/shares/"))
    assert gone.status == 404


def try_the_demo(page: Page, door: Served) -> None:
    page.goto(f"{door.address}/found/")
    page.click("button:has-text('打开演示全宗')")
    page.wait_for_url(lambda address: "/c/Y001/" in address)
    asked: dict[str, Any] = {"typed": "Y001", "csrfmiddlewaretoken": token_of(page)}
    for _ in range(120):  # until what was begun to be taken in is in
        answer = page.request.post(
            f"{door.address}/c/Y001/settings/cases/discard/",
            form=asked,
            headers={"Referer": door.address},
        )
        if "KD-H304" not in answer.text():
            break
        time.sleep(0.5)
    assert answer.ok, answer.text()
    assert page.request.get(f"{door.address}/c/Y001/settings/").status == 404
    assert page.request.get(f"{door.address}/c/Q001/settings/").ok
    assert len(list(door.world.keys.glob("*.keysheet"))) == 1
