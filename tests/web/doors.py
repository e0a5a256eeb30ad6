"""Doors to a case without records, for tests of signing in and of settings: they open in two seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.web.conftest import PASSWORD, PEOPLE, SIZES, Served, enrol, serving
from tests.world import World

OWN = "四个 不相干 的词语 2026"


@contextmanager
def empty_door(
    opened: World, folder: Path, people: Any = PEOPLE, port: int = 0, **environment: str
) -> Iterator[Served]:
    """A door to a copy of a case in which nothing has been taken in."""
    world = opened.copied(folder / "world")
    known = enrol(world, people)
    world.environment.update(environment)
    with serving(world, known, *(() if port == 0 else ("--port", str(port)))) as door:
        yield door


@contextmanager
def browsing(browser: Browser, size: str = "desk", **options: Any) -> Iterator[Page]:
    """A browser of somebody who has not signed in."""
    context = browser.new_context(viewport=SIZES[size], locale="zh-CN", **options)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.set_default_timeout(60_000)  # a machine that does other things too is slow, not wrong
        yield page
    finally:
        context.close()


def followed(page: Page, place: str) -> None:
    """Click on what leads to another page, and be there. Waiting for a load state alone may end on the page before."""
    with page.expect_navigation():
        page.click(place)


def type_in(page: Page, door: Served, login: str, password: str = PASSWORD) -> None:
    """Fill in the form of signing in and send it, whatever comes of it."""
    page.goto(f"{door.address}/account/login/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", password)
    followed(page, "form[action*='/login/'] button[type=submit]")


def token_of(page: Page) -> str:
    """The token that forms of this page carry."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content())
    assert found is not None
    return found.group(1)
