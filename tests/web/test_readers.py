"""Reading processes beside the serving one: they come with a crowd, tell the same, and end with the keys they hold."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import Pipe
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from kedang.entrypoints.web.spreading import CROWDED_TIMES, Spread, only_shows
from tests.web.conftest import Filled, Served, serving, signed_in
from tests.web.keeping_world import send
from tests.world import programs_below

AT_ONCE = 8
WAIT_SECONDS = 60.0
ONCE = re.compile(
    r'csrf\w*" value="[^"]+"|X-CSRFToken": "[^"]+"|&quot;X-CSRFToken&quot;: &quot;[^&]+&quot;|nonce-[\w-]+'
)


@pytest.fixture
def door(filled_case: Filled, request: pytest.FixtureRequest) -> Iterator[Served]:
    """A door of two processes to a case of this test alone."""
    folder = request.getfixturevalue("tmp_path")
    with serving(filled_case.world.copied(folder / "world"), filled_case.people, "--processes", "2") as door:
        yield door


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks without a browser, many times at once."""

    door: Served
    cookies: str

    def request(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> urllib.request.Request:
        """For a page of the case."""
        return urllib.request.Request(self.door.page(path), body, {"Cookie": self.cookies} | (headers or {}))

    def page(self, path: str) -> tuple[int, str]:
        """Status and text, without what is different each time."""
        with urllib.request.urlopen(self.request(path), timeout=60) as answer:
            return answer.status, ONCE.sub("", answer.read().decode())

    def together(self, path: str, times: int) -> list[tuple[int, str]]:
        """The same page by many."""
        with ThreadPoolExecutor(AT_ONCE) as many:
            return list(many.map(self.page, [path] * times))


def asker(page: Page, door: Served) -> Asker:
    """With the session of the browser's page."""
    return Asker(door, "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies()))


def readers(door: Served) -> list[int]:
    """The reading processes of a door."""
    return programs_below(door.process.pid, "reading")


def awaited(true: Callable[[], bool]) -> None:
    """Until something is so."""
    until = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def crowd(asking: Asker) -> int:
    """A crowd comes; the reading process that it brings, when it answers."""
    began = time.monotonic()
    while not readers(asking.door):
        asking.together("archive/", 2 * CROWDED_TIMES)
        assert time.monotonic() - began < WAIT_SECONDS
    (reader,) = readers(asking.door)
    awaited(lambda: rests(reader))  # it has begun, and nobody asks
    assert answers(asking, reader)
    return reader


def rests(process: int) -> bool:
    """Whether a process does next to nothing for a second."""
    before = ticks_of(process)
    time.sleep(1)
    return ticks_of(process) - before <= 2


def ticks_of(process: int) -> int:
    """Time that a process has had of the processors, in hundredths of a second."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def answers(asking: Asker, reader: int) -> bool:
    """Whether requests are handed over: some wait while that process stands still, and none is lost."""
    os.kill(reader, signal.SIGSTOP)
    with ThreadPoolExecutor(AT_ONCE) as many:
        asked = [many.submit(asking.page, "archive/") for _ in range(AT_ONCE)]
        time.sleep(2)
        waiting = [one for one in asked if not one.done()]
        os.kill(reader, signal.SIGCONT)
        assert {one.result()[0] for one in asked} == {200}
    return bool(waiting)


def test_a_crowd_is_answered_by_two_processes_alike(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        for path in ("", "archive/", "", "archive/"):
            page.goto(door.page(path))
        assert readers(door) == []  # one person alone needs no other process
        asking = asker(page, door)
        record = re.findall(r"/records/([0-9a-f]{32})/", asking.page("archive/")[1])[0]
        reader = crowd(asking)
        for path in ("", "archive/", "archive/?sort=title"):
            assert len({text for _, text in asking.together(path, 3 * AT_ONCE)}) == 1, path
        (found,) = set(searched(page, asking, 3 * AT_ONCE))
        assert found
        shown = asking.together(f"records/{record}/?view=text", 3 * AT_ONCE)
        assert {status for status, _ in shown} == {200}
        assert seen(door, record) == len(shown)  # each reading is an event, once
        sees_what_was_changed(page, asking)
        loses_nothing_when_it_dies(asking, reader)
        crowd(asking)
        assert send(page, door, "lock/").status == 302
        assert readers(door) == []  # its keys end with the lock
        assert "/locked/" in urllib.request.urlopen(asking.request("archive/")).geturl()


def searched(page: Page, asking: Asker, times: int) -> list[tuple[str, ...]]:
    """The records that one search finds, asked many times at once."""
    page.goto(asking.door.page("archive/"))
    found = re.search(r'"X-CSRFToken": "([^"]+)"', page.get_attribute("body", "hx-headers") or "")
    assert found is not None
    headers = {"X-CSRFToken": found[1], "HX-Request": "true", "Referer": asking.door.page("")}

    def one(_number: int) -> tuple[str, ...]:
        asked = asking.request("archive/search/", urlencode({"words": "合同"}).encode(), headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return tuple(re.findall(r"/records/([0-9a-f]{32})/", answer.read().decode()))

    with ThreadPoolExecutor(AT_ONCE) as many:
        return list(many.map(one, range(times)))


def seen(door: Served, record: str) -> int:
    """How often the ledger says that the record's page was shown."""
    events = door.world.ask("ledger", "list", "--act", "shown", "--record", record, "--limit", "1000")
    return sum(one["facts"].get("screen") == "record" for one in events)


def sees_what_was_changed(page: Page, asking: Asker) -> None:
    """A view that is kept at a page stands on the next list, whoever makes it."""
    kept = send(page, asking.door, "archive/views/", name="待核的合同", choice="class=contract")
    assert kept.status in (200, 302)
    lists = [text for _, text in asking.together("archive/", 3 * AT_ONCE)]
    assert [text for text in lists if "待核的合同" not in text] == []


def loses_nothing_when_it_dies(asking: Asker, reader: int) -> None:
    """In the middle of requests; those that it had are answered by the serving process."""
    with ThreadPoolExecutor(1) as other:
        asked = other.submit(asking.together, "archive/", 8 * AT_ONCE)
        time.sleep(0.2)
        os.kill(reader, signal.SIGKILL)
        assert {status for status, _ in asked.result()} == {200}
    awaited(lambda: reader not in readers(asking.door))


def test_they_end_with_the_serving_process_however_it_ends(door: Served, browser: Browser) -> None:
    with signed_in(browser, door, "lin") as page:
        reader = crowd(asker(page, door))
        door.process.kill()
        door.process.wait()
        awaited(lambda: not Path(f"/proc/{reader}").exists())


class StandsStill:
    """A reading process that takes requests and never answers."""

    def __init__(self) -> None:
        self.near, self.far = Pipe()
        self.ended = False

    def another(self) -> None:
        raise AssertionError

    @contextmanager
    def asking(self, here: int) -> Iterator[Any]:
        assert here == 0
        try:
            yield self.near
        except EOFError:
            self.ended = True
            raise


def test_whoever_stands_still_is_ended_and_the_page_made_here() -> None:
    others, words = StandsStill(), b"words=x"
    spread = Spread(lambda said, _: [said["wsgi.input"].read()], others, lambda: (0, 0), patience=0.1)
    said = {"REQUEST_METHOD": "POST", "PATH_INFO": "/c/Q001/archive/search/", "CONTENT_LENGTH": "7"}
    assert spread(said | {"wsgi.input": BytesIO(words)}, lambda *_: None) == [words]
    assert others.ended


@pytest.mark.parametrize(
    ("method", "path", "length", "shows"),
    [
        ("GET", "/c/Q001/", "", True),
        ("GET", "/c/Q001/archive/", "", True),
        ("GET", f"/c/Q001/records/{'a' * 32}/", "", True),
        ("POST", "/c/Q001/archive/search/", "40", True),
        ("POST", "/c/Q001/archive/search/", "40000000", False),
        ("POST", "/c/Q001/archive/search/", "", False),
        ("POST", "/c/Q001/archive/", "40", False),
        ("POST", "/c/Q001/archive/done/", "40", False),
        ("GET", f"/c/Q001/records/{'a' * 32}/original/", "", False),
        ("GET", "/c/Q001/keeping/keys/", "", False),
        ("GET", "/first/", "", False),
        ("GET", "/account/login/", "", False),
    ],
)
def test_only_what_shows_something_is_handed_over(method: str, path: str, length: str, shows: bool) -> None:
    said = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_LENGTH": length}
    assert only_shows(said) is shows
