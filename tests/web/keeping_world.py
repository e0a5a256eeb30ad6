"""A served case with a registered copy, as the tests of keeping, keys, ledger and disposition each begin with."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page

from tests.web.conftest import PASSWORD, Filled, Served, serving, signed_in

WAIT_SECONDS = 60.0


@pytest.fixture(scope="module")
def kept(filled_case: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door that looks every second for what is due, to a case of its own with one copy that is complete."""
    world = filled_case.world.copied(tmp_path_factory.mktemp("kept") / "world")
    world = replace(world, environment={"KEDANG_SCHEDULE_SECONDS": "1"})
    world.ask("copies", "add", world.root / "copy", "--name", "移动硬盘一")
    world.ask("backup")
    with serving(world, filled_case.people) as door:
        yield door


@contextmanager
def lin(browser: Browser, door: Served, size: str = "desk") -> Iterator[Page]:
    """The liquidator's page."""
    with signed_in(browser, door, "lin", size) as page:
        yield page


def token(page: Page, door: Served) -> str:
    """What a form of hers must carry."""
    page.goto(door.page("keeping/"))
    headers: dict[str, str] = json.loads(page.get_attribute("body", "hx-headers") or "{}")
    return headers["X-CSRFToken"]


def send(page: Page, door: Served, path: str, /, **fields: str) -> APIResponse:
    """A form sent as her browser would, with her password."""
    form: dict[str, Any] = {"csrfmiddlewaretoken": token(page, door), "again": PASSWORD} | fields
    return page.request.post(door.page(path), form=form, headers={"Referer": door.page("")}, max_redirects=0)


def job_of(answer: APIResponse) -> str:
    """The job that a form has led to."""
    found = re.search(r"/jobs/([0-9a-f]{32})/", answer.headers.get("location", ""))
    assert found is not None, f"{answer.status} {answer.headers.get('location')} {answer.text()[:300]}"
    return found[1]


def ended(page: Page, door: Served, job: str) -> str:
    """The state in which a job ended."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        text = page.request.get(door.page(f"jobs/{job}/part/")).text()
        if "hx-get" not in text:
            return text
        time.sleep(0.2)
    raise AssertionError("the job did not end")


def quiet(door: Served) -> None:
    """Wait until no work is under way, so that nothing is refused because of it."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if (
            door.world.rows("select count(*) from holdings_job where state in ('waiting', 'running')")[0][0]
            == 0
        ):
            return
        time.sleep(0.2)
    raise AssertionError("work did not end")


def carried_out(page: Page, door: Served, path: str, /, **fields: str) -> str:
    """A form whose job was waited for; what is said of it."""
    quiet(door)
    return ended(page, door, job_of(send(page, door, path, **fields)))


def packs(door: Served) -> list[Path]:
    """The packs of the home."""
    return door.world.objects("packs")


def events(door: Served) -> list[dict[str, Any]]:
    """The ledger."""
    found: list[dict[str, Any]] = door.world.ask("ledger", "list")
    return found
